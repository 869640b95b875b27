"""Beat's part in counting."""

from __future__ import annotations

from celery import shared_task
from redis.exceptions import RedisError

from usage import roll_up as counting
from usage import spool


@shared_task
def roll_up() -> None:
    """Safe to run twice at once. Does nothing while the server is away: the next tick tries again."""
    try:
        spool.drain()
        counting.roll_up()
    except RedisError:
        return


BEAT = {"usage-roll-up": {"task": "usage.tasks.roll_up", "schedule": 2.0, "options": {"expires": 10}}}
