"""Beat's part: a sign of life."""

from __future__ import annotations

from celery import shared_task
from redis.exceptions import RedisError

from portal.front import vitals


@shared_task
def heartbeat() -> None:
    try:
        vitals.beat()
    except RedisError:
        return  # the status page says so by itself


BEAT = {
    "front-heartbeat": {
        "task": "portal.front.tasks.heartbeat",
        "schedule": vitals.EVERY,
        "options": {"expires": 60},
    }
}
