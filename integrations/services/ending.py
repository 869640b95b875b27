"""Disable, enable, delete."""

from __future__ import annotations

from contextlib import suppress

from apps.errors import CredentialsChanged
from apps.models import App
from apps.services import delete_app
from integrations.models import READ, SYNC, Integration
from integrations.services.guard import changing
from integrations.services.scheduling import resume_schedule
from portal.runs import services as runs
from portal.runs.models import Run
from portal.tenancy import audit
from portal.tenancy.models import OwnedQuerySet, User


def disable(*, integration: Integration, by: User) -> None:
    """Keeps everything, stops the schedule and a sync that runs now."""
    with changing(integration, while_syncing=True):
        integration.is_enabled, integration.next_run_at = False, None
        integration.save(update_fields=["is_enabled", "next_run_at"])
        _stop_runs(integration, "The integration was disabled.")
        audit.record("integration.disabled", target=integration, by=by, tenant=integration.tenant)


def enable(*, integration: Integration, by: User) -> None:
    with changing(integration, while_syncing=True):
        integration.is_enabled = True
        resume_schedule(integration)
        integration.save(update_fields=["is_enabled", "next_run_at"])
        audit.record("integration.enabled", target=integration, by=by, tenant=integration.tenant)


def delete_integration(*, integration: Integration, by: User) -> None:
    """Ends its app and removes every setting and run; balances already written stay where they are."""
    with changing(integration, while_syncing=True):
        _stop_runs(integration, "The integration was deleted.")
        app = App.objects.of(integration.tenant).living().filter(pk=integration.app_id).first()
        if app is not None:
            with suppress(CredentialsChanged):  # somebody else deleted it in this moment
                delete_app(app=app, by=by)
        audit.record("integration.deleted", target=integration, by=by, tenant=integration.tenant)
        runs_of = _runs(integration)
        integration.delete()
        runs_of.delete()


def _stop_runs(integration: Integration, message: str) -> None:
    runs.stop(run_ids=list(_runs(integration).values_list("pk", flat=True)), message=message)


def _runs(integration: Integration) -> OwnedQuerySet:
    return Run.objects.of(integration.tenant).filter(kind__in=(SYNC, READ), subject=integration.subject)
