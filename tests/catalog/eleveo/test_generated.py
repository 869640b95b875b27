"""Thousands of calls nobody thought of, to every operation: each answered as the document says."""

from __future__ import annotations

import random
from collections import Counter
from urllib.parse import urlencode

import pytest

from tests.catalog.eleveo.conftest import HEADER, PATHS, ROW

ODD = ["", "ä", "\0", "x" * 300, "null", "-1", "genesis"]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("count", [200, pytest.param(5_000, marks=pytest.mark.load)])
def test_generated_calls_are_answered_as_documented(ready, issued, count):
    dice, seen = random.Random(count), Counter()
    calls = [pushed] * 6 + [signed_in, listed]
    for _ in range(count):
        call = dice.choice(calls)
        answer = call(dice, ready, issued)  # which checks it against the document
        assert answer.status < 500
        seen[call.__name__, answer.status] += 1

    expected = {("pushed", status) for status in (200, 400, 409)}
    expected |= {("signed_in", status) for status in (200, 400, 401)} | {("listed", 200), ("listed", 401)}
    assert expected <= set(seen)


def pushed(dice, ready, issued):
    operation, more = dice.choice(list(PATHS)), {}
    if dice.random() < 0.2:
        more[dice.choice(["acdType", "lastChunk", "pushToken"])] = dice.choice(ODD)
    return ready.push(
        operation, _body(dice, operation), dice.randrange(40), dice.choice(["true", "false"]), **more
    )


def _body(dice, operation):
    if dice.random() < 0.1:
        return dice.choice([b"", b"{", b"\xff\xfe", b"[]", b"null", b'"', b"\0\0"])
    if "AgentEvents" in operation:
        rows = [
            dice.choice([ROW, ROW, f"{dice.choice(ODD)},READY,,2026-11-03T08:00:00Z,\n"]) for _ in range(3)
        ]
        return HEADER + "".join(rows)
    name = "eventType" if "EventTypes" in operation else "reasonCode"
    value = dice.choice(["READY", "LUNCH", str(dice.randrange(9)), *ODD])
    return [{"acdType": "genesis", name: value}]


def signed_in(dice, ready, issued):
    fields = {
        "grant_type": "client_credentials",
        "client_id": issued.client_id,
        "client_secret": issued.secret,
    }
    for name in list(fields):
        if dice.random() < 0.1:
            fields[name] = dice.choice(ODD)
        if dice.random() < 0.05:
            del fields[name]
    body = urlencode(fields).encode()
    if dice.random() < 0.1:
        body = dice.choice([b"", b"%", b"\xff", b"client_id=%ff", b"a=1&" * 2000])
    realm = dice.choice(["northwind"] * 6 + ["contoso", "x" * 200, "%C3%A4"])
    path = f"/auth/realms/{realm}/protocol/openid-connect/token"
    headers = FORM if dice.random() < 0.95 else {"Content-Type": dice.choice(["", "text/plain"])}
    return ready.send("getToken", "POST", path, body=body, headers=headers)


def listed(dice, ready, issued):
    token, ready.token = ready.token, dice.choice([ready.token] * 5 + ["", "none"])
    try:
        query = dice.choice(["", "x=1", "%", "x=%ff"])
        return ready.send("listImports", "GET", "/_rest/scheduling/adherence/imports", query=query)
    finally:
        ready.token = token
