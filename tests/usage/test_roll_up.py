from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db.models import Sum

from usage import roll_up as counting
from usage import rows, spool, store, stream
from usage.event import EPOCH, STREAM, encode
from usage.models import DayAppTotal, DayTotal, Gap, HourTotal, RequestLog
from usage.recorder import record
from usage.roll_up import Outcome, roll_up
from usage.rows import GRAINS


def counts() -> list[int]:
    """Calls by each of the eight tables; they must always agree."""
    sums = [table.objects.aggregate(n=Sum("calls"))["n"] or 0 for table, _ in GRAINS]
    return [*sums, RequestLog.objects.count()]


def gaps() -> list[tuple[str, int | None]]:
    return list(Gap.objects.order_by("pk").values_list("reason", "calls"))


def put(valkey: Any, event: bytes) -> None:
    valkey.xadd(STREAM, {"e": event})


def test_calls_land_in_the_tenants_hour_and_day(ada: Any, app_of: Any, call_of: Any) -> None:
    app = app_of(ada, "Payroll")  # New York: UTC-4 in October
    record(call_of(app, at=datetime(2026, 10, 2, 3, 59, 59, tzinfo=UTC).timestamp(), latency_us=900))
    record(call_of(app, at=datetime(2026, 10, 2, 4, 0, 1, tzinfo=UTC).timestamp(), status=500))
    record(call_of(app, at=datetime(2026, 10, 2, 4, 59, tzinfo=UTC).timestamp(), answer_bytes=5))

    assert roll_up() == Outcome(counted=3)
    assert list(
        HourTotal.objects.order_by("hour").values_list("hour", "calls", "errors", "latency_sum_us")
    ) == [
        (datetime(2026, 10, 2, 3, tzinfo=UTC), 1, 0, 900),
        (datetime(2026, 10, 2, 4, tzinfo=UTC), 2, 1, 8000),
    ]
    assert list(DayTotal.objects.order_by("day").values_list("day", "calls", "answer_bytes")) == [
        (date(2026, 10, 1), 1, 2000),
        (date(2026, 10, 2), 2, 2005),
    ]
    assert list(DayAppTotal.objects.order_by("day").values_list("day", "calls", "slot_10")) == [
        (date(2026, 10, 1), 1, None),
        (date(2026, 10, 2), 2, 2),
    ]
    assert RequestLog.objects.of(ada.tenant).order_by("event").values_list("at", flat=True)[0] == datetime(
        2026, 10, 2, 3, 59, 59, tzinfo=UTC
    )


def test_half_hour_zones_have_their_own_hours(mallory: Any, app_of: Any, call_of: Any) -> None:
    app = app_of(mallory, "Rota")  # Kolkata: UTC+5:30
    record(call_of(app, at=datetime(2026, 10, 2, 18, 29, tzinfo=UTC).timestamp()))
    record(call_of(app, at=datetime(2026, 10, 2, 18, 31, tzinfo=UTC).timestamp()))
    roll_up()

    assert list(HourTotal.objects.order_by("hour").values_list("hour", flat=True)) == [
        datetime(2026, 10, 2, 17, 30, tzinfo=UTC),
        datetime(2026, 10, 2, 18, 30, tzinfo=UTC),
    ]
    assert DayTotal.objects.count() == 2


