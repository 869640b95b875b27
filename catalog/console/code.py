"""The call that is being typed, in every language of the samples. A credential is a variable's name."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from catalog.console.errors import Malformed, TooMuch
from catalog.openapi.languages import Auth, Part, SampleCall
from catalog.openapi.samples import samples

LONGEST = 100_000  # characters of a body; it is sent back in every language
METHODS = frozenset("GET PUT POST DELETE OPTIONS HEAD PATCH TRACE".split())


def code_of(given: Any) -> dict[str, str]:
    """{language: code}. `given`: {method, url, headers: [[n, v]], body, auth: [[header, prefix, variable]]}.

    For a form with files also parts: [[name, value, is_file]], and for a file as the body its name in `file`.
    """
    try:
        call = SampleCall(
            method=_of(METHODS, given["method"]),
            url=_address(str(given["url"])),
            headers={_line(name): _line(value) for name, value in given["headers"]},
            body=None if given.get("body") is None else str(given["body"]),
            auth=tuple(Auth(_line(h), _line(p), _variable(v)) for h, p, v in given.get("auth") or []),
            parts=tuple(Part(str(n), str(v), is_file is True) for n, v, is_file in given.get("parts") or []),
            file=_line(given.get("file") or ""),
        )
    except (KeyError, TypeError, ValueError):
        raise Malformed("The request could not be read.") from None
    if len(call.body or "") > LONGEST:
        raise TooMuch("The body is too long to stand in a sample.")
    return {one.slug: one.code for one in samples(call)}


def _of(known: frozenset[str], word: Any) -> str:
    if word not in known:
        raise ValueError
    return str(word)


def _address(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError
    return url


def _variable(name: Any) -> str:
    if not (isinstance(name, str) and name.isascii() and name.isidentifier() and name.isupper()):
        raise ValueError
    return name


def _line(text: Any) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in str(text))[:2000]
