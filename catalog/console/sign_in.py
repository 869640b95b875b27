"""The ways an operation lets callers in, as its document says; each of them needs one or more credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Scheme:
    """One credential. `kind`: token, key or basic. `place` and `key` say where a key goes."""

    name: str
    kind: str
    label: str
    hint: str
    place: str = "header"
    key: str = "Authorization"
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    title: str
    schemes: list[Scheme]


TOKEN = Scheme("", "token", "Access token", "The sandbox asks every caller for one.")
PLACES = {"header": "Header", "cookie": "Cookie", "query": "Query parameter"}


def ways(security: Any, known: dict[str, Any]) -> list[Way]:
    """Any one of them is enough. Where the document asks for nothing, a token: the gateway always does."""
    found = []
    for alternative in security or []:
        schemes = [
            _scheme(name, known.get(name) or {}, scopes)
            for name, scopes in alternative.items()
            if name in known
        ]
        if schemes:
            found.append(Way(" and ".join(one.label for one in schemes), schemes))
    return list({one.title: one for one in found}.values()) or [Way(TOKEN.label, [TOKEN])]


def _scheme(name: str, scheme: dict[str, Any], scopes: list[str]) -> Scheme:
    hint = " ".join(str(scheme.get("description") or "").split())[:300]
    kind, how = scheme.get("type"), str(scheme.get("scheme", "")).lower()
    if kind == "apiKey":
        place, key = str(scheme.get("in")), str(scheme.get("name"))
        return Scheme(name, "key", f"{PLACES.get(place, 'Key')} {key}", hint, place, key)
    if kind == "http" and how == "basic":
        return Scheme(name, "basic", "User name and password", hint)
    return Scheme(name, "token", "Access token", hint, scopes=tuple(map(str, scopes or ())))
