"""What `bench usage` runs inside the portal it has set up."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.test import Client

from apps.models import App
from apps.services import create_app
from portal import valkey
from portal.bench import usage_year
from portal.tenancy.models import Tenant, User
from portal.tenancy.services import create_tenant, create_user
from usage import recorder, store, stream
from usage.event import Call, encode
from usage.models import Cursor, RequestLog
from usage.roll_up import BATCH, roll_up
from usage.rows import FIGURES, GRAINS, add

EVENTS = 100_000
OPERATIONS = [f"operation{number}" for number in range(60)]
RAW = "bench_raw"


def metering(*, rounds: int) -> list[str]:
    """Against a PING on the same connection: what is over it is the meter's own."""
    app = _apps(1)[0]
    calls = 4000

    def recorded() -> float:
        return _microseconds(lambda: recorder.record(_call(app, "01M3ZYPDQT0000000000000000")), calls)

    def pinged() -> float:
        return _microseconds(lambda: valkey.command("PING"), calls)

    def encoded() -> float:
        return _microseconds(lambda: encode(_call(app, "01M3ZYPDQT0000000000000000")), calls)

    timings = _in_turn(rounds, recorded, pinged, encoded)
    own, ping, inside = (_spread(one) for one in timings)
    return [
        f"metering, a round trip of its own (calls that write)     {own} µs; a bare PING {ping} µs",
        f"metering, within the gate's round trip (calls that read) {inside} µs to encode, and one XADD more",
    ]


def rolling_up(*, rounds: int) -> list[str]:
    """The same events from the stream by the roll-up, and from a raw table by PostgreSQL alone."""
    apps = _apps(20)
    events = _events(apps)
    totals, whole, own, own_whole = [], [], [], []
    for _ in range(rounds):
        _empty()
        own.append(EVENTS / _raw_totals(events, with_log=False))
        _empty()
        own_whole.append(EVENTS / _raw_totals(events, with_log=True))
        _empty()
        totals.append(EVENTS / _seconds(lambda: _count(events)))
        _empty()
        _fill_stream(events)
        whole.append(EVENTS / _seconds(lambda: roll_up(seconds=120)))
        assert RequestLog.objects.count() == EVENTS
    _empty()
    return [
        f"PostgreSQL's own INSERT … SELECT … GROUP BY, totals      {_spread(own)} events/s",
        f"PostgreSQL's own, totals and request log                 {_spread(own_whole)} events/s",
        f"events to totals, without the log                        {_spread(totals)} events/s: "
        f"{median(totals) / median(own):.2f} ×",
        f"roll-up, stream to totals and request log                {_spread(whole)} events/s: "
        f"{median(whole) / median(own_whole):.2f} ×; of its totals alone {median(whole) / median(own):.2f} ×",
    ]


def asking(*, rounds: int, hours: int) -> list[str]:
    tenant, person = _account()
    _apps(200)
    rows, seconds = usage_year.fill(tenant, hours)
    lines = [f"filled {rows:,} hour rows in {seconds:.0f} s"]
    lines += usage_year.questions(tenant, rounds)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(person)
    pages = {
        "by app": "",
        "by endpoint": "&by=endpoint",
        "one app's endpoints": f"&by=endpoint&app={_some(tenant)}",
    }
    few: dict[str, list[float]] = {name: [] for name in pages}
    many: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(rounds):  # in turn: what else the machine does touches both
        for name, query in pages.items():
            few[name] += _page(client, query, 3)
        usage_year.multiply(tenant, "* 100")
        for name, query in pages.items():
            many[name] += _page(client, query, 3)
        usage_year.multiply(tenant, "/ 100")
    for name in pages:
        grown = median(many[name]) / median(few[name])
        lines.append(
            f"dashboard, a year, 200 apps × 60 operations, {name:20} {_spread(few[name])} ms; "
            f"calls × 100: {_spread(many[name])} ms, {grown:.2f} ×"
        )
    return lines


def _page(client: Client, query: str, rounds: int) -> list[float]:
    address = f"/usage/?period=year&on=2026-06-01{query}"
    headers = {"HX-Target": "usage"}
    client.get(address, headers=headers)
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        answer = client.get(address, headers=headers)
        found.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200
        assert b"data-figure" in answer.content
    return found


def _some(tenant: Tenant) -> str:
    return str(App.objects.of(tenant).order_by("pk").values_list("public_id", flat=True)[0])


def _account() -> tuple[Tenant, User]:
    tenant = Tenant.objects.filter(slug="bench").first()
    if tenant is None:
        tenant = create_tenant(name="Bench", by=None)
        create_user(tenant=tenant, email="ada@bench.example", password=None, by=None)
    return tenant, User.objects.filter(tenant=tenant)[0]


