"""What Test Request needs of apps: a client of one's own, and short-lived tokens for any of the tenant's.

The browser gets the token and nothing else. A console's client has no secret at all: only the portal can ask
for a token in its name.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps import tokens
from apps.errors import CredentialsChanged, ScopeRefused
from apps.models import App
from apps.queries import published_scopes
from apps.secrets import make, make_client_id, make_public_id
from apps.services import end_app
from portal.tenancy import audit
from portal.tenancy.models import User
from portal.tenancy.names import fold

LIFETIME = 900  # seconds


@dataclass(frozen=True, slots=True)
class Token:
    value: str = field(repr=False)
    seconds: int
    scopes: list[str]


def sandbox_client(*, by: User) -> App:
    """The client of this person's own console, made when it is first asked for."""
    found = _client_of(by)
    if found:
        return found
    try:
        return _make(by)
    except IntegrityError:  # two tabs at the same moment: the other one made it
        found = _client_of(by)
        if not found:
            raise
        return found


def _client_of(person: User) -> App | None:
    found: App | None = App.objects.living().filter(console_of=person).first()
    return found


@transaction.atomic
def _make(by: User) -> App:
    assert by.tenant is not None, "an operator has no apps"
    public_id = make_public_id()
    name = f"Sandbox client {public_id[-6:]}"
    app = App(
        tenant=by.tenant,
        public_id=public_id,
        name=name,
        folded_name=fold(name),
        description="Made by the portal for somebody's Test Request. It has no secret.",
        client_type=App.CLIENT_CONFIDENTIAL,
        authorization_grant_type=App.GRANT_CLIENT_CREDENTIALS,
        client_id=make_client_id(),
        client_secret=make("secret"),  # hashed and forgotten: the toolkit would hash an empty one, too
        issued_at=timezone.now(),
    )
    app.save(force_insert=True)
    App.objects.filter(pk=app.pk).update(client_secret="", console_of=by)
    app.refresh_from_db()
    audit.record("app.created", target=app, by=by, tenant=app.tenant, changes={"name": ["", name]})
    return app


def scopes_of(app: App) -> list[str]:
    """What a token of this app may be asked to allow."""
    asked = set(app.scope.split())
    return [name for name in published_scopes() if not asked or name in asked]


@transaction.atomic
def issue_token(*, app: App, scopes: list[str] | None, by: User) -> Token:
    """A token of the app for a person's console; None: all the app may have.

    Raises ScopeRefused, and CredentialsChanged where the app ended in the meantime. A person's deed, so it
    stands in the audit log, as the calls of client programs do not.
    """
    allowed = scopes_of(app)
    granted = allowed if scopes is None else sorted(set(scopes))
    beyond = sorted(set(granted) - set(allowed))
    if beyond:
        raise ScopeRefused(f"“{app.name}” may not have the scope {beyond[0]}.")
    value = make("token")
    is_kept = tokens.keep(
        value, app_id=app.pk, epoch=app.credential_epoch, scope=" ".join(granted), seconds=LIFETIME
    )
    if not is_kept:
        raise CredentialsChanged(f"“{app.name}” has just changed. Try again.")
    audit.record("token.issued", target=app, by=by, tenant=app.tenant)
    return Token(value, LIFETIME, granted)


def end_console_of(person: User) -> None:
    """Ends the client of a person who is about to be deleted, with its tokens."""
    found = _client_of(person)
    if found:
        end_app(found)
