"""The pages closed for a while: a file in the data folder, so that it works without database and Valkey.

`manage.py maintenance on` writes it, `off` removes it; every process on the machine sees it at once. Pages
answer 503 meanwhile. API calls, probes, the status page and the operator's pages go on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from portal.web.errors import plain_problem

Handler = Callable[[HttpRequest], HttpResponseBase]
OPEN = ("/operator/", "/status", "/healthz", "/readyz", "/metrics")
WORDS = "We are working on the portal. Your apps' calls go on as usual."
AGAIN = 300  # seconds, where nobody said how long it takes


@dataclass(frozen=True, slots=True)
class Notice:
    words: str
    until: datetime | None

    def seconds(self) -> int:
        """When to try again."""
        left = (self.until - timezone.now()).total_seconds() if self.until else AGAIN
        return max(30, round(left))


def file() -> Path:
    return Path(settings.VAR_DIR) / "maintenance.json"


def begin(words: str = "", until: datetime | None = None) -> None:
    text = json.dumps({"words": words or WORDS, "until": until.isoformat() if until else None})
    made = file().with_suffix(".new")
    made.write_text(text, encoding="utf-8")
    made.replace(file())


def end() -> bool:
    """Whether there was something to end."""
    was = file().is_file()
    file().unlink(missing_ok=True)
    return was


def notice() -> Notice | None:
    """What the file says. A file that cannot be read, such as one made with `touch`, counts too."""
    try:
        text = file().read_text(encoding="utf-8")
    except OSError:
        return None
    try:
        kept = json.loads(text)
        until = datetime.fromisoformat(kept["until"]) if kept["until"] else None
        return Notice(str(kept["words"]), until)
    except (ValueError, TypeError, KeyError):
        return Notice(WORDS, None)


def middleware(get_response: Handler) -> Handler:
    def handle(request: HttpRequest) -> HttpResponseBase:
        closed = notice()
        if closed is None or request.path.startswith(OPEN):
            return get_response(request)
        response = plain_problem(
            request, 503, "The portal is closed for a moment", closed.words, until=closed.until
        )
        response["Retry-After"] = str(closed.seconds())
        return response

    return handle
