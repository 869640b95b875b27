"""The system itself: its clocks, its zones, and what it is."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from catalog.apis.workforce.answers import page
from catalog.apis.workforce.schedule import DAYS_AHEAD, DAYS_BACK
from catalog.apis.workforce.zones import is_time_zone, names, standing
from catalog.sandbox import Call, Refused, Reply, reply

Row = dict[str, Any]


def get_system_time(call: Call) -> Reply:
    """The database keeps UTC; the server lives in the tenant's zone."""
    asked, now = call.query.get("timeZones", []), call.now.replace(microsecond=0)
    unknown = [name for name in asked if not is_time_zone(name)]
    if unknown:
        message = f"There is no time zone {unknown[0]}."
        raise Refused(400, "invalidValue", message, field="query.timeZones")
    return reply(
        {
            "utcTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "databaseTime": now.astimezone(UTC).isoformat(),
            "databaseTimeZone": "UTC",
            "serverTime": now.astimezone(call.zone).isoformat(),
            "serverTimeZone": call.zone.key,
            "timeZones": [
                {"currentTime": now.astimezone(ZoneInfo(name)).isoformat(), **standing(name, now)}
                for name in asked
            ],
        }
    )


def get_time_zones(call: Call) -> Reply:
    wanted = call.query.get("nameContains", "").casefold()
    found = [name for name in names() if wanted in name.casefold()]
    return page(call, found, "timeZones", lambda name: standing(name, call.now))


def get_system_information(call: Call) -> Reply:
    monday = call.today - timedelta(days=call.today.weekday())
    return reply(
        {
            "component": "Workforce",
            "version": "1.0",
            "state": "running",
            "databaseState": "connected",
            "runningSince": f"{monday.isoformat()}T02:00:00Z",
            "configuration": {
                "timeZone": call.zone.key,
                "firstDayOfWeek": "monday",
                "daysKept": DAYS_BACK,
                "daysPlanned": DAYS_AHEAD,
                "activeEmployees": sum(
                    row["status"]["activeStatus"] == "active" for row in call.state.all("employees")
                ),
                "sites": sorted(row["name"] for row in call.state.all("sites")),
            },
        }
    )
