"""Bulk changes: one result per item, and an item that fails leaves the others alone."""

from __future__ import annotations

from typing import Any

from catalog.sandbox import Call

Row = dict[str, Any]


class ItemFailed(Exception):
    """Fails one item of a bulk change."""

    def __init__(self, code: str, message: str, field: str) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, "field": field}


def employee_of(call: Call, key: str, field: str) -> Row:
    employee = call.state.get("employees", key)
    if employee is None:
        raise ItemFailed("employeeNotFound", f"There is no employee {key}.", field)
    return employee


def now(call: Call) -> str:
    return call.now.strftime("%Y-%m-%dT%H:%M:%SZ")
