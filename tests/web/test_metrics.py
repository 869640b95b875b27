"""What Prometheus reads."""

from __future__ import annotations

import pytest

from usage.models import Gap
from usage.roll_up import roll_up


def read(client) -> dict[str, float]:
    lines = client.get("/metrics").content.decode().splitlines()
    return {name: float(value) for name, value in (line.split() for line in lines if line[0] != "#")}


def test_metrics_count_what_waits(client, gateway, token_for, ada, valkey):
    gateway("POST", "/sandbox/workforce/v1/search/employees", token=token_for(ada), body={})
    figures = read(client)

    assert figures["portal_calls_uncounted"] == figures["portal_apps"] == figures["portal_tenants"] == 1


def test_metrics_tell_of_a_roll_up_that_rests_and_of_what_it_missed(client, db, valkey):
    roll_up()
    assert read(client)["portal_roll_up_silence_seconds"] < 5
    valkey.set("usage:seen", "1791000000")
    assert read(client)["portal_roll_up_silence_seconds"] > 1000
    before = read(client)["portal_usage_gaps"]
    valkey.flushall()
    roll_up()
    assert (before, read(client)["portal_usage_gaps"]) == (0, 1)
    assert Gap.objects.get().reason == "flushed"


@pytest.mark.django_db
def test_metrics_are_for_this_machine_or_the_bearer_of_the_token(client, settings):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    settings.METRICS_TOKEN = "right"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer right"}).status_code == 200
