"""Beat's part in counting."""

from __future__ import annotations

from celery import shared_task
from redis.exceptions import RedisError

from usage import retention, spool, watch
from usage import roll_up as counting


@shared_task
def roll_up() -> None:
    """Safe to run twice at once. Does nothing while the server is away: the next tick tries again."""
    try:
        spool.drain()
        counting.roll_up()
    except RedisError:
        return


@shared_task
def look_at_alerts() -> None:
    watch.look()


@shared_task
def tend_log() -> None:
    retention.tend()


BEAT = {
    "usage-roll-up": {"task": "usage.tasks.roll_up", "schedule": 2.0, "options": {"expires": 10}},
    "usage-alerts": {"task": "usage.tasks.look_at_alerts", "schedule": 60.0, "options": {"expires": 60}},
    "usage-tend-log": {"task": "usage.tasks.tend_log", "schedule": 3600.0, "options": {"expires": 3600}},
}
