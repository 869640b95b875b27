"""Which passwords are refused, and why."""

from __future__ import annotations

import time
import unicodedata

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from portal.tenancy.models import User
from portal.tenancy.passwords import NotGuessable

GOOD = [
    "correct horse battery staple",
    "nine purple kettles sing",
    "xK9#mQ2$vL7@pR4!",
    "Donaudampfschifffahrt",
    "пятнадцать зелёных чашек",
    "a " * 3 + "long walk by the sea",
    "z" + "qwm ruthbdo ylvxn" * 3 + "!",
    "the portal of northern lakes",
]
BAD = [
    ("fourteen chars", "at least 15 characters"),
    ("aaaaaaaaaaaaaaaaaaaa", "too few different"),
    ("abcabcabcabcabcabc", "too few different"),
    ("hunter2hunter2hunter2", "repeats one piece"),
    ("12345678901234567890", "entirely numeric|run of neighbouring|repeats"),
    ("qwertyuiopasdfghjkl", "run of neighbouring keys"),
    ("abcdefghijklmnopqrstuvwxyz", "run of neighbouring keys"),
    ("password1234567890", "common password|names of account|run of neigh"),
    ("iloveyou!!!!!!!!!!!!!", "common password with padding"),
    ("ＩＬＯＶＥＹＯＵ!!!!!!!!!!!!!", "common password with padding"),
    ("NorthwindPortal2026", "names of account and portal"),
    ("Workforce-Developer-Portal", "names of account and portal"),
    ("ada@northwind.example", "too similar to the e-mail"),
    ("x" * 1025, "longer than 1,024"),
]


@pytest.mark.parametrize("password", GOOD)
def test_good_passwords_are_taken(ada, password):
    validate_password(password, ada)


@pytest.mark.parametrize(("password", "reason"), BAD)
def test_bad_passwords_are_refused_with_the_reason(ada, password, reason):
    with pytest.raises(ValidationError, match=f"(?i){reason}"):
        validate_password(password, ada)


@pytest.mark.parametrize("password", ["a" * 1_000_000, "ab" * 500_000, "x1" * 512, "abcd" * 256])
def test_a_huge_password_costs_nothing(ada, password):
    begun = time.perf_counter()
    with pytest.raises(ValidationError):
        NotGuessable().validate(password, ada)

    assert time.perf_counter() - begun < 0.25  # mostly reading the list of common ones


def test_two_keyboards_make_one_password(db):
    composed, apart = unicodedata.normalize("NFC", "Zoë läuft über Brücken"), "Zoë läuft über Brücken"
    apart = unicodedata.normalize("NFD", apart)
    person = User()
    person.set_password(apart)

    assert composed != apart
    assert person.check_password(composed)
