"""Refusals that come before the operation has the word still look as its document says."""

from __future__ import annotations

from catalog.openapi.closure import resolve


def test_401_has_no_body(api, gateway, found):
    for one in found.values():
        path = "/sandbox/provisioning" + one.path
        for token in ("", "nonsense"):
            answer = gateway(one.method, path, token=token)
            assert (answer.status, answer.body, "www-authenticate" in answer.headers) == (401, b"", True)


def test_405_has_the_shape_of_its_address(api, gateway, document, found):
    for path, item in document["paths"].items():
        [other, *_] = [method for method in ("PATCH", "POST") if method.lower() not in item]
        answer = gateway(other, "/sandbox/provisioning" + path, token=api.token)
        shapes = set()
        for one in found.values():
            if one.path == path and (response := one.definition["operation"]["responses"].get("405")):
                schema = resolve(one.definition, response)["content"]["application/json"]["schema"]
                shapes.add(schema["$ref"].rpartition("/")[2])
        if shapes:
            assert shapes == {"Error" if "error" in answer.json else "ErrorResponse"}, path
