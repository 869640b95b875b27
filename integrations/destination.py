"""The workforce API as any client program calls it: over HTTP, with the integration's own app.

The address is the portal's own (settings.INTERNAL_URL), which nobody but the operator sets; so this needs
none of the guards of portal.fetch, and keeps its connection open.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

SCOPES = "workforce.employees.read workforce.employees.write"
TIMEOUT = 20.0  # seconds for one answer
TRIES = 3
PAGE = 1000  # rows, the most the API gives at once
IDS = 1000  # in one question
MOST_PAGES = 100
BATCH = 500  # balances in one update, the API's own limit
SEARCH_EMPLOYEES = "/v1/search/employees"
SEARCH_ACCOUNTS = "/v1/search/employeePersonalAccounts"
BALANCES = "/v1/employeePersonalAccountBalances"


class DestinationError(Exception):
    """The workforce API said no; the message is for people."""


class CredentialsRefused(DestinationError):
    """The integration's app was deleted or given other credentials."""


class Busy(DestinationError):
    """Too many calls; `wait` is for how many seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__("The workforce API asks us to slow down.")
        self.wait = wait


class Away(DestinationError):
    """No answer, or a broken one: what was sent may or may not have been carried out."""


@dataclass(frozen=True, slots=True)
class AccountType:
    id: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    employee_id: str
    type_id: str
    unit: str


@dataclass(frozen=True, slots=True)
class Write:
    account_id: str
    balance: Decimal
    unit: str
    as_of: date | None
    key: str


class Workforce:
    """One tenant's workforce API. Not for several threads at once."""

    def __init__(self, *, environment: str, client_id: str, client_secret: str) -> None:
        self._prefix = f"/{environment}/workforce"
        self._basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._token = ""
        self._line: http.client.HTTPConnection | None = None

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    # ------------------------------------------------------------ questions

    def employees(self) -> Iterator[dict[str, Any]]:
        yield from self._pages(SEARCH_EMPLOYEES, "employees", {})

    def account_types(self) -> list[AccountType]:
        """Every type that somebody has an account of, by name."""
        found = {
            row["accountTypeId"]: AccountType(row["accountTypeId"], row["name"], row["unit"])
            for row in self._pages(SEARCH_ACCOUNTS, "personalAccounts", {})
        }
        return sorted(found.values(), key=lambda one: (one.name.casefold(), one.id))

    def accounts(self, employee_ids: Sequence[str], type_ids: Sequence[str], *, on: date) -> list[Account]:
        """Those that can be used on this day."""
        asked = {
            "employeeSelector": {"employeeFilter": {"employeeIds": list(employee_ids)}},
            "personalAccountSelector": {"accountTypeIds": list(type_ids), "validOn": on.isoformat()},
        }
        rows = self._pages(SEARCH_ACCOUNTS, "personalAccounts", asked)
        return [Account(row["id"], row["employeeId"], row["accountTypeId"], row["unit"]) for row in rows]

    def balances(self, account_ids: Sequence[str]) -> dict[str, Decimal]:
        """By account; one that nobody has booked to is not there."""
        found = {}
        for start in range(0, len(account_ids), IDS):
            asked = {
                "personalAccountBalanceSelector": {
                    "personalAccountIds": list(account_ids[start : start + IDS])
                }
            }
            for row in self._pages(BALANCES, "personalAccountBalances", asked):
                found[row["personalAccountId"]] = Decimal(row["balance"])
        return found

    def write(self, items: Sequence[Write]) -> list[str]:
        """Sets up to BATCH balances; per item an empty text, or why it failed. Raises Away when in doubt."""
        body = {"personalAccountBalances": [_item(one) for one in items]}
        results = self._call("PUT", BALANCES, body).get("results")
        if not isinstance(results, list) or len(results) != len(items):
            raise Away("The workforce API's answer was not whole.")
        return [
            str(one.get("error", {}).get("message") or "The workforce API refused it.")
            if one.get("status") == "failed"
            else ""
            for one in results
        ]

    # ------------------------------------------------------------ one call

    def _pages(self, path: str, name: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        start = 0
        for _ in range(MOST_PAGES):
            found = self._call(
                "POST", path, {**body, "startIndex": start, "maxResults": PAGE}, is_reading=True
            )
            rows = found.get(name)
            if not isinstance(rows, list):
                raise DestinationError("The workforce API answered in a way that is not documented.")
            yield from rows
            start += len(rows)
            if not rows or start >= int(found.get("totalCount", 0)):
                return
        raise DestinationError("The workforce API kept sending pages without an end.")

    def _call(self, method: str, path: str, body: Any, *, is_reading: bool = False) -> dict[str, Any]:
        """Reading calls are repeated when they break on the way; a writing one is the caller's to repeat."""
        for turn in range(TRIES):
            try:
                status, headers, answer = self._with_token(method, self._prefix + path, body)
            except Away:
                if not is_reading or turn + 1 == TRIES:
                    raise
                time.sleep(0.2 * 2**turn)
                continue
            if status < 500 or not is_reading or turn + 1 == TRIES:
                return _read(status, headers, answer)
            time.sleep(0.2 * 2**turn)
        raise AssertionError("the last turn returns or raises")

    def _with_token(self, method: str, path: str, body: Any) -> tuple[int, dict[str, str], bytes]:
        payload = json.dumps(body).encode()
        for is_fresh in (False, True):
            if not self._token or is_fresh:
                self._token = self._fetch_token()
            headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
            status, found, answer = self._send(method, path, payload, headers)
            if status != 401:
                return status, found, answer
        raise CredentialsRefused(APP_CHANGED)

    def _fetch_token(self) -> str:
        form = urlencode({"grant_type": "client_credentials", "scope": SCOPES}).encode()
        headers = {
            "Authorization": f"Basic {self._basic}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        status, found, answer = self._send("POST", "/oauth2/token", form, headers)
        if status in (400, 401):
            raise CredentialsRefused(APP_CHANGED)
        return str(_read(status, found, answer).get("access_token", ""))

    def _send(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        try:
            if self._line is None:
                self._line = _connect()
            self._line.request(method, path, body=body, headers=headers)
            answer = self._line.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise Away(
                "The workforce API did not answer. Its own address may be wrong, or it is busy."
            ) from None


APP_CHANGED = (
    "The integration's app no longer works: its credentials were changed or it was deleted under Apps. "
    "Give it new credentials on the Connect page."
)


def _connect() -> http.client.HTTPConnection:
    parts = urlsplit(settings.INTERNAL_URL)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=TIMEOUT)


def _item(one: Write) -> dict[str, str]:
    found = {"personalAccountId": one.account_id, "balance": str(one.balance), "unit": one.unit}
    if one.as_of is not None:
        found["asOfDate"] = one.as_of.isoformat()
    return found | {"idempotencyKey": one.key}


def _read(status: int, headers: dict[str, str], answer: bytes) -> dict[str, Any]:
    if status == 429:
        wait = headers.get("retry-after", "")
        raise Busy(float(wait) if wait.isdigit() else 30.0)
    if status >= 500:
        raise Away("The workforce API had a fault.")
    try:
        found = json.loads(answer)
    except ValueError:
        raise Away("The workforce API answered with something that is not JSON.") from None
    if status >= 400 or not isinstance(found, dict):
        raise DestinationError(_words(status, found))
    return found


def _words(status: int, found: Any) -> str:
    """The API's own sentence, in either of the two shapes it speaks."""
    if isinstance(found, dict):
        errors = found.get("errors")
        first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
        said = first.get("message") or found.get("detail") or found.get("title")
        if said:
            return f"The workforce API refused: {said}"[:290]
    return f"The workforce API refused the call with status {status}."
