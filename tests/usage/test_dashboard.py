from __future__ import annotations

import random
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import orjson
import pytest
import time_machine
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from usage.models import Gap
from usage.periods import Kind, Period, period
from usage.queries import APP, ENDPOINT, Asked, report, totals
from usage.recorder import record
from usage.roll_up import roll_up

NOW = datetime(2026, 10, 7, 16, 0, tzinfo=UTC)  # a Wednesday noon in New York
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
WEEK = period(Kind.WEEK, date(2026, 10, 7), 0)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def called(ada: Any, mallory: Any, app_of: Any, call_of: Any) -> dict[str, Any]:
    """Payroll: 3 calls on Monday, one failed. Rota: 2 today. Mallory's: 40 today."""
    apps = {
        "payroll": app_of(ada, "Payroll <b>"),
        "rota": app_of(ada, "Rota"),
        "theirs": app_of(mallory, "Secret"),
    }
    monday = datetime(2026, 10, 5, 12, 0, tzinfo=UTC).timestamp()
    for number in range(3):
        status = 500 if number else 200
        record(call_of(apps["payroll"], at=monday + number, status=status, operation="getEmployee"))
    record(call_of(apps["rota"], at=NOW.timestamp() - 60))
    record(call_of(apps["rota"], at=NOW.timestamp() - 3600))
    for _ in range(40):
        record(call_of(apps["theirs"], at=NOW.timestamp() - 60, operation="theirOperation", api="their-api"))
    roll_up()
    return apps


