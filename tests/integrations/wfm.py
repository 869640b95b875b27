"""A workforce API on a local port, as far as a sync speaks to it, with a ledger of every write."""

from __future__ import annotations

import json
import threading
import time
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Row = dict[str, Any]


class Wfm(ThreadingHTTPServer):
    """`accounts` by id; `balances` by account; `applied`: every write that was carried out, in order."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        self.people: list[Row] = []
        self.accounts: dict[str, Row] = {}
        self.held: dict[str, list[str]] = {}  # employee → accounts
        self.balances: dict[str, str] = {}
        self.keys: dict[tuple[str, str], str] = {}
        self.applied: list[tuple[str, str, str]] = []  # account, key, balance
        self.calls: list[tuple[str, str, int]] = []
        self.faults: list[tuple[str, Any]] = []  # (kind, argument), used up one by one by PUTs
        self.credentials_work = True
        self.latency = 0.0
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is killed in the middle is what tests do on purpose."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def add(self, first: str, last: str, email: str | None, *, status: str = "active", **more: Any) -> str:
        number = f"-{1000 + len(self.people)}"
        row = {"id": number, "firstName": first, "lastName": last, "email": email, "preferredName": None}
        self.people.append({**row, "status": {"employmentStatus": status}, **more})
        for kind, name, unit in (
            ("1", "Vacation", "days"),
            ("2", "Sick leave", "hours"),
            ("4", "In lieu", "hours"),
        ):
            account = f"{50_000 + len(self.accounts)}"
            self.held.setdefault(number, []).append(account)
            self.accounts[account] = {
                "id": account, "employeeId": number, "accountTypeId": kind, "name": name, "unit": unit,
                "validFrom": "2020-01-01", "validTo": None,
            }  # fmt: skip
        return number

    def account(self, employee: str, kind: str) -> str:
        return next(
            one["id"]
            for one in self.accounts.values()
            if one["employeeId"] == employee and one["accountTypeId"] == kind
        )

    def duplicates(self) -> list[Any]:
        """Accounts and keys that were carried out more than once."""
        seen = [(account, key) for account, key, _ in self.applied]
        return sorted({one for one in seen if seen.count(one) > 1})


class Handler(BaseHTTPRequestHandler):
    server: Wfm
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        """The ledger tells more."""

    def do_POST(self) -> None:
        self.answer()

    def do_PUT(self) -> None:
        self.answer()

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(self.server.latency)
        if self.path == "/oauth2/token":
            works = self.server.credentials_work
            return self.reply(
                200 if works else 401, {"access_token": "t"} if works else {"error": "invalid_client"}
            )
        asked = json.loads(body)
        path = self.path.removeprefix("/sandbox/workforce")
        if self.command == "PUT":
            return self.put(asked)
        found = {
            "/v1/search/employees": ("employees", self.server.people),
            "/v1/search/employeePersonalAccounts": ("personalAccounts", self.chosen(asked)),
            "/v1/employeePersonalAccountBalances": ("personalAccountBalances", self.booked(asked)),
        }[path]
        name, rows = found
        start, most = asked["startIndex"], asked["maxResults"]
        return self.reply(200, {"totalCount": len(rows), name: rows[start : start + most]})

    def chosen(self, asked: Row) -> list[Row]:
        people = asked.get("employeeSelector", {}).get("employeeFilter", {}).get("employeeIds")
        kinds = asked.get("personalAccountSelector", {}).get("accountTypeIds")
        accounts = self.server.accounts
        if people is None:
            return list(accounts.values())
        held = [accounts[key] for one in people for key in self.server.held.get(one, ()) if key in accounts]
        return [one for one in held if kinds is None or one["accountTypeId"] in kinds]

    def booked(self, asked: Row) -> list[Row]:
        wanted = asked.get("personalAccountBalanceSelector", {}).get("personalAccountIds", [])
        with self.server.lock:
            found = {one: self.server.balances.get(one) for one in wanted}
        return [{"personalAccountId": key, "balance": one} for key, one in found.items() if one is not None]

    def put(self, asked: Row) -> None:
        fault, argument = self.server.faults.pop(0) if self.server.faults else ("", None)
        if fault == "status":
            return self.reply(argument, {"errors": [{"message": "No."}]})
        if fault == "busy":
            return self.reply(429, {}, {"Retry-After": str(argument)})
        results = [self.apply(item) for item in asked["personalAccountBalances"]]
        if fault == "lost":  # carried out, but nobody is told
            self.close_connection = True
            return self.connection.close()
        return self.reply(200, {"results": results})

    def apply(self, item: Row) -> Row:
        account, key = item["personalAccountId"], item["idempotencyKey"]
        balance = f"{Decimal(item['balance']):.2f}"
        with self.server.lock:
            if account not in self.server.accounts:
                return {
                    "personalAccountId": account,
                    "status": "failed",
                    "error": {"message": "No such account."},
                }
            if (account, key) in self.server.keys:
                return {"personalAccountId": account, "status": "unchanged"}
            self.server.keys[account, key] = balance
            self.server.balances[account] = balance
            self.server.applied.append((account, key, balance))
        return {"personalAccountId": account, "status": "updated"}

    def reply(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        payload = json.dumps(content).encode()
        self.server.calls.append((self.command, self.path, status))
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)
