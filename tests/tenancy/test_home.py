"""The home page: steps that tick themselves, what needs somebody, and figures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.tenancy import homepage


def ticks(person):
    return {tick.step.name: tick.is_done for tick in homepage.checklist(person, person.tenant)}


def test_a_new_account_has_everything_before_it(client, ada, workforce):
    assert ticks(ada) == dict.fromkeys(
        ["first-app", "first-token", "first-call", "second-admin", "integration"], False
    )
    client.force_login(ada)
    assert client.get("/").content.decode().count("To do:") == 5


def test_steps_tick_themselves_from_facts(ada, gateway, token_for, workforce):
    from portal.tenancy.invitations import invite
    from usage.roll_up import roll_up

    token = token_for(ada)
    gateway("POST", "/sandbox/workforce/v1/search/employees", token=token, body={})
    roll_up()
    invite(tenant=ada.tenant, email="second@northwind.example", role="admin", by=ada)

    assert [name for name, done in ticks(ada).items() if not done] == ["integration"]


def test_the_list_goes_away_when_all_is_done(client, ada, monkeypatch):
    from dataclasses import replace

    done = {name: replace(one, done=lambda tenant: True) for name, one in homepage._steps.items()}
    monkeypatch.setattr(homepage, "_steps", done)
    client.force_login(ada)

    assert "Getting started" not in client.get("/").content.decode()


def test_a_viewer_is_told_who_can_do_it(client, vic, workforce):
    client.force_login(vic)
    page = client.get("/").content.decode()

    assert "Developers of your account can do this." in page
    assert "/apps/create/" not in page


@pytest.mark.parametrize("person", ["ada", "dev"])
def test_ending_invitations_are_told_to_admins_only(client, request, ada, person):
    from portal.tenancy.invitations import invite
    from portal.tenancy.models import Invitation

    invite(tenant=ada.tenant, email="late@northwind.example", role="viewer", by=ada)
    Invitation.objects.update(expires=timezone.now() + timedelta(hours=30))
    client.force_login(request.getfixturevalue(person))
    page = client.get("/").content.decode()

    assert ("within two days" in page) is (person == "ada")


def test_another_tenant_s_facts_do_not_count(ada, mallory, token_for, workforce):
    token_for(mallory)

    assert not any(ticks(ada).values())


def test_a_call_proves_its_app_and_token_when_they_are_gone(ada, gateway, workforce):
    from apps.models import App
    from apps.services import create_app, delete_app
    from tests.conftest import fetch_token
    from usage.roll_up import roll_up

    issued = create_app(name="Short-lived", description="", by=ada)
    gateway("POST", "/sandbox/workforce/v1/search/employees", token=fetch_token(issued), body={})
    roll_up()
    delete_app(app=App.objects.get(), by=ada)

    assert [name for name, done in ticks(ada).items() if not done] == ["second-admin", "integration"]
