"""Starting syncs, and a person's answers to held and failed ones."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from integrations.errors import IntegrationError, NotReady
from integrations.models import SYNC, Integration, Record, Sync
from integrations.services.guard import changing
from portal.runs import services as runs
from portal.runs.models import State
from portal.tenancy import audit
from portal.tenancy.models import User


def start_sync(
    *,
    integration: Integration,
    trigger: str = Sync.Trigger.MANUAL,
    is_dry: bool = False,
    planned_at: datetime | None = None,
    retry_of: Sync | None = None,
    by: User | None,
) -> Sync:
    """Queues a sync. Raises NotReady, or runs.AlreadyRunning with the one that is under way."""
    with changing(integration, while_syncing=True):
        integration.refresh_from_db()
        _check_ready(integration)
        run = runs.queue(tenant=integration.tenant, kind=SYNC, subject=integration.subject, by=by)
        sync = Sync.objects.create(
            tenant=integration.tenant,
            run=run,
            integration=integration,
            trigger=trigger,
            is_dry=is_dry,
            planned_at=planned_at,
            retry_of=retry_of,
        )
        if by is not None:
            kind = "dry run" if is_dry else "retry" if retry_of else "sync"
            audit.record(
                "sync.started",
                target=integration,
                by=by,
                tenant=integration.tenant,
                changes={"run": ["", kind]},
            )
    return sync


def _check_ready(integration: Integration) -> None:
    if not integration.is_ready:
        raise NotReady("Finish the set-up first.")
    if not integration.is_enabled:
        raise NotReady("This integration is disabled. Enable it first.")
    if integration.needs_reconnect:
        raise NotReady("The connection was refused. Test it again on the Connect page first.")


def retry_failed(*, sync: Sync, by: User) -> Sync:
    """A sync of the failed balances alone. Raises IntegrationError, NotReady, runs.AlreadyRunning."""
    failed = sync.records.filter(outcome=Record.Outcome.FAILED, link__isnull=False)
    if not failed.exists():
        raise IntegrationError("Nothing failed in this run, so there is nothing to try again.")
    return start_sync(integration=sync.integration, trigger=Sync.Trigger.RETRY, retry_of=sync, by=by)


def release(*, sync: Sync, by: User) -> None:
    """A held run is carried out after all. Raises IntegrationError."""
    with changing(sync.integration, while_syncing=True):
        _check_ready(sync.integration)
        newest = Sync.objects.filter(integration=sync.integration, is_dry=False).first()
        if newest is not None and newest.pk != sync.pk:
            raise IntegrationError("A later run has taken its place. Start a new sync.")
        Sync.objects.filter(pk=sync.pk).update(is_released=True)
        try:
            runs.release(run=sync.run)
        except runs.RunError as error:
            raise IntegrationError(str(error)) from None
        audit.record("sync.released", target=sync.integration, by=by, tenant=sync.tenant)


@transaction.atomic
def discard(*, sync: Sync, by: User) -> None:
    """A held run ends without having written anything. Raises IntegrationError."""
    held = type(sync.run).objects.filter(pk=sync.run_id, state=State.HELD)
    if not held.update(
        state=State.FAILED, ended=timezone.now(), message="Stopped by a person before anything was written."
    ):
        raise IntegrationError("This run is not held any more.")
    Sync.objects.filter(pk=sync.pk).update(phase=Sync.Phase.END)
    audit.record("sync.discarded", target=sync.integration, by=by, tenant=sync.tenant)