def test_totals_equal_a_naive_count_over_many_batches(
    valkey: Any, ada: Any, mallory: Any, app_of: Any, call_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "BATCH", 70)
    draw = random.Random(1)
    apps = [app_of(ada, "One"), app_of(ada, "Two"), app_of(mallory, "Three")]
    naive: Counter[Any] = Counter()
    for _ in range(500):
        app, operation = draw.choice(apps), draw.choice(["a", "b", "c"])
        status, latency = draw.choice([200, 200, 404, 500]), draw.randrange(50, 90_000_000)
        at = 1_791_000_000 + draw.randrange(3 * 86_400)
        call = call_of(app, at=at, operation=operation, status=status, latency_us=latency)
        put(valkey, encode(call))  # not recorded: a recorder that looks away for a moment would spool some
        day = datetime.fromtimestamp(at, app.tenant.zone).date()
        naive[app.pk, operation, day, "calls"] += 1
        naive[app.pk, operation, day, "errors"] += status >= 400
        naive[app.pk, operation, day, "latency_sum_us"] += latency

    assert roll_up().counted == 500
    found: Counter[Any] = Counter()
    for name in ("calls", "errors", "latency_sum_us"):
        for *key, value in DayTotal.objects.values_list("app_id", "operation", "day", name):
            found[*key, name] += value
    assert found == naive
    assert counts() == [500] * 8


def test_an_event_that_arrives_again_counts_once(valkey: Any, ada: Any, app_of: Any, call_of: Any) -> None:
    app = app_of(ada, "Payroll")
    events = [encode(call_of(app)) for _ in range(6)]
    for event in [*events[:4], events[0]]:  # twice in one batch
        put(valkey, event)
    first = roll_up()
    for event in events[2:]:  # and again in a later one, beside new ones
        spool.append(event, is_doubtful=True)
    spool.drain()

    assert (first, roll_up()) == (Outcome(4, repeated=1), Outcome(2, repeated=2))
    assert counts() == [6] * 8
    assert gaps() == []


