"""A BambooHR on a local port: the documented paths, Basic keys, headers and errors.

The company is read from the Host header (`northwind.bamboohr.com`) or from the first part of the path
(`/northwind/api/v1/…`). `GET /_ledger` and `POST /_switches` are for tests in other processes.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import socket
import time
from collections.abc import Iterable
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from integrations.simulators.company import Company
from integrations.simulators.switches import Board, Fault

HTML = b"<!doctype html><title>Sign in</title><p>Please sign in."
_calculator = re.compile(r"/api/v1/employees/([0-9]+)/time_off/calculator").fullmatch
Answer = tuple[int, Any, dict[str, str]]


class Simulator(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, companies: Iterable[Company], *, port: int = 0, host: str = "127.0.0.1", latency: float = 0.0
    ) -> None:
        self.companies = {company.domain: company for company in companies}
        self.board = Board(latency=latency)
        super().__init__((host, port), Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        """For settings.BAMBOOHR_URL."""
        return f"http://127.0.0.1:{self.port}/{{company}}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is what tests do on purpose."""


class Handler(BaseHTTPRequestHandler):
    server: Simulator
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_version, sys_version = "nginx", ""

    def log_message(self, *_: Any) -> None:
        """The ledger tells more."""

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._answer(self.rfile.read(length))

    # ------------------------------------------------------------ who asks what

    def _answer(self, body: bytes | None) -> None:
        board = self.server.board
        if self.path.startswith("/_"):
            return self._control(body)
        company, path = self._company()
        plain = path.split("?")[0]
        time.sleep(board.latency)
        if fault := board.fault_for(plain):
            done = self._faulty(fault, company, plain, body)
            if done:
                return None
        self._reply(company, plain, *self._decide(company, plain, body))
        return None

    def _company(self) -> tuple[str, str]:
        host = (self.headers.get("Host") or "").split(":")[0].lower()
        if host.endswith(".bamboohr.com"):
            return host.removesuffix(".bamboohr.com"), self.path
        _, company, rest = (*self.path.split("/", 2), "", "")[:3]
        return company, f"/{rest}"

    def _key(self) -> str:
        scheme, _, text = (self.headers.get("Authorization") or "").partition(" ")
        try:
            return base64.b64decode(text).decode().partition(":")[0] if scheme == "Basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            return ""

    def _decide(self, domain: str, path: str, body: bytes | None) -> Answer:
        board, company = self.server.board, self.server.companies.get(domain)
        if company is None:
            return _unknown_company(board.wrong_domain)
        if board.is_locked():
            return 403, None, {}
        if self._key() != company.key:
            board.note_bad_key()
            return 401, None, {"X-BambooHR-Error-Message": "Invalid API key"}
        if "application/json" not in (self.headers.get("Accept") or ""):
            return 200, b'<?xml version="1.0"?><result/>', {"Content-Type": "text/xml"}
        return _route(company, path, body)

    # ------------------------------------------------------------ writing

    def _reply(self, company: str, path: str, status: int, content: Any, headers: dict[str, str]) -> None:
        self.server.board.note(self.command, path, company, self._key(), status)
        payload = content if isinstance(content, bytes) else b"" if content is None else _json(content)
        self.send_response(status)
        kind = headers.pop("Content-Type", "application/json" if content is not None else "text/html")
        for name, value in {"Content-Type": kind, "x-request-id": "sim", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(payload)
        self.close_connection = True

    def _faulty(self, fault: Fault, company: str, path: str, body: bytes | None) -> bool:
        """Whether the fault was the answer."""
        if fault.kind == "status":
            self._reply(company, path, fault.status, None, dict(fault.headers))
        elif fault.kind == "html":
            self._reply(company, path, 200, HTML, {"Content-Type": "text/html"})
        elif fault.kind == "redirect":
            self._reply(company, path, 302, None, {"Location": "http://127.0.0.1:9/elsewhere"})
        elif fault.kind in ("truncated", "reset", "drip", "huge"):
            self._broken(fault, company, path)
        elif fault.kind == "hang":
            time.sleep(fault.seconds)
            return False
        else:
            if fault.kind == "repeat" and body is not None:
                body = _json({**json.loads(body), "page": 1})
            status, content, headers = self._decide(company, path, body)
            self._reply(company, path, status, _bent(fault.kind, content), headers)
        return True

    def _broken(self, fault: Fault, company: str, path: str) -> None:
        self.server.board.note(self.command, path, company, self._key(), 200)
        self.close_connection = True
        line = self.connection
        if fault.kind == "reset":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n[")
            line.close()
            return
        length = 300_000_000 if fault.kind == "huge" else 900
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        line.sendall(head.encode())
        if fault.kind == "huge":
            for _ in range(300):
                line.sendall(b" " * 1_000_000)
        elif fault.kind == "drip":
            for _ in range(40):
                line.sendall(b" ")
                time.sleep(0.5)
        else:
            line.sendall(b'{"timeOffTypes": [')

    def _control(self, body: bytes | None) -> None:
        board = self.server.board
        if body is not None:
            board.set(json.loads(body))
        payload = _json(board.dump() if self.path == "/_ledger" else {})
        self.send_response(200)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


# ---------------------------------------------------------------- answers


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()


def _unknown_company(mode: str) -> Answer:
    if mode == "html":
        return 200, HTML, {"Content-Type": "text/html"}
    if mode == "302":
        return 302, None, {"Location": "https://www.example.com/"}
    return (401 if mode == "401" else 404), None, {}


def _route(company: Company, path: str, body: bytes | None) -> Answer:
    if path == "/api/v1/meta/time_off/types":
        return 200, {"timeOffTypes": company.types, "defaultHours": company.default_hours}, {}
    if path == "/api/v1/company_information":
        return 200, {"legalName": company.name, "displayName": company.name}, {}
    if path == "/api/v1/employees/directory":
        return _directory(company)
    if path == "/api/v2/datasets/employee/data" and body is not None:
        return _dataset(company, json.loads(body))
    if found := _calculator(path):
        return _balances(company, found[1])
    return 404, None, {}


def _directory(company: Company) -> Answer:
    active = [one for one in company.employees if one["status"] == "Active"]
    if not active:
        return 404, None, {}
    rows = [
        {"id": one["eeid"], "workEmail": one["email"]}
        | {name: one[name] for name in ("firstName", "lastName", "preferredName")}
        for one in active
    ]
    return 200, {"fields": [], "employees": rows}, {}


def _dataset(company: Company, asked: dict[str, Any]) -> Answer:
    size, page = min(int(asked.get("pageSize", 100)), 1000), int(asked.get("page", 1))
    rows = company.employees[(page - 1) * size : page * size]
    total = len(company.employees)
    data = [{"fields": {name: one.get(name) for name in asked["fields"]}} for one in rows]
    meta = {"page": page, "pageSize": size, "totalPages": -(-total // size), "totalItems": total}
    return 200, {"data": data, "links": [], "meta": meta}, {}


def _balances(company: Company, number: str) -> Answer:
    held = company.balances.get(number)
    if held is None:
        return 404, b"<h1>Not Found</h1>", {"Content-Type": "text/html"}
    rows = [
        {
            "timeOffType": one["id"],
            "name": one["name"],
            "units": one["units"],
            "balance": held[one["id"]],
            "end": date.today().isoformat(),  # noqa: DTZ011 - the company's own day
            "policyType": "discretionary" if one["id"] in company.unlimited else "accruing",
            "usedYearToDate": "0.00",
        }
        for one in company.types
        if one["id"] in held
    ]
    return 200, rows, {}


def _bent(kind: str, content: Any) -> Any:
    """A proper answer with something wrong in it."""
    if isinstance(content, dict) and isinstance(content.get("data"), list):
        if kind == "short":
            return {**content, "data": content["data"][:-3]}
        if kind == "empty":
            return {"data": [], "links": [], "meta": {"page": 1, "totalPages": 1, "totalItems": 0}}
        if kind == "repeat":
            return {**content, "meta": {**content["meta"], "totalPages": 10_000}}
    if kind == "error_inside":
        return {"error": {"code": 429, "message": "Too many requests"}}
    return [] if kind == "empty" else content
