"""Alerts: what they measure, whom they tell, and when they fall silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from portal.mail.models import Outbox
from portal.tenancy.models import AuditLine
from usage import plan, watch
from usage.models import Alarm, Alert
from usage.recorder import record
from usage.roll_up import roll_up
from usage.services import create_alert, update_alert

NOW = datetime(2026, 10, 7, 16, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def payroll(ada: Any, app_of: Any) -> Any:
    return app_of(ada, "Payroll")


def rule(ada: Any, measure: str, threshold: int, **more: Any) -> Alert:
    facts = {"measure": measure, "app": None, "threshold": threshold, "audience": "admins", "by": ada}
    return create_alert(**(facts | more))


def mails() -> list[tuple[str, str]]:
    return list(Outbox.objects.filter(template="alarm").order_by("pk").values_list("to", "subject"))


def call(app: Any, call_of: Any, count: int, **facts: Any) -> None:
    for _ in range(count):
        record(call_of(app, **({"at": NOW.timestamp()} | facts)))
    roll_up()


@pytest.mark.parametrize(
    ("measure", "threshold", "facts", "value"),
    [
        ("calls", 40, {}, 40.0),
        ("calls", 41, {}, None),
        ("calls", 1, {"at": NOW.timestamp() - 86_400}, None),
        ("errors", 100, {"status": 500}, 100.0),
        ("errors", 1, {"status": 399}, None),
        ("errors", 1, {"status": 500, "at": NOW.timestamp() - 3 * 3600}, None),
        ("slowness", 1900, {"latency_us": 1_990_000}, 1975.0),
        ("slowness", 2001, {"latency_us": 1_990_000}, None),
        ("quota", 1, {"api": "workforce"}, 100 * 40 * 60 / (3600 * 10)),
        ("quota", 7, {"api": "workforce"}, None),
        ("quota", 1, {"api": "unknown"}, None),
        ("silence", 5, {"at": NOW.timestamp() - 6 * 3600}, 6.0),
        ("silence", 7, {"at": NOW.timestamp() - 6 * 3600}, None),
    ],
)
def test_each_measure_goes_off_at_its_threshold(
    ada: Any,
    payroll: Any,
    call_of: Any,
    monkeypatch: pytest.MonkeyPatch,
    measure: str,
    threshold: int,
    facts: dict[str, Any],
    value: float | None,
) -> None:
    monkeypatch.setattr(plan, "_limits", lambda: {"workforce": plan.Limit(10, 60)})
    rule(ada, measure, threshold)
    call(payroll, call_of, 40, **facts)
    watch.look()

    assert [alarm.value for alarm in Alarm.objects.all()] == ([] if value is None else [pytest.approx(value)])


def test_an_alarm_is_told_once_and_ends_by_itself(
    ada: Any, dev: Any, vic: Any, payroll: Any, call_of: Any, noon: Any
) -> None:
    rule(ada, "errors", 50, app=payroll, audience="developers")
    call(payroll, call_of, 30, status=500)
    assert [watch.look(), watch.look()] == [1, 0]
    assert mails() == [
        (person.email, "Northwind: Payroll: error rate of 50% or more") for person in (ada, dev)
    ]

    call(payroll, call_of, 90, status=200)
    watch.look()
    [alarm] = Alarm.objects.all()
    assert (alarm.ended, alarm.value) == (NOW, 100.0)

    call(payroll, call_of, 400, status=500)
    noon.move_to(NOW + timedelta(minutes=20))
    watch.look()
    assert Alarm.objects.count() == 2
    assert len(mails()) == 2  # back within the hour: shown, not mailed again


def test_silence_before_the_first_call_is_no_alarm(ada: Any, payroll: Any) -> None:
    rule(ada, "silence", 1)

    assert watch.look() == 0


def test_calls_of_another_tenant_set_nothing_off(ada: Any, mallory: Any, app_of: Any, call_of: Any) -> None:
    for measure in ("calls", "errors", "slowness"):
        rule(ada, measure, 1)
    call(app_of(mallory, "Rota"), call_of, 50, status=500)

    assert watch.look() == 0


def test_one_that_fails_stops_no_other(
    ada: Any, payroll: Any, call_of: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, _ = rule(ada, "calls", 1), rule(ada, "calls", 2)
    call(payroll, call_of, 2)
    real = watch.judge

    def judge(alert: Alert, now: datetime) -> bool:
        if alert.pk == broken.pk:
            raise RuntimeError
        return real(alert, now)

    monkeypatch.setattr(watch, "judge", judge)

    assert watch.look() == 1
    assert [line.getMessage() for line in caplog.records if line.levelname == "ERROR"] == [
        "usage.alert_failed"
    ]


def test_a_changed_rule_forgets_its_open_alarm_and_is_audited(ada: Any, payroll: Any, call_of: Any) -> None:
    alert = rule(ada, "calls", 1, audience="nobody")
    call(payroll, call_of, 2)
    watch.look()
    update_alert(alert=alert, threshold=3, by=ada)
    watch.look()

    assert Alarm.objects.count() == 0
    assert mails() == []
    lines = AuditLine.objects.filter(action__startswith="alert.").order_by("pk")
    assert [(line.action, line.changes) for line in lines] == [
        ("alert.created", {"rule": ["", "All apps: 1 call or more in a day"]}),
        ("alert.updated", {"threshold": ["1", "3"]}),
    ]


def test_pages_set_change_and_delete(client: Any, dev: Any, payroll: Any, workforce: Any) -> None:
    client.force_login(dev)
    create = reverse("usage:alert-create")
    page = client.get(create, {"measure": "calls", "threshold": "16"}).content.decode()
    assert 'value="16"' in page
    assert "Employees and agent productivity" in page  # a use case of the guide, as a preset
    assert "threshold=16" in page  # twice its eight calls a day

    given = {"measure": "errors", "app": payroll.public_id, "threshold": "101", "audience": "creator"}
    assert "At most 100 makes sense here" in client.post(create, given).content.decode()
    client.post(create, given | {"threshold": "5", "is_on": "on"})
    [alert] = Alert.objects.of(dev.tenant)
    assert (str(alert), alert.is_on) == ("Payroll: error rate of 5% or more", True)

    client.post(reverse("usage:alert-edit", args=[alert.pk]), given | {"threshold": "9"})
    alert.refresh_from_db()
    assert (alert.threshold, alert.is_on) == (9, False)
    assert "Off" in client.get(reverse("usage:alerts")).content.decode()
    client.post(reverse("usage:alert-delete", args=[alert.pk]))
    assert Alert.objects.count() == 0


def test_a_viewer_sees_alerts_and_sets_none(client: Any, vic: Any) -> None:
    client.force_login(vic)

    assert client.get(reverse("usage:alerts")).status_code == 200
    assert client.post(reverse("usage:alert-create"), {}).status_code == 403
