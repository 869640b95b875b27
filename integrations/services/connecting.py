"""The first step: a company domain and a key that work, and an app of our own for the other side."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from apps.errors import NameTaken
from apps.models import App
from apps.services import Issued, create_app, regenerate
from integrations.connectors import PROVIDERS, connect
from integrations.destination import SCOPES
from integrations.errors import AlreadyConnected
from integrations.models import Integration
from integrations.services.guard import changing
from integrations.services.people import start_reading
from portal.tenancy import audit
from portal.tenancy.models import Tenant, User
from portal.tenancy.throttle import Limit, take

TESTS_A_MINUTE = 6  # of a tenant: a provider pauses everybody after repeated wrong keys


@dataclass(frozen=True, slots=True)
class Account:
    """What a person types to connect."""

    provider: str
    domain: str
    key: str = field(repr=False)

    @property
    def hint(self) -> str:
        return self.key[-4:]


def test(account: Account, *, tenant: Tenant) -> str:
    """The company's name, when domain and key work. Raises ProviderError, or throttle.TooMany."""
    take([Limit(f"hris-test:{tenant.pk}", TESTS_A_MINUTE, 60, is_own=False)])
    connector = connect(account.provider, account.domain, account.key)
    try:
        return connector.probe().name
    finally:
        connector.close()


def create_integration(*, account: Account, company: str, by: User) -> Integration:
    """Keeps a connection that was tested, and begins to read both sides. Raises AlreadyConnected."""
    assert by.tenant is not None, "an operator has no integrations"
    name = PROVIDERS[account.provider].name
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Integration.objects.create(
                    tenant=by.tenant,
                    provider=account.provider,
                    company_domain=account.domain,
                    company_name=company,
                    api_key=account.key,
                    key_hint=account.hint,
                    created_by=by,
                )
        except IntegrityError:
            raise AlreadyConnected(
                f"“{account.domain}” is connected already. Open that integration to change its key."
            ) from None
        _give_app(made, f"{name} sync", by)
        changes = {"provider": ["", name], "company domain": ["", account.domain]}
        audit.record("integration.connected", target=made, by=by, tenant=made.tenant, changes=changes)
        start_reading(integration=made, by=by)
    return made


def reconnect(*, integration: Integration, account: Account, company: str, by: User) -> None:
    """Another key changes nothing else; another company starts the mapping from the beginning.

    Raises SyncUnderWay for another company, AlreadyConnected.
    """
    moved = account.domain != integration.company_domain
    before = integration.company_domain
    with changing(integration, while_syncing=not moved):
        integration.company_domain, integration.company_name = account.domain, company
        integration.api_key, integration.key_hint = account.key, account.hint
        integration.trouble, integration.needs_reconnect = "", False
        if moved:
            _start_over(integration)
        try:
            with transaction.atomic():
                integration.save()
        except IntegrityError:
            raise AlreadyConnected(
                f"“{account.domain}” is connected already, by another integration."
            ) from None
        changes = {"company domain": [before, account.domain]} if moved else {}
        audit.record(
            "integration.reconnected", target=integration, by=by, tenant=integration.tenant, changes=changes
        )
        start_reading(integration=integration, by=by)


def _start_over(integration: Integration) -> None:
    integration.mappings.all().delete()
    integration.employees.all().delete()
    integration.step = Integration.Step.FIELDS
    integration.source_types, integration.target_types, integration.sample = [], [], []
    integration.read_at = integration.next_run_at = None


def choose_environment(*, integration: Integration, environment: str, by: User) -> None:
    """Sandbox or live; the people and accounts of the other one are others. Raises SyncUnderWay."""
    if environment == integration.environment:
        return
    before = integration.environment
    with changing(integration):
        integration.environment = environment
        _start_over(integration)
        integration.save()
        changes = {"balances go to": [before, environment]}
        audit.record(
            "integration.reconnected", target=integration, by=by, tenant=integration.tenant, changes=changes
        )
        start_reading(integration=integration, by=by)


@transaction.atomic
def renew_credentials(*, integration: Integration, by: User) -> None:
    """New credentials for the integration's app, or a new app where it was deleted."""
    app = App.objects.of(integration.tenant).living().filter(pk=integration.app_id).first()
    if app is None:
        _give_app(integration, f"{PROVIDERS[integration.provider].name} sync", by)
    else:
        _keep(integration, regenerate(app=app, epoch=app.credential_epoch, by=by))
    Integration.objects.filter(pk=integration.pk).update(trouble="")


def _give_app(integration: Integration, name: str, by: User) -> None:
    """An app that may read employees and write balances, and nothing else; visible under Apps and Usage."""
    about = f"Writes the time-off balances of {integration.company_domain}. Made by the integration."
    for number in range(1, 100):
        try:
            with transaction.atomic():
                issued = create_app(
                    name=name if number == 1 else f"{name} {number}", description=about, by=by
                )
        except NameTaken:
            continue
        App.objects.filter(pk=issued.app.pk).update(scope=SCOPES)
        return _keep(integration, issued)
    raise NameTaken(f"There are too many apps named “{name}”. Rename or delete some.")


def _keep(integration: Integration, issued: Issued) -> None:
    integration.app, integration.client_id, integration.client_secret = (
        issued.app,
        issued.client_id,
        issued.secret,
    )
    integration.save(update_fields=["app", "client_id", "client_secret"])
