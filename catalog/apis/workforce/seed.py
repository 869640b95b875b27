"""The company a fresh sandbox starts with, rebuilt the same for the same day."""

import random
import unicodedata
from copy import deepcopy
from datetime import date, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from catalog.apis.workforce.roster import change_key, to_row
from catalog.apis.workforce.schedule import planned

Row = dict[str, Any]

SEED = 20_260
PEOPLE = 260
CHANGED_DAYS = 40  # employees whose schedule a planner has touched
DIGITAL_GROUPS = frozenset(("107", "202", "203"))  # whose people need a login to the digital platform
FIRST_AWKWARD_TEAM = 3  # Maria Schneider of the examples works in Leeds
DATA = Path(__file__).parent / "data"
ORGANISATION = (
    "sites",
    "acdInstances",
    "employeeGroupClasses",
    "employeeGroups",
    "employeeSuperGroups",
    "employeeSkills",
    "employeeExtraFieldTabs",
    "employeeExtraFields",
)
SCHEDULING = (
    "segmentCategories",
    "segmentDefinitions",
    "superStates",
    "perspectivePurposes",
    "perspectives",
)
PLANNING = (
    "routingSets",
    "forecastGroups",
    "staffGroups",
    "staffAdjustmentSets",
    "agentProductivityAcdGroups",
    "agentFormulaSets",
    "systemParameters",
)
CHANGED_BY_CALLS = ("balanceUpdates", "segmentRequests", "idpSearches")
# Letters that Unicode does not take apart into a base letter and an accent.
PLAIN_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "þ": "th", "ð": "d", "ı": "i", "đ": "d"})


def rows(today: date) -> dict[str, list[Row]]:
    organisation, scheduling, planning = (_load(name) for name in ("organisation", "schedule", "planning"))
    employees = _Staff(today, organisation).hire()
    accounts, balances = _time_off(today, organisation["accountTypes"], employees)
    return {
        **{name: deepcopy(organisation[name]) for name in ORGANISATION},
        "employees": employees,
        "personalAccounts": accounts,
        "personalAccountBalances": balances,
        **{name: deepcopy(scheduling[name]) for name in SCHEDULING},
        **{name: deepcopy(planning[name]) for name in PLANNING},
        **_planner_changes(today, employees),
        **{name: [] for name in CHANGED_BY_CALLS},
    }


@cache
def _load(name: str) -> Any:
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))


