"""Encryption at rest: what the database holds, rotation, and what a lost key says."""

from __future__ import annotations

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from portal.crypto import WrongKey, seal, unseal
from portal.tenancy.factors.models import Authenticator


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM tenancy_authenticator ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_a_text_comes_back_and_hides(settings):
    settings.PORTAL_ENCRYPTION_KEYS = ["first"]
    sealed = seal("naïve ünïcode")

    assert unseal(sealed) == "naïve ünïcode"
    assert "naïve" not in sealed
    assert sealed != seal("naïve ünïcode")


def test_an_old_key_reads_and_a_lost_one_says_what_to_do(settings):
    settings.PORTAL_ENCRYPTION_KEYS = ["old"]
    sealed = seal("x")
    settings.PORTAL_ENCRYPTION_KEYS = ["new", "old"]
    assert unseal(sealed) == "x"
    settings.PORTAL_ENCRYPTION_KEYS = ["new"]
    with pytest.raises(WrongKey, match="PORTAL_ENCRYPTION_KEYS"):
        unseal(sealed)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s[:-4],
        lambda s: s[:60] + ("A" if s[60] != "A" else "B") + s[61:],
        lambda s: "v2" + s[2:],
        lambda s: "",
        lambda s: "plain",
    ],
)
def test_a_changed_text_is_refused(spoil):
    with pytest.raises(WrongKey):
        unseal(spoil(seal("x")))


def test_a_text_may_be_good_for_a_while_only():
    with time_machine.travel("2026-03-02T10:00:00Z", tick=False) as clock:
        sealed = seal("x")
        clock.shift(899)
        assert unseal(sealed, seconds=900) == "x"
        clock.shift(3)
        with pytest.raises(WrongKey):
            unseal(sealed, seconds=900)


def test_rotation_moves_every_secret(ada, dev, settings, capsys):
    settings.PORTAL_ENCRYPTION_KEYS = ["old"]
    for person in (ada, dev):
        Authenticator.objects.create(tenant=person.tenant, user=person, secret=f"of {person.pk}")
    before = stored()
    settings.PORTAL_ENCRYPTION_KEYS = ["new", "old"]
    call_command("rotate_encryption_keys")
    assert capsys.readouterr().out == "2 moved to the first key, 0 were there already.\n"
    settings.PORTAL_ENCRYPTION_KEYS = ["new"]

    assert [one.secret for one in Authenticator.objects.order_by("pk")] == [f"of {ada.pk}", f"of {dev.pk}"]
    assert not set(before) & set(stored())
    call_command("rotate_encryption_keys")
    assert capsys.readouterr().out == "0 moved to the first key, 2 were there already.\n"


def test_rotation_without_the_old_key_changes_nothing(ada, settings):
    settings.PORTAL_ENCRYPTION_KEYS = ["old"]
    Authenticator.objects.create(tenant=ada.tenant, user=ada, secret="s")
    before = stored()
    settings.PORTAL_ENCRYPTION_KEYS = ["new"]
    with pytest.raises(CommandError, match="PORTAL_ENCRYPTION_KEYS"):
        call_command("rotate_encryption_keys")

    assert stored() == before