@pytest.mark.parametrize("fault", ["insert", "add", "_merge"])
def test_a_crash_between_statements_undoes_the_batch(
    ada: Any, app_of: Any, call_of: Any, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    app = app_of(ada, "Payroll")
    for _ in range(3):
        record(call_of(app))
    room = rows if fault == "_merge" else store
    real, done = getattr(room, fault), []

    def crash(*args: Any) -> Any:
        answer = real(*args)
        done.append(1)
        if fault != "_merge" or len(done) == 4:  # three of the seven tables are written
            raise OSError("power cut")
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(room, fault, crash)
        with pytest.raises(OSError, match="power cut"):
            roll_up()

    assert counts() == [0] * 8
    assert roll_up().counted == 3
    assert counts() == [3] * 8


def test_odd_events_do_not_stop_the_others(
    valkey: Any, ada: Any, mallory: Any, app_of: Any, call_of: Any
) -> None:
    app = app_of(ada, "Payroll")
    stranger = app_of(mallory, "Rota")
    for event in (b"", b"[]", b"{", encode(call_of(app))[:-9], encode(call_of(app, status="x"))):
        put(valkey, event)
    record(call_of(app, app_id=999_999))
    record(call_of(app, app_id=stranger.pk))  # not that tenant's app
    record(call_of(app, operation="o" * 900, api="a\0b"))

    assert roll_up() == Outcome(counted=1, dropped=7)
    assert counts() == [1] * 8
    assert sorted(gaps()) == [("unknown_app", 2), ("unreadable", 5)]


def test_texts_are_kept_to_the_letter(ada: Any, app_of: Any, call_of: Any) -> None:
    app = app_of(ada, "Payroll")
    odd = ["a\tb", "a\nb", "a\r\nb", "a\\b", "a\\tb", "\\N", "\\.", "None", "", "'\";--", "ä–日本"]
    for text in odd:
        record(call_of(app, operation=text, request_id=text))

    assert roll_up() == Outcome(counted=len(odd))
    assert sorted(DayTotal.objects.values_list("operation", flat=True)) == sorted(odd)
    assert sorted(RequestLog.objects.values_list("request_id", flat=True)) == sorted(odd)


def test_calls_of_a_deleted_app_still_count(ada: Any, app_of: Any, call_of: Any) -> None:
    from apps.services import delete_app

    app = app_of(ada, "Payroll")
    record(call_of(app))
    delete_app(app=app, by=ada)

    assert roll_up().counted == 1


def test_a_flushed_server_leaves_a_gap_and_counting_goes_on(
    valkey: Any, ada: Any, app_of: Any, call_of: Any
) -> None:
    app = app_of(ada, "Payroll")
    record(call_of(app))
    roll_up()
    record(call_of(app))
    valkey.flushall()
    record(call_of(app))

    assert roll_up().counted == 1
    assert gaps() == [("flushed", None)]
    assert counts() == [2] * 8
    assert roll_up() == Outcome()
    assert gaps() == [("flushed", None)]


def test_a_stream_that_was_deleted_leaves_a_gap(valkey: Any, ada: Any, app_of: Any, call_of: Any) -> None:
    app = app_of(ada, "Payroll")
    for _ in range(3):
        record(call_of(app))
    roll_up()
    valkey.delete(STREAM)
    roll_up()
    record(call_of(app))
    roll_up()

    assert gaps() == [("stepped_back", None)]
    assert counts() == [4] * 8


def test_a_stream_begun_anew_by_a_clock_that_stepped_back_is_not_skipped(
    valkey: Any, ada: Any, app_of: Any, call_of: Any
) -> None:
    app = app_of(ada, "Payroll")
    for _ in range(3):
        record(call_of(app))
    roll_up()
    valkey.delete(STREAM)
    valkey.xadd(STREAM, {"e": encode(call_of(app))}, id="5-1")
    roll_up()

    assert gaps() == [("stepped_back", None)]
    assert counts() == [4] * 8
    valkey.xadd(STREAM, {"e": encode(call_of(app))}, id="5-2")
    roll_up()
    assert counts() == [5] * 8
    assert gaps() == [("stepped_back", None)]


def test_a_stream_that_lost_its_newest_entries_counts_the_others_once(
    valkey: Any, ada: Any, app_of: Any, call_of: Any
) -> None:
    app = app_of(ada, "Payroll")
    for _ in range(3):
        record(call_of(app))
    kept = valkey.dump(STREAM)
    record(call_of(app))
    roll_up()
    valkey.restore(STREAM, 0, kept, replace=True)
    record(call_of(app))
    record(call_of(app))
    valkey.xadd(STREAM, {"e": encode(call_of(app))})
    roll_up()

    assert counts() == [7] * 8


def test_entries_trimmed_before_counting_are_told_with_their_number(
    valkey: Any, ada: Any, app_of: Any, call_of: Any
) -> None:
    app = app_of(ada, "Payroll")
    record(call_of(app))
    roll_up()
    for _ in range(5):
        record(call_of(app))
    valkey.xtrim(STREAM, maxlen=2, approximate=False)

    assert roll_up().counted == 2
    assert gaps() == [("trimmed", 3)]
    assert counts() == [3] * 8


def test_counted_entries_leave_the_stream_later(
    valkey: Any, ada: Any, app_of: Any, call_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(ada, "Payroll")
    for number in range(400):
        valkey.xadd(STREAM, {"e": encode(call_of(app))}, id=f"{1000 + number * 1000}-0")
    roll_up()

    assert 60 <= valkey.xlen(STREAM) < 400
    record(call_of(app))
    assert roll_up() == Outcome(counted=1)
    assert gaps() == []


def test_of_two_workers_with_the_same_batch_one_stops(
    ada: Any, app_of: Any, call_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(ada, "Payroll")
    for _ in range(3):
        record(call_of(app))
    roll_up()
    for _ in range(4):
        record(call_of(app))
    real, others = stream.read, []

    def read_and_be_overtaken(**asked: Any) -> stream.Found:
        found = real(**asked)
        if not others:
            others.append(1)
            others.append(roll_up())
        return found

    monkeypatch.setattr(stream, "read", read_and_be_overtaken)

    assert roll_up() == Outcome()
    assert others[1] == Outcome(counted=4)
    assert counts() == [7] * 8


def test_the_epoch_key_stays_while_the_stream_does(valkey: Any, db: None) -> None:
    first = stream.read(after="0-0", count=1).epoch

    assert valkey.get(EPOCH).decode() == first == stream.read(after="0-0", count=1).epoch
