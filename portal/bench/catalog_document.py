# ruff: noqa: E501  # rows of made values do not wrap
"""A made OpenAPI document of any size: fields, limits, links between models, examples, as real ones have."""

from __future__ import annotations

import json
from typing import Any

WORDS = (
    """account agent alert answer area audit balance batch break calendar call campaign channel city
    contact contract country credit customer date day delivery demand device document duration
    employee event field file filter forecast group history holiday import invoice item label language
    leave limit line location manager member message method minute month name note number office order
    owner page partner payment period phone place plan point position price product profile project
    queue rate reason record region report request result role room route rule schedule score season
    segment session shift site skill source staff state status step stock store street supplier table
    target task team template ticket time title token total tour training type unit user value vendor
    version visit volume wage warehouse week window work year zone"""
).split()
VERBS = ("search", "get", "create", "update", "delete")
METHODS = {"search": "post", "get": "get", "create": "post", "update": "put", "delete": "delete"}
PER_GROUP = 25


def make_document(operations: int, *, fields: int = 24, rows: int = 8) -> bytes:
    """JSON; by default about 12 kB an operation, 3 kB with 5 fields and one row."""
    schemas = {_model(number): _schema(number, fields, operations) for number in range(operations)}
    schemas["Problem"] = {
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": {"type": "string", "enum": ["not_found", "too_many"]},
            "message": {"type": "string"},
        },
    }
    paths: dict[str, Any] = {}
    for number in range(operations):
        verb = VERBS[number % len(VERBS)]
        path = f"/v1/{_word(number)}/{number // len(VERBS)}/{_word(number + 7)}/{{id}}/{verb}"
        paths[path] = {METHODS[verb]: _operation(number, verb, rows)}
    groups = range(-(-operations // PER_GROUP))
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": f"Made API of {operations:,} operations", "version": "1"},
            "tags": [{"name": _group(group), "description": "A made group."} for group in groups],
            "paths": paths,
            "components": {"schemas": schemas},
        }
    ).encode()


def _word(number: int) -> str:
    return WORDS[number % len(WORDS)]


def _group(number: int) -> str:
    return f"{_word(number * 3).capitalize()} {number}"


def _model(number: int) -> str:
    return f"{_word(number).capitalize()}{_word(number // len(WORDS) + 1).capitalize()}{number}"


def _near(number: int, step: int, operations: int) -> int:
    """Another model of the same ten: real documents are made of clusters."""
    return min(number - number % 10 + (number + step) % 10, operations - 1)


def _schema(number: int, fields: int, operations: int) -> dict[str, Any]:
    properties: dict[str, Any] = {
        f"{_word(number + place * 5)}{_word(place).capitalize()}": _field(number + place)
        for place in range(fields)
    }
    properties["next"] = {"$ref": f"#/components/schemas/{_model(_near(number, 1, operations))}"}
    properties["parts"] = {
        "type": "array",
        "items": {"$ref": f"#/components/schemas/{_model(_near(number, 3, operations))}"},
    }
    return {"type": "object", "description": f"What is known of a {_word(number)}.", "properties": properties}


def _field(number: int) -> dict[str, Any]:
    told = f"The {_word(number)} of the {_word(number + 3)}, as its {_word(number + 11)} has it. Read it after a change."
    if number % 5 == 0:
        return {
            "type": "integer",
            "minimum": 0,
            "maximum": 1000 + number,
            "description": told,
            "examples": [7],
        }
    if number % 7 == 0:
        values = [f"{_word(number + step)}{step}" for step in range(6)]
        return {"type": "string", "enum": values, "description": told}
    return {"type": "string", "maxLength": 40 + number % 50, "description": told, "examples": [_word(number)]}


def _operation(number: int, verb: str, rows: int) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{_model(number)}"}
    example = [
        {
            f"{_word(number + place * 5)}{_word(place).capitalize()}": _word(number + place)
            for place in range(24)
        }
        for _ in range(rows)
    ]
    operation: dict[str, Any] = {
        "operationId": f"{verb}{_model(number)}",
        "tags": [_group(number // PER_GROUP)],
        "summary": f"{verb.capitalize()} {_word(number)} {_word(number + 7)} {number}",
        "description": f"Does **{verb}** for the {_word(number)}.\n\n- One at a time.\n- See `{_word(number + 1)}`.",
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            {
                "name": f"{_word(number)}Filter",
                "in": "query",
                "schema": {"type": "string"},
                "description": "Which ones.",
            },
        ],
        "responses": {
            "200": {
                "description": "Done.",
                "headers": {"X-Count": {"schema": {"type": "integer"}, "description": "How many."}},
                "content": {
                    "application/json": {"schema": {"type": "array", "items": reference}, "example": example}
                },
            },
            "404": _problem("Not found."),
            "429": _problem("Too many calls."),
        },
    }
    if METHODS[verb] in ("post", "put"):
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": reference}}}
    return operation


def _problem(told: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": told, "content": {"application/json": {"schema": schema}}}
