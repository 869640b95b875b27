"""The format tells a typo from a wrong secret; the hash keeps no secret."""

from __future__ import annotations

import random

import pytest
from django.contrib.auth.hashers import check_password, identify_hasher
from hypothesis import given
from hypothesis import strategies as st

from apps.secrets import BASE62, digest, hint, is_well_formed, make, verify


@pytest.mark.parametrize("kind", ["secret", "token"])
def test_every_one_character_typo_is_refused(kind):
    dice, made = random.Random(7), make(kind)
    for _ in range(10_000):
        at = dice.randrange(len(made))
        other = dice.choice([letter for letter in BASE62 if letter != made[at]])
        assert not is_well_formed(made[:at] + other + made[at + 1 :], kind)


@given(st.text())
def test_other_text_is_refused(text):
    assert not is_well_formed(text, "secret")
    assert not is_well_formed("wdps_live_" + text, "secret")
    assert not is_well_formed("wdpt_" + text, "token")


def test_two_secrets_differ_and_are_well_formed_of_their_own_kind_only():
    one, two = make("secret"), make("secret")
    assert one != two
    assert (is_well_formed(one, "secret"), is_well_formed(one, "token")) == (True, False)
    assert "$" not in one


def test_digest_is_salted_and_read_by_django():
    secret = make("secret")
    kept = digest(secret)
    assert kept != digest(secret)
    assert secret not in kept
    assert identify_hasher(kept).algorithm == "ssha256"
    assert (verify(secret, kept), verify(make("secret"), kept), verify(secret, "")) == (True, False, False)
    assert check_password(secret, kept)


def test_hint_is_the_end():
    assert hint("wdps_live_abcdWXYZ") == "WXYZ"
