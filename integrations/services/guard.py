"""Settles who was first: somebody who changes an integration, or a sync that works with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F

from integrations.errors import NotReady, SyncUnderWay
from integrations.models import SYNC, Integration
from portal.runs.models import LIVE, Run


def is_syncing(integration: Integration) -> bool:
    live = Run.objects.of(integration.tenant).filter(kind=SYNC, subject=integration.subject, state__in=LIVE)
    return live.exists()


@contextmanager
def changing(integration: Integration, *, while_syncing: bool = False) -> Iterator[None]:
    """A transaction that holds the integration's row. Raises SyncUnderWay, or NotReady when it is gone."""
    with transaction.atomic():
        if not Integration.objects.filter(pk=integration.pk).update(revision=F("revision") + 1):
            raise NotReady("This integration was deleted meanwhile.")
        if not while_syncing and is_syncing(integration):
            raise SyncUnderWay
        yield
