"""What BambooHR answers, and what becomes of it: the table of Test Connection, faults, and lies."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from integrations.connectors import base
from integrations.connectors.bamboohr import BambooHR, read_domain
from integrations.connectors.throttle import LONGEST, Throttle, seconds
from integrations.simulators.company import crowd
from integrations.simulators.switches import Fault
from tests.integrations.conftest import KEY

TYPES = "/meta/time_off/types"


@pytest.fixture
def asked(bamboo):
    """BambooHR for the right company and key."""
    connector = BambooHR("northwind", KEY)
    yield connector
    connector.close()


def status(code: int, **headers: str) -> Fault:
    return Fault("status", TYPES, status=code, headers=headers)


TABLE = [
    (Fault("html", TYPES), base.WrongDomain, "Something other than BambooHR"),
    (Fault("redirect", TYPES), base.WrongDomain, "Something other than BambooHR"),
    (Fault("truncated", TYPES), base.Unavailable, "cannot be reached"),
    (Fault("reset", TYPES), base.Unavailable, "cannot be reached"),
    (Fault("empty", TYPES), base.WrongDomain, "Something other than BambooHR"),
    (Fault("error_inside", TYPES), base.WrongDomain, "Something other than BambooHR"),
    (status(404), base.WrongDomain, "does not know this company domain"),
    (status(401), base.KeyRefused, "did not accept the API key"),
    (
        status(403, **{"X-BambooHR-Error-Message": "No permission, No permission"}),
        base.NoAccess,
        "may not see",
    ),
    (status(403, **{"x-bamboohr-message": "Not allowed"}), base.NoAccess, "may not see"),
    (status(403), base.KeyRefused, "has paused the API"),
    (status(429, **{"Retry-After": "17"}), base.Throttled, "Try again in 17 s."),
    (status(503, **{"Retry-After": "9"}), base.Throttled, "Try again in 9 s."),
    (status(500), base.Unavailable, "cannot be reached"),
    (status(502), base.Unavailable, "cannot be reached"),
    (status(503), base.Unavailable, "cannot be reached"),
    (status(504), base.Unavailable, "cannot be reached"),
    (status(400), base.Unexpected, "not documented"),
    (status(406), base.Unexpected, "not documented"),
]


@pytest.mark.parametrize(("fault", "error", "said"), TABLE)
def test_the_table_of_test_connection(asked, bamboo, fault, error, said):
    bamboo.board.faults = [fault]

    with pytest.raises(error, match=said):
        asked.probe()
    assert len(bamboo.board.asked()) == 1  # never repeated


def test_a_good_connection_tells_the_company(asked):
    assert asked.probe() == base.Company("Northwind HR")


def test_a_company_name_that_may_not_be_seen_is_no_fault(asked, bamboo):
    bamboo.board.faults = [Fault("status", "company_information", status=403)]

    assert asked.probe() == base.Company("")


@pytest.mark.parametrize("mode", ["404", "401", "html", "302"])
def test_a_company_that_is_not_there(bamboo, mode):
    bamboo.board.wrong_domain = mode
    expected = base.KeyRefused if mode == "401" else base.WrongDomain
    with pytest.raises(expected):
        BambooHR("nobody", KEY).probe()


def test_nothing_listens(settings):
    settings.BAMBOOHR_URL, settings.PRIVATE_ORIGINS = "http://127.0.0.1:9/{company}", ["http://127.0.0.1:9"]
    with pytest.raises(base.Unavailable):
        BambooHR("northwind", KEY).probe()


def test_without_the_operator_s_word_this_machine_is_never_asked(bamboo, settings):
    settings.PRIVATE_ORIGINS = []
    with pytest.raises(base.Unavailable):
        BambooHR("northwind", KEY).probe()
    assert bamboo.board.asked() == []


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("northwind", "northwind"),
        ("  Northwind ", "northwind"),
        ("https://northwind.bamboohr.com/home?x=1", "northwind"),
        ("northwind.bamboohr.com.", "northwind"),
        ("HTTP://NORTH-WIND2.BAMBOOHR.COM", "north-wind2"),
    ],
)
def test_a_pasted_address_is_understood(typed, label):
    assert read_domain(typed) == label


HOSTILE = """evil.com evil.com/# x@evil -a a- . .. a.b a_b a%2f ../x x:1 [::1] 127.0.0.1 ① ａ аcme a\\b
a?b#c\\d a|b {company} a\tb a\rb a\0b evil.com#.bamboohr.com evil.com\\.bamboohr.com
user:pw@x.bamboohr.com""".split()


@pytest.mark.parametrize("typed", [*HOSTILE, "", "a b", "a" * 64, "a\nb", "x.y.bamboohr.com"])
def test_no_other_host_can_be_reached(typed):
    try:
        label = read_domain(typed)
    except ValueError:
        with pytest.raises(base.WrongDomain):
            BambooHR(typed, KEY)
        return
    assert label in ("evil", "x", "a", "b")  # one label of BambooHR's own


def test_hours_a_day_come_from_the_provider(asked, company):
    assert str(asked.types().hours_per_day) == "7.50"
    company.default_hours = [{"name": "Monday", "amount": "8"}, {"name": "Friday", "amount": "6"}]
    assert str(asked.types().hours_per_day) == "7.00"
    company.default_hours = []
    assert str(asked.types().hours_per_day) == "8"


def test_number_and_text_ids_are_the_same(asked, company):
    company.types[0]["id"] = 78
    assert [one.id for one in asked.types().types] == ["78", "79", "80", "81"]


def test_five_thousand_people_in_pages(bamboo):
    began = time.perf_counter()
    bamboo.companies["crowd"] = crowd(5000, key=KEY)
    took = time.perf_counter() - began
    found = list(BambooHR("crowd", KEY).people())

    assert took < 1
    assert len({one.id for one in found}) == 5000
    assert len(bamboo.board.asked("/datasets/")) == 5


def test_exactly_one_full_page(bamboo):
    bamboo.companies["crowd"] = crowd(1000, key=KEY)

    assert len(list(BambooHR("crowd", KEY).people())) == 1000
    assert len(bamboo.board.asked("/datasets/")) == 1


@pytest.mark.parametrize("kind", ["short", "repeat"])
def test_a_list_that_is_not_whole_is_not_believed(bamboo, kind):
    bamboo.companies["crowd"] = crowd(2500, key=KEY)
    bamboo.board.faults = [Fault(kind, "/datasets/")]
    if kind == "repeat":
        bamboo.companies["crowd"].employees = bamboo.companies["crowd"].employees[:1]
    with pytest.raises(base.Unexpected, match="not complete"):
        list(BambooHR("crowd", KEY).people())
    assert len(bamboo.board.asked("/datasets/")) <= 6


def test_an_answer_without_an_end_is_cut_off(asked, bamboo):
    bamboo.board.faults = [Fault("huge", "/datasets/")]
    with pytest.raises(base.Unavailable):
        list(asked.people())


def test_a_key_without_reports_still_sees_the_directory(asked, bamboo, company):
    company.employees[0]["status"] = "Inactive"
    bamboo.board.faults = [
        Fault("status", "/datasets/", status=403, headers={"X-BambooHR-Error-Message": "No permission"})
    ]
    assert len(list(asked.people())) == 11
    company.employees.clear()
    assert list(asked.people()) == []  # an empty directory answers 404


def test_a_passing_fault_is_tried_again(asked, bamboo):
    bamboo.board.faults = [Fault("status", TYPES, status=502, times=2)]

    assert len(asked.types().types) == 4
    assert [one.status for one in bamboo.board.asked(TYPES)] == [502, 502, 200]


def test_a_short_silence_is_kept(asked, bamboo):
    bamboo.board.faults = [Fault("status", TYPES, status=429, headers={"Retry-After": "1"}, times=1)]
    asked.types()
    first, second = bamboo.board.asked(TYPES)

    assert second.at - first.at >= 1.0


def test_a_long_silence_is_handed_on_and_nobody_asks_meanwhile(asked, bamboo):
    bamboo.board.faults = [Fault("status", TYPES, status=429, headers={"Retry-After": "120"}, times=1)]
    for _ in range(20):
        with pytest.raises(base.Throttled) as refused:
            asked.types()
    assert 100 < refused.value.wait <= 132
    assert len(bamboo.board.asked(TYPES)) == 1


def test_after_wrong_keys_everybody_is_locked_out(bamboo):
    bamboo.board.lock_after = 3
    for _ in range(3):
        with pytest.raises(base.KeyRefused, match="did not accept"):
            BambooHR("northwind", "wrong" * 5).probe()
    with pytest.raises(base.KeyRefused, match="paused"):
        BambooHR("northwind", KEY).probe()


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("12", 12, 12),
        ("31536000", LONGEST, LONGEST),
        (None, 0, 0),
        ("soon", 0, 0),
        ("-5", 0, 0),
        ("١٢", 0, 0),
    ],
)
def test_retry_after_in_all_its_spellings(header, low, high):
    assert low <= seconds(header) <= high


def test_retry_after_as_a_date():
    now = datetime.now(UTC)

    assert 30 < seconds(format_datetime(now + timedelta(seconds=90), usegmt=True)) <= 90
    assert seconds(format_datetime(now - timedelta(days=1), usegmt=True)) == 0


def test_silences_grow_when_nothing_is_said(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("integrations.connectors.throttle.time.monotonic", lambda: now[0])
    throttle, waits = Throttle("X"), []
    for _ in range(12):
        throttle.enter()
        throttle.leave(was_refused=True)
        left = throttle._closed_until - now[0]
        waits.append(left)
        now[0] = throttle._closed_until + 0.001

    assert all(earlier < later for earlier, later in pairwise(waits[:10]))
    assert max(waits) <= LONGEST * 1.1
