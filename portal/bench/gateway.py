"""A gateway call (token, scope, limit, validation, stateful read, metering) against a bare Django view."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from portal.bench.load import request
from portal.bench.report import Contender, compare
from portal.bench.site import PREPARE, Server, Site, other, served, site

MOCK_PATH = "/v1/search/employees"
PATH = "/sandbox/workforce" + MOCK_PATH


def run(
    *, database: str | None, workers: int, clients: int, rounds: int, seconds: float, against: str | None
) -> list[str]:
    """`against` is the command of another server of the same document, such as a mock, on `{port}`."""
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(site(database))
        bare, portal = (
            stack.enter_context(served(application, environment, workers=workers, path=path))
            for application, environment, path in (
                ("portal.bench.bare:application", {}, "/bare/"),
                ("portal.wsgi:application", place.environment, "/healthz"),
            )
        )
        token = get_token(place, portal)
        contenders = [
            Contender("bare Django view", bare, [request("GET", "/bare/", {})], clients),
            Contender("gateway, search of 3 employees", portal, searches(token), clients),
        ]
        if against:
            mock = stack.enter_context(other(against, path=MOCK_PATH))
            asked = searches(token, MOCK_PATH)
            contenders.insert(0, Contender(against.split()[0].rsplit("/", 1)[-1], mock, asked, clients))
        lines = compare(
            contenders,
            rounds=rounds,
            seconds=seconds,
        )
        return [
            f"{place.database} + Valkey, {workers} workers, {clients} clients, {rounds} × {seconds} s",
            *lines,
        ]


def searches(token: str, path: str = PATH) -> list[bytes]:
    """Four kinds in turn: a page of everybody, one known person, a group, those changed since some time."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    bodies = ({"startIndex": number % 3, "maxResults": 3, **_selector(number)} for number in range(4000))
    return [request("POST", path, headers, json.dumps(body).encode()) for body in bodies]


def _selector(number: int) -> dict[str, Any]:
    kind, number = number % 4, number // 4
    chosen: dict[str, Any] = {}
    if kind == 1:
        chosen = {"employeeIds": [str(-1042 - number % 250)]}
    elif kind == 2:
        chosen = {
            "employeeGroupFilter": {"employeeGroupIds": [str(101 + number % 16)], "asOfDate": "2026-06-01"}
        }
    elif kind == 3:
        chosen = {"modifiedSince": f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z"}
    return {"employeeSelector": {"employeeFilter": chosen}} if chosen else {}


def get_token(place: Site, portal: Server) -> str:
    """A token of an app without a limit, from the portal's own endpoint."""
    import urllib.parse
    import urllib.request

    made = json.loads(place.python(PREPARE))
    fields = {
        "grant_type": "client_credentials",
        "client_id": made["client_id"],
        "client_secret": made["secret"],
    }
    address = f"http://127.0.0.1:{portal.port}/oauth2/token"
    body = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(address, body, timeout=10) as answer:
        return str(json.load(answer)["access_token"])
