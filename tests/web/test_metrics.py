"""What Prometheus reads."""

from __future__ import annotations

import pytest


def test_metrics_count_what_waits(client, gateway, token_for, ada, valkey):
    gateway("POST", "/sandbox/workforce/v1/search/employees", token=token_for(ada), body={})
    lines = client.get("/metrics").content.decode().splitlines()

    assert "portal_calls_uncounted 1" in lines
    assert "portal_apps 1" in lines
    assert "portal_tenants 1" in lines


@pytest.mark.django_db
def test_metrics_are_for_this_machine_or_the_bearer_of_the_token(client, settings):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    settings.METRICS_TOKEN = "right"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer right"}).status_code == 200
