"""The console's own client, and tokens for people."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from oauth2_provider.models import AccessToken

from apps import bearer
from apps.console import LIFETIME, issue_token, sandbox_client, scopes_of
from apps.errors import ScopeRefused
from apps.models import App
from apps.services import create_app
from portal.tenancy.models import AuditLine
from portal.tenancy.people import remove


def actions(tenant):
    return list(AuditLine.objects.of(tenant).order_by("pk").values_list("action", flat=True))


def test_a_person_has_one_client_and_nobody_knows_a_secret(dev, ada):
    client = sandbox_client(by=dev)

    assert sandbox_client(by=dev).pk == client.pk != sandbox_client(by=ada).pk
    assert (client.console_of, client.client_secret, client.secret_hint) == (dev, "", "")
    assert actions(dev.tenant)[-2:] == ["app.created", "app.created"]


def test_the_database_keeps_it_so(dev):
    client = sandbox_client(by=dev)

    with pytest.raises(IntegrityError, match=r"secret"):
        App.objects.filter(pk=client.pk).update(client_secret="x")


def test_a_token_is_short_lived_and_the_deed_is_written_down(dev, workforce):
    app = create_app(name="Payroll", description="", by=dev).app
    token = issue_token(app=app, scopes=None, by=dev)
    found = bearer.find(token.value)

    assert (token.seconds, set(token.scopes)) == (LIFETIME, set(scopes_of(app)))
    assert (found.app_id, found.tenant_id, found.scopes) == (app.pk, dev.tenant_id, frozenset(token.scopes))
    assert actions(dev.tenant)[-1] == "token.issued"
    assert token.value not in repr(token)
    assert not AccessToken.objects.filter(token=token.value).exists()


def test_a_token_has_the_scopes_that_were_asked_for_and_no_others(dev, workforce):
    app = create_app(name="Payroll", description="", by=dev).app
    App.objects.filter(pk=app.pk).update(scope="workforce.employees.read")
    app.refresh_from_db()

    assert issue_token(app=app, scopes=None, by=dev).scopes == ["workforce.employees.read"]
    with pytest.raises(ScopeRefused, match=r"workforce\.employees\.write"):
        issue_token(app=app, scopes=["workforce.employees.write"], by=dev)


def test_with_the_person_their_client_and_its_tokens_end(dev, ada, workforce):
    client = sandbox_client(by=dev)
    token = issue_token(app=client, scopes=None, by=dev)
    remove(person=dev, heir=None, by=ada)
    client.refresh_from_db()

    assert client.deleted_at is not None
    assert bearer.find(token.value) is None


def test_it_cannot_be_given_a_secret(client, dev):
    mine = sandbox_client(by=dev)
    client.force_login(dev)

    assert client.post(f"/apps/{mine.public_id}/regenerate/", {"epoch": 1}).status_code == 404
    page = client.get(f"/apps/{mine.public_id}/edit/").content.decode()
    assert "It has no secret" in page
    assert "Generate new credentials" not in page
