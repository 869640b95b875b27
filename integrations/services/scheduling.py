"""The fourth step: by hand, or at planned moments."""

from __future__ import annotations

import logging
from datetime import datetime, time

from django.db import IntegrityError
from django.utils import timezone

from integrations.errors import IntegrationError
from integrations.models import Integration, Sync
from integrations.schedule import first_after, next_run
from integrations.services.guard import changing
from integrations.services.syncing import start_sync
from portal.runs.models import State
from portal.runs.services import AlreadyRunning
from portal.tenancy import audit
from portal.tenancy.models import User

log = logging.getLogger(__name__)


def save_schedule(*, integration: Integration, interval: int | None, start: time | None, by: User) -> None:
    """None: by hand only. The first planned sync is the next time the tenant's clock shows `start`."""
    before = _words(integration)
    with changing(integration, while_syncing=True):
        integration.interval, integration.start_time = interval, start if interval else None
        integration.starts_at = None
        if interval and start is not None:
            integration.starts_at = first_after(timezone.now(), start, integration.tenant.zone)
        integration.next_run_at = integration.starts_at
        if integration.step == Integration.Step.SYNC:
            integration.step = Integration.Step.READY
        integration.save(
            update_fields=["interval", "start_time", "starts_at", "next_run_at", "step"],
        )
        changes = {"sync": [before, _words(integration)]}
        audit.record(
            "integration.scheduled", target=integration, by=by, tenant=integration.tenant, changes=changes
        )


def _words(integration: Integration) -> str:
    if not integration.interval or integration.start_time is None:
        return "by hand"
    return f"{integration.get_interval_display().lower()} from {integration.start_time:%H:%M}"


def start_due(now: datetime | None = None) -> int:
    """Starts what is due; safe beside another scheduler. Returns how many syncs it started."""
    now = now or timezone.now()
    due = Integration.objects.filter(
        next_run_at__lte=now, is_enabled=True, needs_reconnect=False, step=Integration.Step.READY
    )
    started = 0
    for integration in due.select_related("tenant"):
        try:
            started += _start_one(integration, now)
        except Exception as error:  # one tenant's trouble must not stop the others' schedules
            log.exception("schedule_failed integration=%s kind=%s", integration.pk, type(error).__name__)
    return started


def _start_one(integration: Integration, now: datetime) -> int:
    """Whoever moves the planned moment on is the one who starts the sync for it."""
    planned = integration.next_run_at
    assert integration.interval and integration.start_time and integration.starts_at  # noqa: PT018 - not a test
    following = next_run(
        now,
        start=integration.start_time,
        interval=integration.interval,
        zone=integration.tenant.zone,
        starts_at=integration.starts_at,
    )
    mine = Integration.objects.filter(pk=integration.pk, next_run_at=planned).update(next_run_at=following)
    if not mine or not integration.tenant.is_active:
        return 0
    if Sync.objects.filter(integration=integration, run__state=State.HELD).exists():
        return 0  # a person is being asked; a newer sync would only ask the same
    try:
        start_sync(integration=integration, trigger=Sync.Trigger.SCHEDULE, planned_at=planned, by=None)
    except (AlreadyRunning, IntegrationError, IntegrityError):
        return 0  # still at work, or changed in between
    return 1


def resume_schedule(integration: Integration) -> None:
    """Plans the next moment again, after a pause; the caller saves."""
    if integration.interval and integration.start_time and integration.starts_at:
        integration.next_run_at = next_run(
            timezone.now(),
            start=integration.start_time,
            interval=integration.interval,
            zone=integration.tenant.zone,
            starts_at=integration.starts_at,
        )
