"""Passwords that are long and yet easy to guess; the other rules are Django's own."""

from __future__ import annotations

import re
import unicodedata

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from portal.tenancy.models import User

LONGEST = 1024  # hashing more than this is a way to keep the server busy
SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
)
EASY = "This password is easy to guess: {}. Choose several words that do not belong together."


class NotGuessable:
    """Refuses what a guesser tries first: one piece repeated, runs of keys, a common password with
    padding, the account's or the portal's name with padding."""

    def __init__(self) -> None:
        self.common = CommonPasswordValidator().passwords

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(f"The password is longer than {LONGEST:,} characters.")
        reason = self._reason(unicodedata.normalize("NFKC", password).casefold(), user)
        if reason:
            raise ValidationError(EASY.format(reason))

    def get_help_text(self) -> str:
        return "At least 15 characters. Several words that do not belong together are easy to remember."

    def _reason(self, text: str, user: User | None) -> str:
        if len(set(text)) < 5:
            return "it has too few different characters"
        if re.fullmatch(r"(.{1,8}?)\1+(.{0,7})", text):
            return "it repeats one piece"
        letters = re.sub(r"[\W_]", "", text)
        if len(_without_runs(letters)) < 6:
            return "it is a run of neighbouring keys"
        bare = text.strip("0123456789!?.,-_ #*+$")
        if len(bare) < 15 and (bare in self.common or letters in self.common):
            return "it is a common password with padding"
        if len(_without_words(letters, user)) < 6:
            return "little is left of it without the names of account and portal"
        return ""


def _without_runs(text: str) -> str:
    """The text with every run of four or more neighbouring keys cut to its first one."""
    for keys in (*SEQUENCES, *(keys[::-1] for keys in SEQUENCES)):
        for length in range(min(len(keys), len(text)), 3, -1):
            for start in range(len(keys) - length + 1):
                text = text.replace(keys[start : start + length], keys[start])
    return text


def _without_words(text: str, user: User | None) -> str:
    words = ["workforcedeveloperportal", "workforce", "developer", "portal", "password", "passwort"]
    if user is not None and user.tenant is not None:
        words += [re.sub(r"[\W_]", "", user.tenant.name.casefold()), user.tenant.slug.replace("-", "")]
    for word in words:
        if len(word) > 3:
            text = text.replace(word, "")
    return text
