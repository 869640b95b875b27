"""The operations of a version as a Postman collection (format 2.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from catalog.openapi.samples import sample_call

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
Row = tuple[str, str, str, str, dict[str, Any]]  # group, summary, method, path, definition


def collection(title: str, rows: Iterable[Row], *, base_url: str, token_url: str) -> dict[str, Any]:
    folders: dict[str, list[dict[str, Any]]] = {}
    for group, summary, method, path, definition in rows:
        folders.setdefault(group, []).append(_item(summary, method, path, definition))
    return {
        "info": {"name": title, "schema": SCHEMA},
        "item": [{"name": group, "item": items} for group, items in folders.items()],
        "auth": {
            "type": "oauth2",
            "oauth2": [
                {"key": "grant_type", "value": "client_credentials", "type": "string"},
                {"key": "accessTokenUrl", "value": token_url, "type": "string"},
                {"key": "clientId", "value": "{{clientId}}", "type": "string"},
                {"key": "clientSecret", "value": "{{clientSecret}}", "type": "string"},
                {"key": "addTokenTo", "value": "header", "type": "string"},
            ],
        },
        "variable": [
            {"key": "baseUrl", "value": base_url},
            {"key": "clientId", "value": ""},
            {"key": "clientSecret", "value": ""},
        ],
    }


def _item(summary: str, method: str, path: str, definition: dict[str, Any]) -> dict[str, Any]:
    call = sample_call(definition, method=method, path=path, base="")
    address = urlsplit(call.url)
    request: dict[str, Any] = {
        "method": method,
        "header": [{"key": name, "value": value} for name, value in call.headers.items()],
        "url": {
            "raw": "{{baseUrl}}" + call.url,
            "host": ["{{baseUrl}}"],
            "path": address.path.strip("/").split("/"),
            "query": [{"key": key, "value": value} for key, value in parse_qsl(address.query)],
        },
        "description": str(definition["operation"].get("description") or "")[:5000],
    }
    if call.body is not None:
        is_json = "json" in call.headers.get("Content-Type", "")
        language = {"raw": {"language": "json" if is_json else "text"}}
        request["body"] = {"mode": "raw", "raw": call.body, "options": language}
    return {"name": summary, "request": request, "response": []}
