"""Changes to apps and their credentials."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from oauth2_provider.models import AccessToken

from apps import api_sessions, tokens
from apps.errors import CredentialsChanged, NameTaken, ScopeTaken
from apps.models import App, Scope
from apps.secrets import digest, hint, make, make_client_id, make_public_id
from portal import stamps
from portal.tenancy import audit
from portal.tenancy.models import User
from portal.tenancy.names import fold


@dataclass(frozen=True, slots=True)
class Issued:
    """New credentials. The secret exists here and in the one answer that shows it."""

    app: App
    client_id: str
    secret: str = field(repr=False)


def create_app(*, name: str, description: str, by: User) -> Issued:
    """Raises NameTaken."""
    assert by.tenant is not None, "an operator has no apps"
    name = " ".join(name.split())
    secret, pair = _new_pair()
    app = App(
        tenant=by.tenant,
        public_id=make_public_id(),
        name=name,
        folded_name=fold(name),
        description=description.strip(),
        client_type=App.CLIENT_CONFIDENTIAL,
        authorization_grant_type=App.GRANT_CLIENT_CREDENTIALS,
        created_by=by,
        **pair,
    )
    with _name_settled_by_constraint(name), transaction.atomic():
        app.save(force_insert=True)
        audit.record("app.created", target=app, by=by, tenant=app.tenant, changes={"name": ["", name]})
        audit.record("credentials.issued", target=app, by=by, tenant=app.tenant)
    return Issued(app, app.client_id, secret)


def update_app(*, app: App, name: str, description: str, by: User) -> None:
    """Raises NameTaken."""
    given = {"name": " ".join(name.split()), "description": description.strip()}
    changes = {key: [getattr(app, key), value] for key, value in given.items() if getattr(app, key) != value}
    if not changes:
        return
    for key, value in given.items():
        setattr(app, key, value)
    app.folded_name = fold(app.name)
    with _name_settled_by_constraint(app.name), transaction.atomic():
        app.save(update_fields=[*changes, "folded_name", "updated"])
        audit.record("app.updated", target=app, by=by, tenant=app.tenant, changes=changes)


@transaction.atomic
def regenerate(*, app: App, epoch: int, by: User) -> Issued:
    """A new client id and secret; the old ones and their tokens end with the transaction.

    `epoch` is the credential_epoch that the person saw. Of parallel calls exactly one wins; the others
    raise CredentialsChanged.
    """
    secret, pair = _new_pair()
    _settle(app, epoch, **pair)
    audit.record("credentials.revoked", target=app, by=by, tenant=app.tenant)
    audit.record("credentials.issued", target=app, by=by, tenant=app.tenant)
    return Issued(app, app.client_id, secret)


@transaction.atomic
def delete_app(*, app: App, by: User) -> None:
    """Ends the app and its credentials; its row and its usage stay. Twice is an error: CredentialsChanged."""
    end_app(app)
    audit.record("credentials.revoked", target=app, by=by, tenant=app.tenant)
    audit.record("app.deleted", target=app, by=by, tenant=app.tenant)


def end_app(app: App) -> None:
    """Inside the caller's transaction; raises CredentialsChanged when it has ended already."""
    gone = {"client_id": f"deleted-{app.pk}", "client_secret": "", "secret_hint": ""}
    _settle(app, None, deleted_at=timezone.now(), **gone)


@transaction.atomic
def revoke_token(*, app_id: int, token: str) -> bool:
    """The client gives one of its own tokens back; False when it is not the app's.

    Not in the audit log, as issuing is not: client programs do both all day, and the log tells of people.
    """
    if not AccessToken.objects.filter(token_checksum=tokens.checksum(token), application_id=app_id).exists():
        return False
    # The app's row first, as everywhere: the other order could deadlock with a regeneration.
    App.objects.filter(pk=app_id).update(revocations=F("revocations") + 1)
    tokens.delete_one(token, app_id=app_id)
    _publish(App.objects.get(pk=app_id))
    return True


@transaction.atomic
def end_session(*, app_id: int, session: str) -> bool:
    """The client signs out; False when the session is not the app's."""
    App.objects.filter(pk=app_id).update(revocations=F("revocations") + 1)  # first, as everywhere
    ended = api_sessions.delete_one(session, app_id=app_id)
    _publish(App.objects.get(pk=app_id))
    return ended


@transaction.atomic
def publish_scopes(*, api: str, scopes: dict[str, str]) -> None:
    """Makes `scopes` (name: description) the published ones of `api`; the ones it had besides go.

    Raises ScopeTaken when another API has one of the names: a token for one would open the other.
    """
    taken = Scope.objects.filter(name__in=scopes).exclude(api=api).first()
    if taken:
        raise ScopeTaken(f"The scope “{taken.name}” belongs to the API “{taken.api}”. Use another name.")
    Scope.objects.filter(api=api).exclude(name__in=scopes).delete()
    Scope.objects.bulk_create(
        [Scope(name=name, description=text, api=api) for name, text in scopes.items()],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["description"],
    )


def _new_pair() -> tuple[str, dict[str, Any]]:
    secret = make("secret")
    kept = {"client_secret": digest(secret), "secret_hint": hint(secret)}
    return secret, {"client_id": make_client_id(), "issued_at": timezone.now(), **kept}


def _settle(app: App, epoch: int | None, **fields: Any) -> None:
    """Writes `fields` and ends every token, unless another call was first."""
    living = App.objects.living().filter(pk=app.pk)
    if epoch is not None:
        living = living.filter(credential_epoch=epoch)
    if not living.update(credential_epoch=F("credential_epoch") + 1, updated=timezone.now(), **fields):
        raise CredentialsChanged("These credentials have changed since the page was opened.")
    tokens.delete_all(app.pk)
    api_sessions.delete_all(app.pk)
    app.refresh_from_db()
    _publish(app)


def _publish(app: App) -> None:
    # Robust: the change stands by then, and the person must still see the new secret.
    transaction.on_commit(partial(stamps.publish, f"app:{app.pk}", app.token_epoch), robust=True)


@contextmanager
def _name_settled_by_constraint(name: str) -> Iterator[None]:
    """Turns the unique rule's refusal into words; any other IntegrityError is a bug and passes."""
    try:
        yield
    except IntegrityError as error:
        if not _is_about_the_name(error):
            raise
        raise NameTaken(
            f"You already have an app named “{name}”. Choose another name. "
            "(Pressed twice? The app is there: open it and generate new credentials.)"
        ) from None


def _is_about_the_name(error: IntegrityError) -> bool:
    # PostgreSQL names the constraint, SQLite its columns.
    return "app_name_once_per_tenant" in str(error) or "folded_name" in str(error)