def _apps(count: int) -> list[App]:
    tenant, person = _account()
    for number in range(App.objects.of(tenant).count(), count):
        create_app(name=f"App {number}", description="", by=person)
    return list(App.objects.of(tenant).order_by("pk")[:count])


def _call(app: App, request_id: str, **facts: Any) -> Call:
    return Call(
        at=facts.get("at") or time.time(),
        tenant_id=app.tenant_id,
        app_id=app.pk,
        api="workforce",
        operation=facts.get("operation", "searchEmployees"),
        environment="sandbox",
        method="POST",
        status=facts.get("status", 200),
        latency_us=facts.get("latency_us", 4000),
        request_bytes=100,
        answer_bytes=2000,
        request_id=request_id,
    )


def _events(apps: list[App]) -> list[bytes]:
    """Two hours of calls in the order of their time, as a stream holds them."""
    draw = random.Random(1)  # noqa: S311
    start = time.time() - 7200
    return [
        encode(
            _call(
                draw.choice(apps),
                f"01M3ZYPDQT{number:016d}",
                at=start + 7200 * number / EVENTS,
                operation=draw.choice(OPERATIONS),
                status=500 if draw.random() < 0.02 else 200,
                latency_us=int(draw.lognormvariate(8.5, 0.8)),
            )
        )
        for number in range(EVENTS)
    ]


def _count(events: list[bytes]) -> None:
    """The roll-up's work without the log: decode, add up, write."""
    from usage import tally

    for start in range(0, len(events), BATCH):
        with transaction.atomic():
            found = tally.read_batch(events[start : start + BATCH]).events.values()
            zones = store._zones({event.app_id for event in found})
            clock = tally.clock({tenant: zone for (tenant, _), zone in zones.items()})
            add(tally.rows(tally.add_up(found, clock)))


def _fill_stream(events: list[bytes]) -> None:
    pipeline = valkey.client().pipeline(transaction=False)
    for event in events:
        pipeline.xadd(stream.NAME, {"e": event})
    pipeline.execute()


def _raw_totals(events: list[bytes], *, with_log: bool) -> float:
    """The raw rows stand in a table already; counted is what PostgreSQL needs for all the rest."""
    from usage.event import decode

    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {RAW}")
        columns = ", ".join(store.LOG_COLUMNS)
        cursor.execute(f"CREATE UNLOGGED TABLE {RAW} AS SELECT {columns} FROM usage_requestlog WITH NO DATA")  # noqa: S608
        from usage.rows import _write

        _write(RAW, store.LOG_COLUMNS, [store._log_row(decode(event)) for event in events])
        cursor.execute(f"ANALYZE {RAW}")
    return _seconds(lambda: _insert_select(with_log=with_log))


def _insert_select(*, with_log: bool) -> None:
    from usage.latency import BOUNDS

    edges = ", ".join(str(bound + 1) for bound in BOUNDS)
    moments = {
        "hour": "date_trunc('hour', at)",
        "day": "at::date",
        "month": "date_trunc('month', at)::date",
    }
    counts = ", ".join(
        f"NULLIF(count(*) FILTER (WHERE slot = {number}), 0)" for number in range(len(BOUNDS) + 1)
    )
    sums = (
        "count(*), count(*) FILTER (WHERE status >= 400),"
        " sum(latency_us), sum(request_bytes), sum(answer_bytes)"
    )
    source = f"(SELECT *, width_bucket(latency_us, ARRAY[{edges}]) AS slot FROM {RAW}) raw"  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        if with_log:
            columns = ", ".join(store.LOG_COLUMNS)
            cursor.execute(f"INSERT INTO usage_requestlog ({columns}) SELECT {columns} FROM {RAW}")  # noqa: S608
        for model, key in GRAINS:
            chosen = ", ".join(moments.get(name, name) for name in key)
            places = ", ".join(str(number) for number in range(1, len(key) + 1))
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({', '.join((*key, *FIGURES))})"  # noqa: S608
                f" SELECT {chosen}, {sums}, {counts} FROM {source} GROUP BY {places}"
            )


def _empty() -> None:
    with connection.cursor() as cursor:
        for model, _ in GRAINS:
            cursor.execute(f"TRUNCATE {model._meta.db_table}")
        cursor.execute("TRUNCATE usage_requestlog")
    Cursor.objects.all().delete()
    valkey.client().flushall()


def _in_turn(rounds: int, *works: Callable[[], float]) -> list[list[float]]:
    found: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for results, work in zip(found, works, strict=True):
            results.append(work())
    return found


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _microseconds(work: Callable[[], object], times: int) -> float:
    """Measured again where a stall of the machine made the meter give Valkey up for two seconds."""
    while True:
        valkey.hang_up()
        try:
            took = _seconds(lambda: [work() for _ in range(times)])
        except valkey.Away:
            continue
        if not valkey.is_away():
            return took / times * 1e6


def _spread(values: list[float]) -> str:
    digits = 0 if median(values) >= 100 else 1
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"
