"""What changes to apps leave behind, and what they never leave behind."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken

from apps import bearer, services, tokens
from apps.errors import CredentialsChanged, NameTaken, ScopeTaken
from apps.models import App, Scope
from apps.queries import apps_of
from apps.secrets import make, verify
from portal.tenancy.models import AuditLine


def audit_actions(tenant, *, beside=()):
    return [line.action for line in AuditLine.objects.of(tenant).order_by("pk") if line.action not in beside]


def dump_database() -> str:
    """Every value of every table."""
    with connection.cursor() as cursor:
        parts = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            parts.append(repr(cursor.fetchall()))
    return "\n".join(parts)


def test_create_app_stores_only_a_digest(ada):
    issued = services.create_app(name="  Pay   roll ", description=" hours ", by=ada)

    app = App.objects.get()
    assert (app.name, app.description, app.tenant, app.created_by) == ("Pay roll", "hours", ada.tenant, ada)
    assert (app.client_id, app.secret_hint) == (issued.client_id, issued.secret[-4:])
    assert verify(issued.secret, app.client_secret)
    dumped = dump_database()
    assert issued.client_id in dumped
    assert issued.secret not in dumped
    assert issued.secret not in repr(issued)
    assert audit_actions(ada.tenant, beside=["tenant.created"]) == ["app.created", "credentials.issued"]


@pytest.mark.parametrize("name", ["payroll", "PAYROLL ", "\uff30ayroll"])
def test_a_name_is_taken_whatever_its_case(issued, ada, name):
    with pytest.raises(NameTaken, match="already have an app"):
        services.create_app(name=name, description="", by=ada)
    assert App.objects.count() == 1


def test_a_name_is_free_in_another_tenant_and_after_deletion(issued, ada, mallory):
    services.create_app(name="Payroll", description="", by=mallory)
    services.delete_app(app=issued.app, by=ada)
    services.create_app(name="Payroll", description="", by=ada)
    assert [app.name for app in apps_of(ada.tenant)] == ["Payroll"]


def test_update_app_records_what_changed_and_refuses_a_taken_name(issued, ada):
    services.create_app(name="Élan", description="", by=ada)
    services.update_app(app=issued.app, name="Payroll 2", description="Exports hours", by=ada)

    line = AuditLine.objects.of(ada.tenant).get(action="app.updated")
    assert line.changes == {"name": ["Payroll", "Payroll 2"]}
    with pytest.raises(NameTaken):
        services.update_app(app=issued.app, name="éLAN", description="", by=ada)
    assert App.objects.get(pk=issued.app.pk).name == "Payroll 2"


def test_update_app_with_nothing_new_writes_nothing(issued, ada):
    before = audit_actions(ada.tenant)
    services.update_app(app=issued.app, name="Payroll", description="Exports hours", by=ada)
    assert audit_actions(ada.tenant) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"client_type": "public"},
        {"authorization_grant_type": "password"},
        {"hash_client_secret": False},
        {"rate_limit": 0},
    ],
)
def test_the_database_refuses_other_kinds_of_clients(issued, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        App.objects.update(**fields)


@pytest.mark.django_db(transaction=True)
def test_regenerate_replaces_both_halves_and_ends_every_token(issued, ada, token_of, valkey):
    token = token_of(issued)
    assert bearer.find(token).epoch == bearer.epoch_of(issued.app.pk) == 1

    fresh = services.regenerate(app=issued.app, epoch=1, by=ada)

    assert fresh.client_id != issued.client_id
    assert fresh.secret != issued.secret
    assert (bearer.find(token), AccessToken.objects.count(), bearer.epoch_of(issued.app.pk)) == (None, 0, 2)
    assert valkey.get(f"stamp:app:{issued.app.pk}") == b"2"
    assert audit_actions(ada.tenant)[-2:] == ["credentials.revoked", "credentials.issued"]
    assert bearer.find(token_of(fresh)).app_id == issued.app.pk


def test_regenerate_refuses_credentials_that_nobody_sees_any_more(issued, ada):
    fresh = services.regenerate(app=issued.app, epoch=1, by=ada)
    with pytest.raises(CredentialsChanged):
        services.regenerate(app=issued.app, epoch=1, by=ada)
    assert App.objects.get().client_id == fresh.client_id


@pytest.mark.django_db(transaction=True)
def test_of_parallel_regenerations_exactly_one_wins(issued, ada, real_database):
    for _ in range(5):
        epoch = App.objects.get().credential_epoch
        start, won, lost = threading.Barrier(6), [], []

        def click(epoch=epoch, start=start, won=won, lost=lost):
            app = App.objects.get()
            start.wait()
            try:
                won.append(services.regenerate(app=app, epoch=epoch, by=ada))
            except CredentialsChanged:
                lost.append(1)
            finally:
                connection.close()

        clicks = [threading.Thread(target=click) for _ in range(6)]
        for thread in clicks:
            thread.start()
        for thread in clicks:
            thread.join()

        app = App.objects.get()
        assert (len(won), len(lost)) == (1, 5)
        assert app.client_id == won[0].client_id
        assert verify(won[0].secret, app.client_secret)


@pytest.mark.django_db(transaction=True)
def test_no_token_outlives_a_regeneration_that_ran_beside_it(issued, ada, oauth, real_database):
    """Clients fetch tokens with the old secret all through the change."""
    stop, fetched = threading.Event(), []

    def fetch():
        try:
            while not stop.is_set():
                answer = oauth("/oauth2/token", issued, grant_type="client_credentials")
                if answer.status == 200:
                    fetched.append(answer.json["access_token"])
        finally:
            connection.close()

    clients = [threading.Thread(target=fetch) for _ in range(3)]
    for thread in clients:
        thread.start()
    while len(fetched) < 20:
        time.sleep(0.01)
    services.regenerate(app=issued.app, epoch=1, by=ada)
    stop.set()
    for thread in clients:
        thread.join()

    assert [token for token in fetched if bearer.find(token)] == []
    assert AccessToken.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_delete_app_wipes_credentials_and_keeps_the_row(issued, ada, token_of, valkey):
    token = token_of(issued)

    services.delete_app(app=issued.app, by=ada)

    app = App.objects.get()
    assert (app.client_secret, app.secret_hint, app.is_usable(None)) == ("", "", False)
    assert issued.client_id not in dump_database()
    assert (bearer.find(token), bearer.epoch_of(app.pk), list(apps_of(ada.tenant))) == (None, None, [])
    assert valkey.get(f"stamp:app:{app.pk}") == b"2"
    assert audit_actions(ada.tenant)[-2:] == ["credentials.revoked", "app.deleted"]
    with pytest.raises(CredentialsChanged):
        services.delete_app(app=app, by=ada)
    with pytest.raises(CredentialsChanged):
        services.regenerate(app=app, epoch=2, by=ada)


def test_a_suspended_tenant_has_no_bearers(issued, token_of, northwind):
    token = token_of(issued)
    assert bearer.find(token).tenant_id == northwind.pk
    northwind.is_active = False
    northwind.save(update_fields=["is_active"])
    assert (bearer.find(token), bearer.epoch_of(issued.app.pk)) == (None, None)


def test_find_takes_one_query_and_none_for_a_malformed_token(issued, token_of, django_assert_num_queries):
    token = token_of(issued, scope="people.read")
    App.objects.update(rate_limit=30)
    with django_assert_num_queries(1):
        found = bearer.find(token)
    assert (found.scopes, found.rate_limit) == (frozenset({"people.read"}), 30)
    with django_assert_num_queries(0):
        assert bearer.find(token[:-1] + ("a" if token[-1] != "a" else "b")) is None
    assert bearer.find(make("token")) is None


def test_publish_scopes_replaces_those_of_the_api_and_leaves_others(db):
    services.publish_scopes(api="one", scopes={"a.read": "old", "a.write": "w"})
    services.publish_scopes(api="two", scopes={"b.read": "b"})
    services.publish_scopes(api="one", scopes={"a.read": "new"})
    assert list(Scope.objects.filter(api__in=["one", "two"]).values_list("name", "description", "api")) == [
        ("a.read", "new", "one"),
        ("b.read", "b", "two"),
    ]
    with pytest.raises(ScopeTaken, match=r"a\.read"):
        services.publish_scopes(api="two", scopes={"a.read": "mine"})


def test_apps_are_found_by_any_spelling(issued, ada):
    services.create_app(name="Élan", description="Roster import", by=ada)
    found = {text: {app.name for app in apps_of(ada.tenant, search=text)} for text in ("éLAN", "roster", "z")}
    assert found == {"éLAN": {"Élan"}, "roster": {"Élan"}, "z": set()}
    assert apps_of(ada.tenant, search=" ").count() == 2
    assert [app.name for app in apps_of(ada.tenant, search=issued.app.public_id)] == ["Payroll"]


def test_expired_tokens_are_swept(issued, token_of):
    old, living = token_of(issued), token_of(issued)
    AccessToken.objects.filter(token_checksum=tokens.checksum(old)).update(expires=timezone.now())
    assert (tokens.delete_expired(), bearer.find(living) is not None) == (1, True)
    assert AccessToken.objects.count() == 1
