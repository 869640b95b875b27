from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from redis.exceptions import RedisError

from usage import spool
from usage.roll_up import roll_up


class Command(BaseCommand):
    help = "Counts all calls that wait in the stream and in this machine's spool files."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            spooled = spool.drain()
            outcome = roll_up(seconds=3600)
        except RedisError as error:
            raise CommandError(f"The Redis-protocol server cannot be reached: {error}") from None
        self.stdout.write(
            f"Counted {outcome.counted} calls ({spooled} from spool files, {outcome.repeated} repeated, "
            f"{outcome.dropped} dropped)."
        )
