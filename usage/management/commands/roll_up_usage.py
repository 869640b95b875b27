from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from redis.exceptions import RedisError

from portal import valkey
from usage import spool
from usage.roll_up import roll_up


class Command(BaseCommand):
    help = "Counts all calls that wait in the stream and in this machine's spool files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--before-restart",
            action="store_true",
            help="Redis or Valkey is about to be restarted in order, and loses nothing by it: tell no gap",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            spooled = spool.drain()
            outcome = roll_up(seconds=3600)
        except RedisError as error:
            raise CommandError(f"The Redis-protocol server cannot be reached: {error}") from None
        if options["before_restart"]:
            valkey.announce_shutdown()
        self.stdout.write(
            f"Counted {outcome.counted} calls ({spooled} from spool files, {outcome.repeated} repeated, "
            f"{outcome.dropped} dropped)."
        )
