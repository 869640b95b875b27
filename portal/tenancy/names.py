"""Account names that cannot be mistaken for one another or for a part of the portal."""

from __future__ import annotations

import unicodedata

from confusable_homoglyphs import confusables
from django.utils.text import slugify

from portal.tenancy.errors import NameRefused

# The top-level routes, and words that would read as the portal itself in a mail or an address.
RESERVED = frozenset(
    """account admin administrator api apps auth billing catalog console dashboard demo-admin docs email
    everyone guest health healthz help home host integrations invite legal live localhost login logout
    mail metrics oauth oauth2 official operator owner portal postmaster public readyz register reset
    root runs sandbox schema search security signin signout signup static status superuser support
    system usage verify webmaster well-known workforce-developer-portal www""".split()
)


def fold(name: str) -> str:
    """The form in which names are compared at sign-in: NFKC, case folded, blanks collapsed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def skeleton(name: str) -> str:
    """The name as the eye reads it: every look-alike replaced by its plain letter, separators dropped."""
    read = "".join(_prototype(letter) for letter in unicodedata.normalize("NFKD", fold(name)))
    kept = "".join(letter for letter in read.casefold() if letter.isalnum())
    # Shapes and pairs that UTS 39's table leaves apart although they read the same in a sans-serif face;
    # shapes first, because a pair can be made of one.
    for shape, plain in (
        ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("rn", "m"), ("vv", "w"), ("cl", "d"),
    ):  # fmt: skip
        kept = kept.replace(shape, plain)
    return kept


def _prototype(letter: str) -> str:
    if letter.isascii():
        return letter
    found = confusables.is_confusable(letter, greedy=True, preferred_aliases=["LATIN"])
    for homoglyph in found[0]["homoglyphs"] if found else ():
        if str(homoglyph["c"]).isascii():
            return str(homoglyph["c"])
    return letter


def check_name(name: str) -> tuple[str, str]:
    """The slug and skeleton of a new account name.

    Raises NameRefused: empty, invisible or control characters, mixed scripts, reserved.
    """
    if any(unicodedata.category(letter)[0] == "C" or letter in "\u115f\u1160\u3164\uffa0" for letter in name):
        raise NameRefused("The account name contains invisible characters. Type it with visible ones only.")
    if confusables.is_mixed_script(unicodedata.normalize("NFKC", name)):
        raise NameRefused("The account name mixes letters of several scripts. Use one script.")
    slug = slugify(fold(name))[:40].strip("-")
    if len(slug) < 2:
        raise NameRefused("The account name needs at least two letters or digits from a to z and 0 to 9.")
    if slug in RESERVED or skeleton(name) in {skeleton(word) for word in RESERVED}:
        raise NameRefused(f"The account name “{name}” is reserved. Choose another one.")
    return slug, skeleton(name)
