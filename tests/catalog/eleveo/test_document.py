"""The document against what the source says, copied here without its words."""

from __future__ import annotations

import pytest

from catalog.openapi.closure import resolve

UPLOADS = {
    "event-types": ("application/json", {"Tenant-ID", "pushToken", "lastChunk"}),
    "reason-codes": ("application/json", {"Tenant-ID", "pushToken", "lastChunk"}),
    "agent-events": ("text/csv", {"Tenant-ID", "pushToken", "acdType", "lastChunk"}),
}
TYPES = {
    "Tenant-ID": ("header", {"type": "string"}),
    "pushToken": ("query", {"type": "string", "format": "uuid"}),
    "acdType": ("query", {"type": "string"}),
    "lastChunk": ("query", {"type": "boolean"}),
}
TOKEN = {
    "access_token": "string",
    "expires_in": "integer",
    "refresh_expires_in": "integer",
    "refresh_token": "string",
    "token_type": "string",
    "not-before-policy": "integer",
    "session_state": "string",
    "scope": "string",
}


@pytest.mark.parametrize("segment", UPLOADS)
@pytest.mark.parametrize("base", ["/_rest/scheduling/adherence/{}", "/scheduling/adherence/{}/"])
def test_every_upload_is_as_the_source_says(found, segment, base):
    [one] = [one for one in found.values() if one.path == base.format(segment)]
    operation, (media_type, names) = one.definition["operation"], UPLOADS[segment]
    given = [resolve(one.definition, entry) for entry in operation["parameters"]]

    assert {entry["name"] for entry in given} == names
    assert list(operation["requestBody"]["content"]) == [media_type]
    for entry in given:
        place, shape = TYPES[entry["name"]]
        assert (entry["in"], entry["required"]) == (place, True)
        assert shape.items() <= entry["schema"].items()


def test_the_token_is_as_the_source_says(found):
    one = found["getToken"]
    operation = one.definition["operation"]
    form = resolve(
        one.definition, operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    )
    answer = resolve(one.definition, {"$ref": "#/components/schemas/Token"})

    assert one.path == "/auth/realms/{tenant}/protocol/openid-connect/token"
    assert form["required"] == ["grant_type", "client_id", "client_secret"]
    assert form["properties"]["grant_type"]["enum"] == ["client_credentials"]
    assert {name: shape["type"] for name, shape in answer["properties"].items()} == TOKEN
    assert answer["properties"]["token_type"]["enum"] == ["bearer"]


def test_the_two_names_the_source_attests_are_there(found):
    shape = resolve(found["pushEventTypes"].definition, {"$ref": "#/components/schemas/EventType"})
    assert {"acdType", "sourceId"} <= set(shape["properties"])
    assert len(found) == 8
