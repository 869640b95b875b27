"""Stretches in which calls may be missing, written down so that no loss is silent."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from usage.models import Gap

log = logging.getLogger(__name__)
NEAR = timedelta(minutes=1)  # what is told of one restart by several


def note(reason: Gap.Reason, began: datetime, ended: datetime, *, calls: int | None = None) -> None:
    log.error("usage.gap", extra={"reason": str(reason), "calls": calls})
    Gap.objects.create(began=began, ended=ended, reason=reason, calls=calls)


def note_restart(began: datetime, ended: datetime) -> None:
    """One gap a restart: the roll-up tells of it, and each process whose calls were lost."""
    told = Gap.objects.filter(
        reason=Gap.Reason.RESTARTED, began__lte=ended + NEAR, ended__gte=began - NEAR
    ).first()
    if told is None:
        note(Gap.Reason.RESTARTED, began, ended)
    else:
        Gap.objects.filter(pk=told.pk).update(began=min(began, told.began), ended=max(ended, told.ended))