class _Staff:
    """Hires the awkward people first, then nine team leads, then everybody else."""

    def __init__(self, today: date, organisation: Row) -> None:
        self.today = today
        self.dice = random.Random(SEED)  # noqa: S311
        self.people = _load("people")
        self.sites = {site["id"]: site for site in organisation["sites"]}
        groups = organisation["employeeGroups"]
        self.teams = [group for group in groups if group["employeeGroupClassId"] == "1"]
        self.queues = [group["id"] for group in groups if group["employeeGroupClassId"] == "2"]
        self.skills = [skill["id"] for skill in organisation["employeeSkills"] if skill["active"]]
        self.leads: dict[str, str] = {}
        self.taken: set[tuple[str, str]] = set()

    def hire(self) -> list[Row]:
        leads = [self._employee(self._person(number), number, team) for number, team in enumerate(self.teams)]
        self.leads = {team["id"]: lead["id"] for team, lead in zip(self.teams, leads, strict=True)}
        awkward = [
            self._employee(person, 500 + number, self.teams[(number + FIRST_AWKWARD_TEAM) % len(self.teams)])
            for number, person in enumerate(self.people["awkward"])
        ]
        others = [
            self._employee(self._person(number), number, self.dice.choice(self.teams))
            for number in range(len(leads), PEOPLE)
        ]
        staff = [*awkward, *leads, *others]
        by_service = sorted(staff, key=lambda row: (row["hireDate"], row["employeeNumber"]))
        for rank, employee in enumerate(by_service, 1):
            employee["seniority"] = rank
        return staff

    def _person(self, number: int) -> Row:
        """A name nobody has yet, so that the only namesakes are the deliberate ones."""
        while True:
            pool = self.dice.choice(self.people["pools"])
            name = (self.dice.choice(pool["first"]), self.dice.choice(pool["last"]))
            if name not in self.taken:
                break
        self.taken.add(name)
        domain = self.dice.choice(("example.com", "example.com", "example.org", "example.net"))
        return {
            "id": str(1001 + number) if number % 3 else str(-2001 - number),
            "firstName": name[0],
            "lastName": name[1],
            "preferredName": self.people["preferred_names"].get(name[0]),
            "email": f"{_plain(name[0])}.{_plain(name[1])}@{domain}",
        }

    def _employee(self, person: Row, number: int, team: Row) -> Row:
        status, hired, left = self._career(number, on_leave=person.get("onLeave", False))
        site = self.sites[team["siteId"]]
        groups = self._groups(team, hired, left)
        digital = any(entry["employeeGroupId"] in DIGITAL_GROUPS for entry in groups)
        return {
            "id": person["id"],
            "employeeNumber": f"E{10_000 + number}",
            "firstName": person["firstName"],
            "lastName": person["lastName"],
            "preferredName": person.get("preferredName"),
            "email": person["email"],
            "status": status,
            "hireDate": hired.isoformat(),
            "terminationDate": left and left.isoformat(),
            "seniority": None,
            "timeZone": site["timeZone"],
            "siteId": site["id"],
            "supervisorId": self.leads.get(team["id"]),
            "groupAssignments": groups,
            "skills": self._skills(),
            "acdLogins": self._logins(number, hired, left, digital=digital),
            "extraFields": self._extra_fields(number, hired),
            "lastModified": f"{self._ago(1, 200)}T{self.dice.randrange(6, 19):02}:15:00Z",
        }

    def _career(self, number: int, *, on_leave: bool) -> tuple[Row, date, date | None]:
        """Status, day of hire and last day. No team lead and none of the awkward people has left."""
        hired = self._ago(200 if number < 500 else 2000, 4500)
        kind = self.dice.random() if len(self.teams) <= number < 500 else 0.1 if on_leave else 1.0
        if kind < 0.09:
            left = hired + (self._ago(1, 190) - hired) * (0.5 + self.dice.random() / 2)
            return _status("terminated", "inactive", left), hired, left
        if kind < 0.13:
            return _status("leave", "inactive", self._ago(5, 190)), hired, None
        if kind < 0.16:
            hired = self.today + timedelta(days=self.dice.randrange(5, 60))
            return _status("active", "inactive", hired), hired, None
        return _status("active", "active", hired), hired, None

    def _groups(self, team: Row, hired: date, left: date | None) -> list[Row]:
        moved, assignments = hired, []
        if left is None and hired < self.today and self.dice.random() < 0.3:
            former = self.dice.choice([other["id"] for other in self.teams if other is not team])
            moved = self._ago(30, 180)
            assignments.append(_period("employeeGroupId", former, hired, moved - timedelta(days=1)))
        assignments.append(_period("employeeGroupId", team["id"], moved, left))
        queues = sorted(self.dice.sample(self.queues, self.dice.choice((0, 1, 1, 2))))
        return assignments + [_period("employeeGroupId", queue, hired, left) for queue in queues]

    def _skills(self) -> list[Row]:
        held = sorted(self.dice.sample(self.skills, self.dice.randrange(1, 5)), key=int)
        return [{"skillId": skill, "level": self.dice.randrange(1, 11)} for skill in held]

    def _logins(self, number: int, hired: date, left: date | None, *, digital: bool) -> list[Row]:
        logins = [("1", str(70_000 + number))]
        if self.dice.random() < 0.4 or digital:
            logins.append(("2", f"agent{number:04}"))
        return [{"acdInstanceId": acd, **_period("loginId", login, hired, left)} for acd, login in logins]

    def _extra_fields(self, number: int, hired: date) -> list[Row]:
        lead = number < len(self.teams)
        hours = "40" if lead else self.dice.choice(("40", "40", "37.5", "30", "20"))
        probation = hired + timedelta(days=180)
        contract = (
            "Part time" if float(hours) < 35 else self.dice.choice(("Full time", "Full time", "Fixed term"))
        )
        values = {
            "1": "Team lead" if lead else self.dice.choice(("Agent", "Agent", "Senior agent", "Specialist")),
            "2": contract,
            "3": probation.isoformat() if probation > self.today else None,
            "4": self.dice.choice(("Never", "Hybrid", "Always")),
            "5": str(self.dice.randrange(6)),
            "6": hours,
            "7": f"P-{40_000 + number}",
            "8": self.dice.choice(("CC-100", "CC-200", "CC-300")),
        }
        return [{"extraFieldId": key, "value": value} for key, value in values.items() if value is not None]

    def _ago(self, least: int, most: int) -> date:
        return self.today - timedelta(days=self.dice.randrange(least, most))


