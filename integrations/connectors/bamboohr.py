"""BambooHR, as its OpenAPI document and recorded answers show it (REST v1 and datasets v2, API key).

https://documentation.bamboohr.com/docs/getting-started. Traps that this module takes care of: XML without an
Accept header; ids that are numbers or texts; balances as texts; `discretionary` policies whose 0.00 means
unlimited; throttling as 503 before and 429 since September 2026; a key that is paused after wrong keys
answers 403 to everybody; `links` of a dataset that is a list when it is empty.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings

from integrations.amounts import CENT, Unreadable, parse
from integrations.connectors.base import (
    Balance,
    Company,
    Gone,
    KeyRefused,
    Kind,
    NoAccess,
    Person,
    Provider,
    ProviderError,
    Throttled,
    TimeOffType,
    Types,
    Unavailable,
    Unexpected,
    WrongDomain,
)
from integrations.connectors.throttle import Throttle, seconds
from integrations.models import Unit
from portal.fetch import Answer, FetchError, NameUnknown, fetch

NAME = "BambooHR"
TRIES = 3  # of one reading request that breaks on the way
PAGE = 1000  # people
MOST_PAGES = 100
LIMIT = 8_000_000  # bytes of an answer
ERROR_HEADERS = ("x-bamboohr-error-message", "x-bamboohr-message")  # both names are in use
TYPES = "/api/v1/meta/time_off/types"
FIELDS = ["eeid", "firstName", "lastName", "preferredName", "email", "status"]
is_label = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?").fullmatch
_about_rights = re.compile(
    r"permission|privilege|access level|not allowed|not authori[sz]ed", re.IGNORECASE
).search

DOMAIN_UNKNOWN = (
    "BambooHR does not know this company domain. It is the part before .bamboohr.com in the address you "
    "sign in at."
)
NOT_BAMBOO = (
    "Something other than BambooHR's API answered. Check the company domain: it is the part before "
    ".bamboohr.com."
)
NO_SUCH_NAME = (
    "Check the company domain: no machine with this name was found. If the domain is right, the portal's "
    "own network may be the reason; ask whoever runs the portal."
)
KEY_REFUSED = (
    "BambooHR did not accept the API key, or it belongs to another company domain. Paste it again, or make "
    "a new one in BambooHR under your name, API Keys."
)
NO_RIGHTS = (
    "The API key works, but the person it belongs to may not see time off. Give them access in BambooHR, or "
    "use a key of somebody who has it."
)
PAUSED = (
    "BambooHR refused access: the key's owner lacks a permission, or BambooHR has paused the API after "
    "repeated wrong keys. Wait a while, then try once."
)
DOWN = "BambooHR cannot be reached at the moment. Try again later; if it lasts, contact BambooHR support."
ODD = "BambooHR answered in a way that is not documented. Try again; if it happens again, tell support."
INCOMPLETE = "BambooHR's list of employees was not complete, so nothing was changed. Try again."
GONE = "BambooHR does not know this person any more, or hides them from the key."


def read_domain(text: str) -> str:
    """`https://Northwind.bamboohr.com/home` as `northwind`. Raises ValueError with words for the person."""
    name = text.strip().lower().removeprefix("https://").removeprefix("http://")
    host, *_ = re.split(r"[/?#]", name, maxsplit=1)
    label = host.removesuffix(".").removesuffix(".bamboohr.com")
    if not is_label(label):
        raise ValueError("Type the part before .bamboohr.com, such as “northwind” in northwind.bamboohr.com.")
    return label


class BambooHR:
    """One company. Threads may share it: they keep quiet together when BambooHR asks for it."""

    def __init__(self, domain: str, key: str) -> None:
        if not is_label(domain):
            raise WrongDomain(DOMAIN_UNKNOWN)
        self._base = settings.BAMBOOHR_URL.replace("{company}", domain)
        self._authorization = "Basic " + base64.b64encode(f"{key}:x".encode()).decode()
        self._throttle = Throttle(NAME)

    def close(self) -> None:
        self._throttle.give_up()

    # ------------------------------------------------------------ the four questions

    def probe(self) -> Company:
        _read_types(self._json(TYPES, tries=1, missing=WrongDomain(DOMAIN_UNKNOWN)))
        try:
            found = self._json("/api/v1/company_information", tries=1)
            name = found.get("displayName") or found.get("legalName") if isinstance(found, dict) else ""
        except ProviderError:  # the name is a nicety
            name = ""
        return Company(str(name or "")[:200])

    def types(self) -> Types:
        return _read_types(self._json(TYPES, missing=WrongDomain(DOMAIN_UNKNOWN)))

    def people(self) -> Iterator[Person]:
        try:
            yield from self._people_of_dataset()
        except NoAccess:  # a key without reports may still see the directory, which knows no leavers
            yield from self._people_of_directory()

    def balances(self, person_id: str) -> list[Balance]:
        if not re.fullmatch(r"[0-9A-Za-z_-]{1,60}", person_id):
            raise Unexpected(ODD)
        path = f"/api/v1/employees/{person_id}/time_off/calculator"
        found = self._json(path, missing=Gone(GONE))
        if not isinstance(found, list):
            raise Unexpected(ODD)
        return [_balance(row) for row in found if isinstance(row, dict)]

    # ------------------------------------------------------------ people

    def _people_of_dataset(self) -> Iterator[Person]:
        seen: set[str] = set()
        page = pages = 1
        total = None
        while page <= pages:
            asked = {"fields": FIELDS, "orderBy": "eeid asc", "page": page, "pageSize": PAGE}
            found = self._json("/api/v2/datasets/employee/data", body=asked, missing=NoAccess(NO_RIGHTS))
            rows, meta = _rows(found), _meta(found)
            pages, total = min(int(meta.get("totalPages", 1)), MOST_PAGES), int(meta.get("totalItems", 0))
            for person in rows:
                if person.id in seen:
                    raise Unexpected(INCOMPLETE)  # the same page again, or somebody moved between pages
                seen.add(person.id)
                yield person
            if not rows and page < pages:
                break
            page += 1
        if total is not None and len(seen) < total:
            raise Unexpected(INCOMPLETE)

    def _people_of_directory(self) -> Iterator[Person]:
        found = self._json("/api/v1/employees/directory", missing=None)
        if found is None:  # an empty directory answers 404
            return
        if not isinstance(found, dict) or not isinstance(found.get("employees"), list):
            raise Unexpected(ODD)
        for row in found["employees"]:
            if isinstance(row, dict) and row.get("id") not in (None, ""):
                yield _person(row, id_field="id", mail_field="workEmail")

    # ------------------------------------------------------------ one request

    def _json(
        self, path: str, *, body: Any = None, tries: int = TRIES, missing: Exception | None = None
    ) -> Any:
        """The JSON of an answer. A 404 raises `missing`, or is None where that is no error."""
        answer = self._ask(path, body, tries)
        if answer.status == 404:
            if missing is None:
                return None
            raise missing
        _check(answer)
        try:
            return json.loads(answer.body, parse_float=Decimal)
        except ValueError:
            raise WrongDomain(NOT_BAMBOO) if tries == 1 else Unexpected(ODD) from None

    def _ask(self, path: str, body: Any, tries: int) -> Answer:
        """Repeats what broke on the way or was throttled; never what was refused."""
        for turn in range(tries):
            self._throttle.enter()
            try:
                answer = self._send(path, body, is_kept=tries > 1)
            except FetchError as error:
                self._throttle.leave()
                if isinstance(error, NameUnknown):
                    raise WrongDomain(NO_SUCH_NAME) from None
                if turn + 1 == tries:
                    raise Unavailable(DOWN) from None
                time.sleep(0.2 * 2**turn)
                continue
            wait = answer.headers.get("retry-after")
            is_throttled = answer.status == 429 or (answer.status == 503 and wait is not None)
            self._throttle.leave(retry_after=wait, was_refused=is_throttled)
            if is_throttled:
                if tries == 1:
                    raise _slow_down(wait)
                return self._ask(path, body, tries)
            if answer.status < 500 or turn + 1 == tries:
                return answer
            time.sleep(0.2 * 2**turn)
        raise AssertionError("the last turn returns or raises")

    def _send(self, path: str, body: Any, *, is_kept: bool) -> Answer:
        """Over a kept connection where it may be repeated: with TLS, a new one costs as much as an answer."""
        headers = {"Authorization": self._authorization, "Accept": "application/json"}
        if body is None:
            return fetch(self._base + path, headers=headers, limit=LIMIT, is_kept=is_kept)
        headers["Content-Type"] = "application/json"  # exactly: a charset makes it be read as XML
        payload = json.dumps(body).encode()
        return fetch(
            self._base + path, method="POST", headers=headers, body=payload, limit=LIMIT, is_kept=is_kept
        )


# ---------------------------------------------------------------- reading answers


def _check(answer: Answer) -> None:
    """Raises what the status says; see the table in the tests.

    A body is never shown: it can hold people's data.
    """
    status = answer.status
    if 200 <= status < 300:
        return
    if 300 <= status < 400:  # never followed: the key would go along
        raise WrongDomain(NOT_BAMBOO)
    if status == 401:
        raise KeyRefused(KEY_REFUSED)
    if status == 403:
        said = " ".join(answer.headers.get(name, "") for name in ERROR_HEADERS)
        raise NoAccess(NO_RIGHTS) if _about_rights(said) else KeyRefused(PAUSED)
    if status == 429:
        raise _slow_down(answer.headers.get("retry-after"))
    raise Unavailable(DOWN) if status >= 500 else Unexpected(ODD)


def _slow_down(wait: str | None) -> Throttled:
    left = max(1, round(seconds(wait)))
    return Throttled(f"BambooHR asks us to slow down. Try again in {left} s.", wait=left)


def _read_types(found: Any) -> Types:
    rows = found.get("timeOffTypes") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise WrongDomain(NOT_BAMBOO)
    types = [
        TimeOffType(str(row["id"])[:60], str(row.get("name") or row["id"])[:120], str(row.get("units")))
        for row in rows
        if isinstance(row, dict) and row.get("id") not in (None, "") and row.get("units") in Unit.values
    ]
    return Types(types, _hours_per_day(found.get("defaultHours")))


def _hours_per_day(rows: Any) -> Decimal:
    """The entry named `default`, else the mean of the days that are worked, else 8."""
    amounts = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            with suppress(Unreadable):
                amounts[str(row.get("name", "")).lower()] = parse(row.get("amount"))
    worked = [hours for name, hours in amounts.items() if name != "default" and 0 < hours <= 24]
    named = amounts.get("default", Decimal(0))
    if 0 < named <= 24:
        return named.quantize(CENT)
    return (sum(worked, Decimal(0)) / len(worked)).quantize(CENT) if worked else Decimal(8)


def _rows(found: Any) -> list[Person]:
    rows = found.get("data") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise Unexpected(ODD)
    fields = [row["fields"] for row in rows if isinstance(row, dict) and isinstance(row.get("fields"), dict)]
    return [
        _person(row, id_field="eeid", mail_field="email")
        for row in fields
        if row.get("eeid") not in (None, "")
    ]


def _meta(found: Any) -> dict[str, Any]:
    meta = found.get("meta")
    numbers = isinstance(meta, dict) and all(
        isinstance(meta.get(name, 1), int) for name in ("totalPages", "totalItems")
    )
    if not numbers:
        raise Unexpected(ODD)
    return dict(meta)


def _person(row: dict[str, Any], *, id_field: str, mail_field: str) -> Person:
    def text(name: str, most: int) -> str:
        value = row.get(name)
        return value.replace("\0", "").strip()[:most] if isinstance(value, str) else ""

    return Person(
        id=str(row[id_field])[:60],
        first=text("firstName", 120),
        last=text("lastName", 120),
        preferred=text("preferredName", 120),
        email=text(mail_field, 254),
        is_leaver=text("status", 20).lower() == "inactive",
    )


def _balance(row: dict[str, Any]) -> Balance:
    """Unlimited, a number, or hidden. A number that cannot be read is hidden, never zero."""
    raw_unit = str(row.get("units", ""))[:20]
    hidden = Balance(
        type_id=str(row.get("timeOffType", ""))[:60],
        kind=Kind.HIDDEN,
        as_of=_day(row.get("end")),
        raw=str(row.get("balance", ""))[:40],
        raw_unit=raw_unit,
    )
    if row.get("policyType") == "discretionary":  # its 0.00 is not “nothing left”
        return replace(hidden, kind=Kind.NONE, note="Unlimited in BambooHR.")
    if raw_unit not in Unit.values:
        return replace(hidden, note="BambooHR gave no unit that is known.")
    if row.get("balance") is None:
        return replace(hidden, note="BambooHR hides this balance from the key.")
    try:
        amount = parse(row["balance"])
    except Unreadable as error:
        return replace(hidden, note=str(error))
    return replace(hidden, kind=Kind.VALUE, amount=amount, unit=raw_unit)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text)
    except (ValueError, TypeError):
        return None


PROVIDER = Provider(
    slug="bamboohr",
    name=NAME,
    brings="Employees, time-off types and time-off balances.",
    connect=BambooHR,
    read_domain=read_domain,
    domain_help="The part before .bamboohr.com. Pasting the whole address works too.",
    key_help="In BambooHR, open the menu under your name, choose API Keys and add one. It sees what you see.",
)