def cells(page: str) -> list[list[str]]:
    """The table as a reader sees it, row by row, without what opens a row."""
    page = re.sub(r'<a class="icon-button usage-fold".*?</a>', "", page, flags=re.DOTALL)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL)
    strip = re.compile(r"<[^>]+>")
    return [
        [
            " ".join(unescape(strip.sub(" ", cell)).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ][1:]


def figure(page: str) -> dict[str, Any]:
    [text] = re.findall(r'data-figure="([^"]*)"', page)
    return orjson.loads(unescape(text))


def show(client: Any, **query: str) -> str:
    return client.get(reverse("usage:dashboard"), query).content.decode().replace("<wbr>", "")


def test_the_first_look_is_this_week_by_app(client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)
    page = show(client)

    assert cells(page) == [
        ["Payroll <b>", "3", "new", "60.0%", "2", "66.7%", "4.0 ms", "4.9 ms", "5.0 ms"],
        ["Rota", "2", "new", "40.0%", "0", "0.0%", "4.0 ms", "4.9 ms", "5.0 ms"],
        ["Total", "5", "new", "100.0%", "2", "40.0%", "4.0 ms", "4.9 ms", "5.0 ms"],
    ]
    assert [(bar["name"], bar["y"]) for bar in figure(page)["data"]] == [
        ("Payroll &lt;b&gt;", [3, 0, 0, 0, 0, 0, 0]),
        ("Rota", [0, 0, 2, 0, 0, 0, 0]),
    ]
    assert figure(page)["data"][0]["x"][0] == "Mon 5 Oct"
    assert figure(page)["layout"]["yaxis"]["dtick"] == 1  # no line at half a call


@pytest.mark.parametrize(
    ("query", "rows", "bars"),
    [
        ({"by": "endpoint"}, ["getEmployee workforce", "searchEmployees workforce"], 7),
        ({"by": "endpoint", "period": "day"}, ["searchEmployees workforce"], 24),
        ({"period": "month", "sort": "name"}, ["Payroll <b>", "Rota"], 31),
        ({"period": "year", "sort": "-name"}, ["Rota", "Payroll <b>"], 12),
        ({"from": "2026-10-05", "to": "2026-10-06"}, ["Payroll <b>"], 2),
        ({"q": "ROT"}, ["Rota"], 7),
        ({"sort": "nonsense", "period": "nonsense", "on": "never", "page": "x"}, ["Payroll <b>", "Rota"], 7),
    ],
)
def test_picture_and_table_follow_the_selection(
    client: Any, vic: Any, called: Any, query: dict[str, str], rows: list[str], bars: int
) -> None:
    client.force_login(vic)
    page = show(client, **query)

    assert [row[0] for row in cells(page)[:-1]] == rows
    assert {len(bar["y"]) for bar in figure(page)["data"]} == {bars}
    assert sum(sum(bar["y"]) for bar in figure(page)["data"]) == int(cells(page)[-1][1])


def test_an_hour_of_the_day_is_the_tenants(client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)
    [bars] = figure(show(client, period="day"))["data"]

    assert {x: y for x, y in zip(bars["x"], bars["y"], strict=True) if y} == {"11:00": 2}


def test_a_strangers_calls_never_show(client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)
    for by in ("app", "endpoint"):
        page = show(client, by=by, period="year")
        assert [word for word in ("Secret", "theirOperation", "their-api") if word in page] == []


def test_a_swap_answers_with_the_partial_alone(client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)
    answer = client.get(reverse("usage:dashboard"), headers={"HX-Request": "true", "HX-Target": "usage"})
    page = answer.content.decode()

    assert page.count("<html") == 0
    assert page.count('id="usage"') == 1
    assert "HX-Target" in answer["Vary"]


def test_a_week_without_calls_says_what_to_do(client: Any, vic: Any) -> None:
    client.force_login(vic)
    page = show(client)

    assert "No calls in this week" in page
    assert reverse("apps:list") in page
    assert reverse("catalog:list") in page


def test_the_seventh_busiest_share_one_colour(
    client: Any, vic: Any, ada: Any, app_of: Any, call_of: Any
) -> None:
    app = app_of(ada, "Payroll")
    for number in range(9):
        for _ in range(10 - number):
            record(call_of(app, at=NOW.timestamp(), operation=f"op{number}"))
    roll_up()
    client.force_login(vic)
    bars = figure(show(client, by="endpoint"))["data"]

    assert [(bar["name"], bar["meta"], sum(bar["y"])) for bar in bars] == [
        ("op0", 1, 10),
        ("op1", 2, 9),
        ("op2", 3, 8),
        ("op3", 4, 7),
        ("op4", 5, 6),
        ("Other", 0, 14),
    ]


def test_the_pages_cost_does_not_follow_its_contents(
    client: Any, vic: Any, called: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(vic)
    for query in ({}, {"by": "endpoint"}, {"period": "day"}):
        with django_assert_num_queries(7):  # session, person with tenant, apps, before, figures, series, gaps
            show(client, **query)
    with django_assert_num_queries(8):  # the year before so far: whole months, and days
        show(client, period="year")


def test_reports_agree_with_each_other(ada: Any, called: Any) -> None:
    by_app, by_endpoint = report(ada.tenant, Asked(WEEK)), report(ada.tenant, Asked(WEEK, ENDPOINT))

    assert totals(by_app.lines) == totals(by_endpoint.lines)
    assert sum(map(sum, by_app.series.values())) == sum(map(sum, by_endpoint.series.values())) == 5


def test_nobody_signed_in_is_sent_to_sign_in(client: Any, db: None) -> None:
    answer = client.get(reverse("usage:dashboard"))

    assert (answer.status_code, answer["Location"].startswith(reverse("signin"))) == (302, True)


def test_a_year_read_by_months_equals_the_year_read_by_days(ada: Any, app_of: Any, call_of: Any) -> None:
    app, draw = app_of(ada, "Payroll"), random.Random(5)
    for _ in range(300):
        at = datetime(2026, 1, 1, 5, tzinfo=UTC).timestamp() + draw.randrange(364 * 86_400)
        record(call_of(app, at=at, operation=draw.choice("abc"), latency_us=draw.randrange(1, 10**7)))
    roll_up()
    for by in (APP, ENDPOINT):
        for narrow in ({}, {"app": app}, {"endpoint": ("workforce", "b")}, {"environment": "sandbox"}):
            for first, last in (
                (date(2026, 1, 1), date(2026, 12, 31)),
                (date(2026, 1, 17), date(2026, 11, 3)),
            ):
                whole = report(ada.tenant, Asked(Period(Kind.RANGE, first, last), by, **narrow))
                pieces: Counter[Any] = Counter()
                slots: Counter[Any] = Counter()
                day = first
                while day <= last:  # day by day, from the day tables alone
                    until = min(last, day + timedelta(days=40))
                    for line in report(ada.tenant, Asked(Period(Kind.RANGE, day, until), by, **narrow)).lines:
                        pieces[line.key] += line.calls
                        slots.update({(line.key, n): count for n, count in enumerate(line.slots)})
                    day = until + timedelta(days=1)
                assert {line.key: line.calls for line in whole.lines} == pieces
                assert {(line.key, n): c for line in whole.lines for n, c in enumerate(line.slots)} == slots
                assert {key: sum(bars) for key, bars in whole.series.items()} == pieces


def test_a_period_is_compared_with_the_same_part_of_the_one_before(
    client: Any, vic: Any, ada: Any, app_of: Any, call_of: Any
) -> None:
    app = app_of(ada, "Payroll")
    noon = NOW.timestamp()
    for days, hours, calls in ((0, 1, 3), (7, 1, 2), (5, 0, 9), (1, 1, 1), (1, -3, 5)):
        for _ in range(calls):
            record(call_of(app, at=noon - days * 86_400 - hours * 3600))
    roll_up()
    client.force_login(vic)

    week = cells(show(client))[-1]
    assert week[1:3] == ["9", "+350.0%"]  # Mon–Wed against Mon–Wed: the nine of last Friday are left out
    day = cells(show(client, period="day"))[-1]
    assert day[1:3] == ["3", "+200.0%"]  # until noon against until noon


def test_a_drill_goes_from_an_app_to_its_endpoints_and_back(client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)
    payroll = called["payroll"].public_id

    assert [row[:2] for row in cells(show(client, by="endpoint", app=payroll))] == [
        ["getEmployee workforce", "3"],
        ["Total", "3"],
    ]
    assert [row[:2] for row in cells(show(client, endpoint="workforce/searchEmployees"))] == [
        ["Rota", "2"],
        ["Total", "2"],
    ]
    opened = show(client, open=payroll)
    assert [row[:2] for row in cells(opened)] == [
        ["Payroll <b>", "3"],
        ["getEmployee workforce", "3"],
        ["Rota", "2"],
        ["Total", "5"],
    ]
    assert 'aria-expanded="true"' in opened


def test_a_strangers_app_cannot_be_asked_for(client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)
    for name in ("usage:dashboard",):
        answer = client.get(reverse(name), {"app": called["theirs"].public_id})
        assert answer.status_code == 404


def test_a_gap_is_told_in_the_time_it_touches(client: Any, vic: Any, called: Any) -> None:
    Gap.objects.create(began=NOW - timedelta(hours=2), ended=NOW, reason="flushed", calls=None)
    Gap.objects.create(began=NOW, ended=NOW, reason="unknown_app", calls=3)
    client.force_login(vic)

    assert show(client).count("Some calls may be missing") == 1
    assert "Some calls may be missing" not in show(client, on="2026-09-01")
