"""A small document with every kind of sign-in and body that the console has to cope with."""

from __future__ import annotations

import json
from typing import Any

SCHEMES: dict[str, Any] = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "From the depot."},
    "session": {"type": "apiKey", "in": "cookie", "name": "depot.session"},
    "inQuery": {"type": "apiKey", "in": "query", "name": "api_key"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "oauth": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": {"parcels.read": "Read"}}},
    },
}
PARCEL: dict[str, Any] = {
    "type": "object",
    "required": ["id", "state"],
    "properties": {
        "id": {"type": "integer"},
        "state": {"enum": ["waiting", "moving", "there"]},
        "to": {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}},
        "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
    },
    "example": {"id": 7, "state": "moving", "to": {"city": "Lyon"}, "lines": [{"sku": "a-1", "count": 2}]},
}
LINE: dict[str, Any] = {
    "type": "object",
    "properties": {"sku": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
}
WSDL_CALL = '<?xml version="1.0"?>\n<Envelope><Body><Locate parcel="7"/></Body></Envelope>'


def answers(media_type: str = "application/json", example: Any = None) -> dict[str, Any]:
    media: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Parcel"}}
    if media_type != "application/json":
        media = {"schema": {"type": "string"}, "example": example}
    return {"200": {"description": "Done.", "content": {media_type: media}}}


def operation(name: str, security: str | None, **more: Any) -> dict[str, Any]:
    found = {"operationId": name, "summary": name, "responses": answers()} | more
    return found | {"security": [{one: []} for one in security.split()] if security else []}


def body(media_type: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"required": True, "content": {media_type: {"schema": schema, **more}}}


FORM: dict[str, Any] = {
    "type": "object",
    "required": ["city"],
    "properties": {
        "city": {"type": "string", "example": "Lyon"},
        "express": {"type": "boolean", "default": False},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
UPLOAD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "note": {"type": "string", "example": "fragile"},
        "photo": {"type": "string", "format": "binary"},
    },
}
WRONG = {"id": "seven", "state": "lost", "lines": [{"sku": "a"}, {"sku": "b", "count": 0}]}
NAMED = {
    "small": {"summary": "A small one", "value": {"id": 1, "state": "waiting"}},
    "large": {"summary": "A large one", "value": {"id": 2, "state": "there", "to": {"city": "Oslo"}}},
}
PARAMETERS: list[dict[str, Any]] = [
    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}, "example": 7},
    {"name": "state", "in": "query", "schema": {"enum": ["waiting", "moving"], "default": "moving"}},
    {
        "name": "tag",
        "in": "query",
        "schema": {"type": "array", "items": {"type": "string"}},
        "example": ["a", "b"],
    },
    {"name": "X-Depot", "in": "header", "required": True, "schema": {"type": "string"}, "example": "north"},
    {"name": "lang", "in": "cookie", "schema": {"type": "string"}, "example": "fr"},
]


def document() -> dict[str, Any]:
    paths = {
        "/parcels/{id}": {"get": operation("getParcel", "oauth", parameters=PARAMETERS)},
        "/parcels": {
            "post": operation(
                "createParcel",
                "key",
                requestBody=body("application/json", {"$ref": "#/components/schemas/Parcel"}, examples=NAMED),
            ),
        },
        "/form": {
            "post": operation(
                "sendForm", "session", requestBody=body("application/x-www-form-urlencoded", FORM)
            )
        },
        "/upload": {"post": operation("upload", "basic", requestBody=body("multipart/form-data", UPLOAD))},
        "/rows": {
            "post": operation(
                "sendRows",
                "inQuery",
                requestBody=body("text/csv", {"type": "string"}, example="id;city\n1;Lyon\n"),
                responses=answers("text/csv", "line;state\n1;ok\n"),
            ),
        },
        "/soap": {
            "post": operation(
                "locate",
                "bearer",
                requestBody=body("text/xml", {"type": "string"}, example=WSDL_CALL),
                responses=answers("text/xml", "<Envelope><Body><City>Lyon</City></Body></Envelope>"),
            ),
        },
        "/guarded": {"get": operation("guarded", "key session inQuery basic")},
        "/label": {
            "get": operation("label", None, responses=answers("application/pdf", "%PDF-1.4 not much")),
        },
        "/raw": {
            "put": operation(
                "putRaw", "oauth", requestBody=body("application/zip", {"type": "string", "format": "binary"})
            )
        },
        "/wrong": {
            "get": operation(
                "wrong",
                "oauth",
                responses={
                    "200": {
                        "description": "Not as it says.",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Parcel"},
                                "example": WRONG,
                            }
                        },
                    }
                },
            ),
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parcels", "version": "1"},
        "paths": paths,
        "components": {"securitySchemes": SCHEMES, "schemas": {"Parcel": PARCEL, "Line": LINE}},
    }


def source() -> bytes:
    return json.dumps(document()).encode()
