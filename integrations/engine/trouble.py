"""What a fault of either side means for a run: wait and go on, or end and call for somebody."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from integrations.connectors.base import KeyRefused, ProviderError, Throttled, Unavailable, WrongDomain
from integrations.connectors.throttle import LONGEST, Closed
from integrations.destination import Away, Busy, DestinationError
from integrations.models import Integration, Sync
from portal.runs.services import Lost, Pause, RunError

log = logging.getLogger(__name__)
MOST_PAUSES = 8  # in a row without any progress
Give = Callable[[], int]


@contextmanager
def told(integration: Integration, count: Give) -> Iterator[None]:
    """Turns faults into Pause or RunError. `count` says how many pauses there were in a row, this one too."""
    try:
        yield
    except (Throttled, Busy) as error:
        raise _pause(str(error), error.wait, count()) from None
    except (Unavailable, Away) as error:
        pauses = count()
        raise _pause(str(error), 10.0 * 2 ** min(pauses - 1, 6), pauses) from None
    except Closed:
        raise Lost from None
    except (ProviderError, DestinationError) as error:
        call_for_help(integration, error)
        raise RunError(str(error)) from None


def _pause(message: str, wait: float, pauses: int) -> Pause | RunError:
    if pauses > MOST_PAUSES:
        return RunError(f"{message} This has gone on for too long; the run was given up.")
    until = timezone.now() + timedelta(seconds=min(wait, LONGEST) * random.uniform(1.0, 1.1))  # noqa: S311
    return Pause(f"{message} Going on by itself at {clock(until)} UTC.", until=until)


def clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}"


def call_for_help(integration: Integration, error: Exception) -> None:
    """Marks the integration as needing attention; after a refused key nothing is sent with it any more."""
    is_about_the_key = isinstance(error, KeyRefused | WrongDomain)
    log.warning("integration_in_trouble integration=%s kind=%s", integration.pk, type(error).__name__)
    Integration.objects.filter(pk=integration.pk).update(
        trouble=str(error)[:300], needs_reconnect=is_about_the_key
    )


def count_pause(sync: Sync) -> int:
    Sync.objects.filter(pk=sync.pk).update(pauses=F("pauses") + 1)
    return Sync.objects.values_list("pauses", flat=True).get(pk=sync.pk)
