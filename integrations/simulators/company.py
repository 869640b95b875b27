"""The people and balances a simulated HR system has."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

DEMO_DOMAIN = "northwind-demo"
DEMO_KEY = "5e7d0c3b9a1f4e2d8c6b7a5948372615a4b3c2d1"  # opens nothing but the simulator on the same machine
Row = dict[str, Any]

TYPES: list[Row] = [
    {
        "id": "78",
        "name": "Vacation",
        "units": "days",
        "color": None,
        "icon": "palm-trees",
        "source": "internal",
    },
    {
        "id": "79",
        "name": "Sick",
        "units": "hours",
        "color": "56afdd",
        "icon": "band-aid",
        "source": "internal",
    },
    {"id": "80", "name": "Flex time", "units": "hours", "color": None, "icon": "clock", "source": "internal"},
    {"id": "81", "name": "Unpaid leave", "units": "days", "color": None, "icon": None, "source": "internal"},
]
DEFAULT_HOURS = [
    {"name": "default", "amount": "7.5"},
    *({"name": day, "amount": "7.5"} for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")),
    {"name": "Saturday", "amount": "0"},
    {"name": "Sunday", "amount": "0"},
]


@dataclass
class Company:
    """`balances` maps an employee's id to that of a type to the text BambooHR would answer."""

    domain: str
    key: str
    name: str
    employees: list[Row] = field(default_factory=list)
    balances: dict[str, dict[str, str]] = field(default_factory=dict)
    types: list[Row] = field(default_factory=lambda: [dict(one) for one in TYPES])
    default_hours: list[Row] = field(default_factory=lambda: [dict(one) for one in DEFAULT_HOURS])
    unlimited: set[str] = field(default_factory=lambda: {"81"})  # types whose policies are discretionary

    def add(
        self, first: str, last: str, email: str | None, *, status: str = "Active", preferred: str = ""
    ) -> str:
        number = str(100 + len(self.employees))
        self.employees.append(
            {
                "eeid": number,
                "firstName": first,
                "lastName": last,
                "preferredName": preferred or None,
                "email": email,
                "status": status,
            }
        )
        dice = random.Random(f"{self.domain} {number}")  # noqa: S311 - the same company at every start
        self.balances[number] = {
            "78": f"{dice.randrange(-4, 110) / 4:.2f}",
            "79": f"{dice.randrange(0, 400) / 4:.2f}",
            "80": f"{dice.randrange(-64, 190) / 4:.2f}",
            "81": "0.00",
        }
        return number


def crowd(count: int, *, domain: str = "crowd", key: str = DEMO_KEY) -> Company:
    """Many people without a story: person 17 is “First17 Last17”."""
    company = Company(domain, key, "Crowd Ltd")
    for number in range(count):
        company.add(f"First{number}", f"Last{number}", f"person{number}@example.com")
    return company


def demo(employees: Sequence[Row]) -> Company:
    """The people of the workforce sandbox as their HR department knows them: mostly the same, with the
    differences that real lists have.
    """
    company = Company(DEMO_DOMAIN, DEMO_KEY, "Northwind Traders (demo)")
    for number, one in enumerate(employees):
        first, last, email = one["firstName"], one["lastName"], one["email"]
        preferred = one.get("preferredName") or ""
        has_left = one["status"]["employmentStatus"] == "terminated"
        if number % 41 == 7:  # joined the workforce system only
            continue
        if number % 23 == 5 and email:
            email = email.upper()
        if number % 37 == 11:  # married, or misspelt
            last = f"{last}-Meyer"
        if number % 53 == 19:
            email = None
        company.add(first, last, email, status="Inactive" if has_left else "Active", preferred=preferred)
    for number in range(6):  # joined HR only
        company.add(f"Newcomer{number}", "Hire", f"newcomer{number}@example.com")
    return company
