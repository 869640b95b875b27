"""Secrets that people paste into a question, known by how they begin."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    pattern: re.Pattern[str]  # group 1 stays, what follows is masked
    advice: str


_NEW_CREDENTIALS = "It has left your hands now: generate new credentials for that app."
KINDS = (
    Kind("a Client Secret", re.compile(r"\b(wdps_(?:[a-z]+_)?)[0-9A-Za-z]{6,}"), _NEW_CREDENTIALS),
    Kind("an access token", re.compile(r"\b(wdpt_)[0-9A-Za-z]{6,}"), "It ends within the hour by itself."),
    Kind(
        "a private key",
        re.compile(
            r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)(?!\*\*\*)[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
        ),
        "Replace that key where it is used.",
    ),
    Kind(
        "the credentials of an Authorization header",
        re.compile(
            r"\b((?i:bearer|basic)\s+)(?!\*\*\*)(?=[A-Za-z0-9._~+/=-]*[0-9A-Z._+/=])[A-Za-z0-9._~+/=-]{12,}"
        ),
        "Replace them where they are used.",
    ),
    Kind(
        "a signed token",
        re.compile(r"\b(eyJ)[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),
        "End the session it belongs to.",
    ),
    Kind("a cloud access key", re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"), "Replace it where it is used."),
    Kind(
        "a personal token of a code host",
        re.compile(r"\b(gh[pousr]_|github_pat_|glpat-)[0-9A-Za-z_-]{16,}"),
        "Replace it where it is used.",
    ),
)


def found_in(text: str) -> list[Kind]:
    return [kind for kind in KINDS if kind.pattern.search(text)]


def masked(text: str) -> str:
    for kind in KINDS:
        text = kind.pattern.sub(r"\1***", text)
    return text
