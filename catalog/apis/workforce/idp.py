"""Intra-day performance. Three searches are kept for a while under a searchId, and their results paged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from catalog.apis.workforce.answers import MOST_AHEAD, page
from catalog.apis.workforce.demand import asked_groups, forecast_detail, intervals, quarters, required
from catalog.apis.workforce.intraday import Intraday, idp_id, people, staff_of
from catalog.apis.workforce.roster import Roster, local
from catalog.apis.workforce.schedule import DAYS_BACK
from catalog.sandbox import Call, Refused, Reply, reply

Row = dict[str, Any]

LIFETIME = timedelta(minutes=30)
MOST_SEARCHES = 50  # of a tenant; the oldest give way


def search_idp_summaries(call: Call) -> Reply:
    selector, roster = call.body.get("idpSummarySelector", {}), Roster(call)
    day = _day(call, selector, "idpSummarySelector")
    groups = _groups(call, selector)
    return page(
        call,
        groups,
        "idpSummaries",
        lambda group: Intraday(call, roster, group, day, group["intervalMinutes"]).summary(),
    )


def search_idp(call: Call) -> Reply:
    groups = [row for row in asked_groups(call, {}) if idp_id(row) == call.path["id"]]
    if not groups:
        message = f"There is no intra-day performance {call.path['id']}."
        raise Refused(404, "idpNotFound", message, field="path.id")
    selector = call.body.get("idpSelector", {})
    day, minutes = _day(call, selector, "idpSelector"), _minutes(selector, groups[0])
    found = Intraday(call, Roster(call), groups[0], day, minutes)
    return reply({"summary": found.summary(), "intervals": found.rows()})


def _day(call: Call, selector: Row, name: str) -> date:
    """Today in the tenant's zone where no date is given."""
    day = date.fromisoformat(selector.get("date", call.today.isoformat()))
    if not -DAYS_BACK <= (day - call.today).days <= MOST_AHEAD:
        message = f"Only {DAYS_BACK} days back and {MOST_AHEAD} days ahead are known."
        raise Refused(400, "invalidValue", message, field=f"body.{name}.date")
    return day


def _groups(call: Call, selector: Row) -> list[Row]:
    groups = asked_groups(call, selector)
    if "idpIds" in selector:
        groups = [row for row in groups if idp_id(row) in selector["idpIds"]]
    if "staffGroupIds" in selector:
        wanted = set(selector["staffGroupIds"])
        groups = [row for row in groups if wanted & set(row["staffGroupIds"])]
    return groups


def _minutes(selector: Row, group: Row) -> int:
    minutes: int = selector.get("intervalMinutes") or group["intervalMinutes"]
    return minutes


# --- What the three kept searches find ----------------------------------------------------------------------


def _forecasts(call: Call, selector: Row) -> list[Row]:
    day, rows = date.fromisoformat(selector["date"]), []
    for group in _groups(call, selector):
        minutes = _minutes(selector, group)
        loads = intervals(quarters(group, day), minutes)
        rows += [{"idpId": idp_id(group), **forecast_detail(group, day, minutes, load)} for load in loads]
    return rows


def _details(call: Call, selector: Row) -> list[Row]:
    day, roster, rows = date.fromisoformat(selector["date"]), Roster(call), []
    for group in _groups(call, selector):
        minutes = _minutes(selector, group)
        facts = {"idpId": idp_id(group), "forecastGroupId": group["id"], "date": day.isoformat()}
        rows += [facts | row for row in Intraday(call, roster, group, day, minutes).rows()]
    return rows


def _staff(call: Call, selector: Row) -> list[Row]:
    day, roster = date.fromisoformat(selector["date"]), Roster(call)
    minutes, wanted = selector.get("intervalMinutes", 30), selector.get("staffGroupIds")
    groups = sorted(call.state.all("staffGroups"), key=lambda row: int(row["id"]))
    asked = [row for row in groups if row["active"] and (wanted is None or row["id"] in wanted)]
    return [row for group in asked for row in _staff_rows(call, roster, group, day, minutes)]


def _staff_rows(call: Call, roster: Roster, staff: Row, day: date, minutes: int) -> list[Row]:
    """The people of a staff group, beside those its first forecast group needs."""
    group = call.state.get("forecastGroups", staff["forecastGroupIds"][0])
    assert group is not None, "every staff group in use serves a forecast group"
    loads, until = intervals(quarters(group, day), minutes), int(call.now.timestamp())
    members, zone = staff_of(call, [staff["id"]], day), ZoneInfo(group["timeZone"])
    scheduled, present = people(roster, members, day, loads, minutes, until)
    return [
        {
            "staffGroupId": staff["id"],
            "date": day.isoformat(),
            "startTime": local(load.start, zone),
            "intervalMinutes": minutes,
            "requiredStaff": (needed := required(group, load, minutes)),
            "scheduledStaff": planned,
            "actualStaff": there if load.start + minutes * 60 <= until else None,
            "overUnder": round(planned - needed, 2),
        }
        for load, planned, there in zip(loads, scheduled, present, strict=True)
    ]


# --- Keeping searches ---------------------------------------------------------------------------------------


def search_idp_forecasts(call: Call) -> Reply:
    return _keep(call, "idpForecastSelector", _forecasts)


def get_idp_forecasts(call: Call) -> Reply:
    return _kept(call, "idpForecastSelector", "idpForecasts", _forecasts)


def search_idp_details(call: Call) -> Reply:
    return _keep(call, "idpDetailSelector", _details)


def get_idp_details(call: Call) -> Reply:
    return _kept(call, "idpDetailSelector", "idpDetails", _details)


def search_idp_staff_groups(call: Call) -> Reply:
    return _keep(call, "idpStaffGroupSelector", _staff)


def get_idp_staff_groups(call: Call) -> Reply:
    return _kept(call, "idpStaffGroupSelector", "staffGroups", _staff)


Find = Callable[[Call, Row], list[Row]]


def _keep(call: Call, name: str, find: Find) -> Reply:
    """Remembers what was asked and when; the result is found again for every page."""
    asked = call.body.get(name, {})
    selector = {**asked, "date": _day(call, asked, name).isoformat()}
    created = call.now.isoformat(timespec="microseconds")
    key = blake2b(f"{name}/{call.request_id}/{created}".encode(), digest_size=16).hexdigest()
    total = len(find(call, selector))
    call.state.put("idpSearches", {"id": key, "kind": name, "selector": selector, "created": created})
    oldest = sorted(call.state.all("idpSearches"), key=lambda row: str(row["created"]), reverse=True)
    for row in oldest[MOST_SEARCHES:]:
        call.state.delete("idpSearches", row["id"])
    times = {"createdAt": call.now, "expiresAt": call.now + LIFETIME}
    moments = {name: moment.strftime("%Y-%m-%dT%H:%M:%SZ") for name, moment in times.items()}
    return reply({"searchId": key, "totalCount": total, **moments})


def _kept(call: Call, kind: str, into: str, find: Find) -> Reply:
    """A page of what the search found at the time it was made."""
    row = call.state.get("idpSearches", call.query["searchId"])
    if row is None or row["kind"] != kind:
        message = "There is no such search. Search again."
        raise Refused(404, "searchNotFound", message, field="query.searchId")
    created = datetime.fromisoformat(row["created"])
    if call.now - created >= LIFETIME:
        raise Refused(410, "searchExpired", "The search has expired. Search again.", field="query.searchId")
    return page(call, find(replace(call, now=created), row["selector"]), into, lambda each: each)
