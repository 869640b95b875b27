"""What goes back to a client program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson

Headers = list[tuple[str, str]]

STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


@dataclass(slots=True)
class Reply:
    """One answer. `body` is bytes, or chunks of bytes for a streamed one (then `size` is unknown)."""

    status: int
    body: bytes | Iterable[bytes] = b""
    headers: Headers = field(default_factory=list)

    @property
    def line(self) -> str:
        return STATUS_LINES.get(self.status) or f"{self.status} Status"


class Problem(Exception):
    """An RFC 9457 problem: raised anywhere in a handler, answered as application/problem+json."""

    def __init__(
        self, status: int, title: str, detail: str = "", headers: Sequence[tuple[str, str]] = (), **more: Any
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = list(headers)
        self.more = more

    def reply(self, request_id: str) -> Reply:
        document = {"type": "about:blank", "title": self.title, "status": self.status}
        if self.detail:
            document["detail"] = self.detail
        document |= self.more | {"requestId": request_id}
        headers = [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store"), *self.headers]
        return Reply(self.status, orjson.dumps(document), headers)


def json_reply(data: Any, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> Reply:
    return Reply(status, orjson.dumps(data), [("Content-Type", "application/json"), *headers])
