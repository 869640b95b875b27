"""The organisation a fresh sandbox starts with, rebuilt the same for the same day."""

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Row = dict[str, Any]

SEED = 11_2019
NEVER = 32_503_615_200_000  # the far end of what never ends
SINCE = 1_454_306_400_000  # 1 February 2016
DATA = Path(__file__).parent / "data"
KNOWN = {  # the people whom the document's examples name
    2: ("Priya", "Nand", None),
    7: ("Dana", "Reyes", 101),
    8: ("Ivo", "Lindqvist", 102),
}
DAYS = 60  # of contacts before today
PLAIN = """permissions roles timeZones exceptionTypes reports categories phrases importPreferences queueTypes
fields"""


@cache
def _data() -> Any:
    texts = (DATA / f"{name}.yaml" for name in ("organisation", "quality"))
    return {key: rows for path in texts for key, rows in yaml.safe_load(path.read_text("utf-8")).items()}


def rows(today: date) -> dict[str, list[Row]]:
    data, dice = _data(), random.Random(SEED)  # noqa: S311 - invented people, not secrets
    persons = _persons(data, dice)
    return {
        **{name: [dict(row) for row in data[name]] for name in PLAIN.split()},
        "inclusionExclusionLists": [dict(row) for row in data["inclusionExclusionLists"]],
        "evaluationForms": data["evaluationForms"],
        "surveys": data["surveys"],
        "tenants": [{"id": 1, "name": "Meridian Retail", "activated": SINCE, "deactivated": NEVER}],
        "groups": [_place(one) for one in data["groups"]],
        "teams": [{**_place(one), "productivityCompilation": False} for one in data["teams"]],
        "persons": persons,
        "agents": [_agent(row, data) for row in persons if row["_agentId"]],
        "serviceQueues": [{**one, "notAllowForecast": False, "priority": 1} for one in data["queues"]],
        "skillMappings": [dict(one) for one in data["skillMappings"]],
        "contacts": _contacts(persons, dice, today),
    }


def _place(one: Row) -> Row:
    row = {name: one[name] for name in ("id", "name", "parentGroupId")}
    return row | {"activated": SINCE, "deactivated": NEVER, "_hidden": one.get("hidden", False)}


def _persons(data: Row, dice: random.Random) -> list[Row]:
    people = [_person(2, *KNOWN[2][:2], data["teams"][0], None)]
    number = 100
    for team in data["teams"]:
        for _ in range(team["members"]):
            number += 1
            key, known = number - 94, KNOWN.get(number - 94)
            first, last = known[:2] if known else _name(data, dice)
            people.append(_person(key, first, last, team, number))
    return people


def _name(data: Row, dice: random.Random) -> tuple[str, str]:
    return dice.choice(data["first_names"]), dice.choice(data["last_names"])


def _person(key: int, first: str, last: str, team: Row, agent: int | None) -> Row:
    return {
        "id": key,
        "firstName": first,
        "lastName": last,
        "email": f"{first}.{last}{'' if key in KNOWN else key}@meridian.example".lower(),
        "adLogin": f"MERIDIAN\\{first[0]}{last}{key}".lower() if agent else "",
        "timeZone": 1,
        "acdId": str(4000 + agent) if agent else "",
        "acdServerId": "2",
        "groupId": team["id"],
        "roles": [22 if agent else 21],
        "activated": SINCE,
        "deactivated": NEVER,
        "locale": "en",
        "_agentId": agent,
        "_hidden": team.get("hidden", False),
    }


def _agent(person: Row, data: Row) -> Row:
    team = next(one for one in data["teams"] if one["id"] == person["groupId"])
    return {
        "id": person["_agentId"],
        "personId": person["id"],
        "employeeNumber": f"E-{900 + person['_agentId']}",
        "active": person["id"] % 9 != 0,
        "companyStartDate": "2016-02-01",
        "departmentStartDate": "2016-03-01",
        "services": team["queues"],
        "skillMappings": team["skills"],
        "exceptions": [2],
        "viewIds": [3] if team.get("hidden") else [1, 2],
    }


def _contacts(persons: list[Row], dice: random.Random, today: date) -> list[Row]:
    """Eight a day for sixty days, and a few that a search without a range leaves out."""
    agents = [row for row in persons if row["_agentId"]]
    days = [*(90 + number for number in range(6)), *range(DAYS - 1, 0, -1), *range(DAYS - 1, 0, -1)]
    moments = sorted(
        _moment(today, back, dice) for place, back in enumerate(days) for _ in range(4 if place >= 6 else 1)
    )
    made = [_contact(500 + place, at, dice.choice(agents), dice) for place, at in enumerate(moments, 1)]
    made[0] |= {
        "startTime": moments[-1] - 60_000,
        "personId": 7,
        "fields": {"orderNumber": "77120"},
        "score": 88,
    }
    return [*made, _going_on(persons, dice, today), *_texts(persons, today)]


def _going_on(persons: list[Row], dice: random.Random, today: date) -> Row:
    """Dana's call, which has begun and does not end by itself."""
    person = next(row for row in persons if row["id"] == 7)
    row = _contact(499, _moment(today, 1, dice), person, dice)
    return row | {"inProgress": True, "score": None, "isTagged": False}


def _texts(persons: list[Row], today: date) -> list[Row]:
    person = next(row for row in persons if row["id"] == 7)
    dice = random.Random(SEED)  # noqa: S311 - as above
    row = _contact(9001, _moment(today, 2, dice), person, dice)
    text = {
        "text": "I would like a refund for my order.",
        "subject": "refund",
        "sender": "buyer@shop.example",
    }
    return [row | text | {"receiver": [person["email"]], "score": None, "isTagged": False}]


def _moment(today: date, back: int, dice: random.Random) -> int:
    day = datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=back)
    return int(day.timestamp() * 1000) + dice.randrange(13 * 3600, 23 * 3600) * 1000


def _contact(key: int, moment: int, person: Row, dice: random.Random) -> Row:
    is_marked = dice.random() < 0.2
    return {
        "id": key,
        "personId": person["id"],
        "ani": f"612555{dice.randrange(10_000):04d}",
        "dnis": dice.choice(["5100", "5101", "5102"]),
        "line": str(4000 + (person["_agentId"] or 0)),
        "callDuration": dice.randrange(20, 900) * 1000,
        "startTime": moment,
        "assocCallId": 208_815_590_144_000 + key,
        "score": dice.randrange(60, 100) if is_marked else None,
        "isTagged": is_marked and dice.random() < 0.3,
        "isTraining": dice.random() < 0.05,
        "hasScreen": dice.random() < 0.5,
        "silences": [dice.randrange(1, 12) * 1000 for _ in range(dice.randrange(4))],
        "talkOvers": [dice.randrange(1, 5) * 500 for _ in range(dice.randrange(3))],
        "fields": {"orderNumber": str(dice.randrange(70_000, 80_000))} if dice.random() < 0.4 else {},
    }