def _time_off(today: date, types: list[Row], employees: list[Row]) -> tuple[list[Row], list[Row]]:
    """One account per employee and type held; who has not started yet has no balances."""
    numbers = count(50_001)
    dice = random.Random(SEED + 1)  # noqa: S311
    accounts, balances = [], []
    for employee in employees:
        for kind in types:
            if dice.randrange(100) >= kind["share"]:
                continue
            accounts.append(_account(str(next(numbers)), employee, kind, today))
            if employee["hireDate"] <= today.isoformat():
                balances.append(_balance(accounts[-1], kind, today, dice))
    return accounts, balances


def _planner_changes(today: date, employees: list[Row]) -> dict[str, list[Row]]:
    """Contact work that a planner turned into training, with the audit lines that say so."""
    changes: list[Row] = []
    audits: list[Row] = []
    for number, employee in enumerate(employees[:: len(employees) // CHANGED_DAYS]):
        day = today + timedelta(days=number % 9 - 2)
        segments = planned(employee, day, today, frozenset[str])
        places = [place for place, one in enumerate(segments) if one.code in ("CALL", "CHAT", "MAIL")]
        if not places:
            continue
        before = segments[places[-1]]
        after = before._replace(code="TRN", memo="Product training", version=2)
        segments[places[-1]] = after
        facts = {"employeeId": employee["id"], "nominalDate": day.isoformat()}
        rows = [to_row(employee, day, segment) for segment in segments]
        changes.append({"id": change_key(employee["id"], day), **facts, "segments": rows})
        audits.append(
            {
                "id": str(100_001 + len(audits)),
                "action": "updated",
                **facts,
                "segmentBefore": to_row(employee, day, before),
                "segmentAfter": to_row(employee, day, after),
                "savedAsRequest": False,
                "segmentRequestId": None,
                "changedAt": f"{today - timedelta(days=3)}T{8 + len(audits) % 9:02}:{number % 60:02}:00Z",
                "changedBy": "planner",
            }
        )
    return {"segmentChanges": changes, "segmentAudits": audits}


def _account(number: str, employee: Row, kind: Row, today: date) -> Row:
    start, end = employee["hireDate"], employee["terminationDate"]
    if kind["yearly"] and end is None:
        year = max(today.isoformat(), start)[:4]
        start, end = max(start, f"{year}-01-01"), f"{year}-12-31"
    return {
        "id": number,
        "employeeId": employee["id"],
        "accountTypeId": kind["id"],
        "name": kind["name"],
        "unit": kind["unit"],
        "validFrom": start,
        "validTo": end,
    }


def _balance(account: Row, kind: Row, today: date, dice: random.Random) -> Row:
    quarters = dice.randrange(kind["low"] * 4, kind["high"] * 4 + 1)
    booked = (today - timedelta(days=dice.randrange(1, 15))).isoformat()
    return {
        "personalAccountId": account["id"],
        "employeeId": account["employeeId"],
        "accountTypeId": account["accountTypeId"],
        "unit": account["unit"],
        "balance": f"{quarters / 4:.2f}",
        "asOfDate": booked,
        "lastModified": f"{booked}T02:15:00Z",
    }


def _status(employment: str, active: str, since: date) -> Row:
    return {"employmentStatus": employment, "activeStatus": active, "effectiveDate": since.isoformat()}


def _period(key: str, value: str, start: date, end: date | None) -> Row:
    return {key: value, "startDate": start.isoformat(), "endDate": end and end.isoformat()}


def _plain(name: str) -> str:
    """`Øyvind` as `oyvind`: what an e-mail address can carry."""
    letters = unicodedata.normalize("NFKD", name.lower().translate(PLAIN_LETTERS))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())
