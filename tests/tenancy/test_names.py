"""Account names: two that read alike cannot both exist, and none reads like the portal."""

from __future__ import annotations

import itertools

import pytest

from portal.tenancy.errors import NameRefused
from portal.tenancy.names import RESERVED, check_name
from portal.tenancy.services import create_tenant

NAMES = [
    "Northwind",
    "Paypal",
    "Globex Corp",
    "Acme Services",
    "Willow Clinic",
    "Mercury Modern",
    "Soylent",
    "Contoso",
    "Fabrikam Ltd",
    "Tailspin Toys",
    "Wide World",
    "Adventure Cycle",
    "Proseware",
    "Coho Winery",
    "Initech",
]
# What a look-alike is made with: letters of other scripts, digits, ligatures, blanks, cases.
SWAPS = [
    ("o", "0"),
    ("o", "\u043e"),
    ("o", "\u03bf"),
    ("a", "\u0430"),
    ("e", "\u0435"),
    ("c", "\u0441"),
    ("p", "\u0440"),
    ("l", "1"),
    ("l", "I"),
    ("i", "l"),
    ("i", "\u0456"),
    ("w", "vv"),
    ("m", "rn"),
    ("s", "5"),
    ("d", "cl"),
    ("n", "n\u200b"),
    ("r", "r\u00ad"),
    ("t", "\uff54"),
    ("y", "\u0443"),
    (" ", "-"),
    (" ", ""),
    (" ", "  "),
    ("e", "\u00e9"),
]


def look_alikes() -> list[tuple[str, str]]:
    pairs = []
    for name, (plain, other) in itertools.product(NAMES, SWAPS):
        lower = name.lower()
        for at, letter in enumerate(lower):
            if letter == plain or lower.startswith(plain, at):
                pairs.append((name, name[:at] + other + name[at + len(plain) :]))
    return [(name, made) for name, made in pairs if made.lower() != name.lower()]


def test_no_look_alike_of_a_taken_name_is_accepted(db):
    pairs = look_alikes()
    assert len(pairs) >= 200
    for name in NAMES:
        create_tenant(name=name, by=None)

    accepted = []
    for name, made in pairs:
        try:
            create_tenant(name=made, by=None)
        except NameRefused:
            continue
        accepted.append((name, made))
    assert accepted == []


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_reserved_words_are_refused_in_every_dress(word):
    for dressed in (word, word.upper(), word.replace("o", "0"), word.replace("a", "\u0430"), f" {word} "):
        with pytest.raises(NameRefused):
            check_name(dressed)


@pytest.mark.parametrize(
    "name", ["", " ", "a", "!!", "日本", "\u202eadmin", "x\u3164y", "con\u200dtoso", "x" * 0]
)
def test_unusable_names_are_refused(name):
    with pytest.raises(NameRefused):
        check_name(name)


def test_every_top_level_route_is_reserved():
    from django.urls import get_resolver

    firsts = {str(entry.pattern).split("/")[0] for entry in get_resolver().url_patterns}
    firsts |= {"sandbox", "live", "oauth2", "static"}
    assert {one for one in firsts if one and "<" not in one} <= RESERVED
