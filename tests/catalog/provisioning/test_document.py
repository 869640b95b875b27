"""The document holds every fact of the source, and every example in it is true to its schema."""

from __future__ import annotations

import re
from typing import Any

from openapi_spec_validator import validate

from catalog import bundled
from catalog.gateway.validation import compile_schema
from catalog.openapi.closure import resolve

SCALARS = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "integer(int32)": {"type": "integer", "format": "int32"},
    "number(double)": {"type": "number", "format": "double"},
    "string(date-time)": {"type": "string", "format": "date-time"},
}
# Where the document reads the source's table otherwise, as its description says.
OTHER_TYPES = {("Disposition", "channels"): "ChannelTypeCollection"}
# What the portal answers beside what the source lists.
ADDED = {"400", "403"}
ADDED_WITH_BODY = {"413", "415"}
ONLY_SUCCESS = {"replaceHiddenWorkTypes": "listHiddenWorkTypes", "replaceWorkHandlers": "listWorkHandlers"}


def type_of(schema: dict[str, Any]) -> str:
    """A schema in the words of the source's tables."""
    if "$ref" in schema:
        return schema["$ref"].removeprefix("#/components/schemas/")
    if schema["type"] == "array":
        return f"[{type_of(schema['items'])}]"
    wanted = {key: schema[key] for key in ("type", "format") if key in schema}
    if wanted.get("format") == "int64":
        wanted.pop("format")
    return next(name for name, scalar in SCALARS.items() if scalar == wanted)


def test_the_document_is_openapi(document):
    validate(document)


def test_the_document_has_exactly_these_operations(facts, found):
    listed = [(one.method, one.path, one.group) for one in found.values()]

    assert len(facts["operations"]) == 60
    assert sorted(listed) == sorted((one["method"], one["path"], one["tag"]) for one in facts["operations"])


def by_address(facts, found):
    known = {(one.method, one.path): one for one in found.values()}
    return [(fact, known[fact["method"], fact["path"]]) for fact in facts["operations"]]


def test_every_operation_has_its_parameters(facts, found):
    for fact, one in by_address(facts, found):
        listed = {}
        for parameter in one.definition["operation"]["parameters"]:
            shape = resolve(one.definition, parameter["schema"])
            listed[parameter["in"], parameter["name"]] = (type_of(shape), parameter.get("required", False))
            assert shape.get("enum") == fact["enums"].get(parameter["name"]), (one.operation_id, parameter)

        assert listed == {(place, name): (kind, needed) for place, name, kind, needed in fact["parameters"]}


def test_every_operation_has_its_body(facts, found):
    for fact, one in by_address(facts, found):
        body = one.definition["operation"].get("requestBody")
        named = body and type_of(body["content"]["application/json"]["schema"])

        assert named == fact["body"], one.operation_id
        assert body is None or body["required"]


def test_every_operation_has_its_answers(facts, found):
    listed = {}
    for _, one in by_address(facts, found):
        answers = {}
        for status, response in one.definition["operation"]["responses"].items():
            content = resolve(one.definition, response).get("content")
            answers[status] = type_of(content["application/json"]["schema"]) if content else None
        listed[one.operation_id] = answers

    for fact, one in by_address(facts, found):
        wanted, answers = dict(fact["responses"]), listed[one.operation_id]
        if one.operation_id in ONLY_SUCCESS:
            wanted |= {k: v for k, v in listed[ONLY_SUCCESS[one.operation_id]].items() if k != "200"}
        added = ADDED | (ADDED_WITH_BODY if fact["body"] else set())
        assert {status: answers.get(status) for status in wanted} == wanted, one.operation_id
        assert set(answers) - set(wanted) == added - set(wanted), one.operation_id


def test_an_operation_has_one_error_shape_but_for_two_conflicts(found):
    mixed = []
    for one in found.values():
        shapes = {
            status: type_of(content["application/json"]["schema"])
            for status, response in one.definition["operation"]["responses"].items()
            if status >= "400" and (content := resolve(one.definition, response).get("content"))
        }
        if len(set(shapes.values())) > 1:
            mixed.append(one.operation_id)
            assert [status for status, shape in shapes.items() if shape == "ErrorResponse"] == ["409"]

    assert mixed == ["replaceUserWorkHandlerRules", "replaceWorkTypeWorkHandlerRules"]


def own(schema: dict[str, Any]) -> dict[str, Any]:
    """The part of a schema that is not inherited."""
    return next(part for part in schema["allOf"] if "$ref" not in part) if "allOf" in schema else schema


def test_every_schema_has_its_properties(facts, document):
    schemas = document["components"]["schemas"]

    assert len(facts["schemas"]) == 159
    assert schemas.keys() == facts["schemas"].keys()
    for name, fact in facts["schemas"].items():
        schema = schemas[name]
        if fact["type"] != "object":
            assert type_of(schema) == fact["type"], name
            assert schema.get("enum") == fact["enums"].get("anonymous"), name
            continue
        assert [type_of(part) for part in schema.get("allOf", []) if "$ref" in part] == fact["base"], name
        properties, required = own(schema)["properties"], own(schema).get("required", [])
        added = {"field", "rule"} if name == "ErrorResponseItem" else set()
        assert set(properties) - added == set(fact["properties"]), name
        for key, (kind, needed) in fact["properties"].items():
            assert type_of(properties[key]) == OTHER_TYPES.get((name, key), kind), (name, key)
            assert (key in required) == needed, (name, key)
            assert properties[key].get("enum") == fact["enums"].get(key), (name, key)


def test_every_payload_says_its_kind(facts, document):
    kinds = {
        name: own(schema)["properties"]["kind"].get("const")
        for name, schema in document["components"]["schemas"].items()
        if "kind" in own(schema).get("properties", {})
    }
    inherited = {"OutreachSMSWorkType", "OutreachEmailWorkType", "UsersStateFragment"}

    assert kinds == {name: kind for name, kind in facts["kinds"].items() if name not in inherited}


def test_schemas_without_an_operation_say_so(facts, document):
    texts = {
        name: schema.get("description", "") for name, schema in document["components"]["schemas"].items()
    }

    assert sorted(name for name, text in texts.items() if "No operation uses it" in text) == facts["unused"]


def test_everything_is_described(document, found):
    for one in found.values():
        operation = one.definition["operation"]
        assert len(operation["description"]) > 40, one.operation_id
        assert all(parameter["description"] for parameter in operation["parameters"]), one.operation_id
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description"), name


def test_every_operation_needs_the_scope_of_its_group(document, found):
    flows = document["components"]["securitySchemes"]["oauth2"]["flows"]
    used = set()
    for key, one in found.items():
        group = one.group[0].lower() + one.group[1:]
        scope = f"provisioning.{group}.{'read' if one.method == 'GET' else 'write'}"
        assert one.definition["operation"]["security"] == [{"oauth2": [scope]}], key
        used.add(scope)

    assert used == set(flows["clientCredentials"]["scopes"])


def media_of(one: Any) -> list[tuple[str, dict[str, Any]]]:
    operation = one.definition["operation"]
    contents = [("request", (operation.get("requestBody") or {}).get("content") or {})]
    for status, response in operation["responses"].items():
        contents.append((status, resolve(one.definition, response).get("content") or {}))
    return [(place, media) for place, content in contents for media in content.values()]


def test_every_body_has_examples_that_validate(found):
    seen = 0
    for key, one in found.items():
        for place, media in media_of(one):
            validator = compile_schema(media["schema"], one.definition)
            assert media["examples"]
            for name, example in media["examples"].items():
                wrong = [f"{e.instance_path}: {e.message}" for e in validator.iter_errors(example["value"])]
                assert wrong == [], (key, place, name)
                seen += 1

    assert seen > 400


def test_every_example_of_a_parameter_validates(found):
    for key, one in found.items():
        for parameter in one.definition["operation"]["parameters"]:
            if "example" in parameter:
                validator = compile_schema(parameter["schema"], one.definition)
                assert validator.is_valid(parameter["example"]), (key, parameter["name"])


def test_texts_link_to_operations_that_exist(document, found):
    texts = [guide.text for guide in bundled.guides("provisioning")]
    texts += [one.definition["operation"]["description"] for one in found.values()]
    texts += [parameter["description"] for parameter in document["components"]["parameters"].values()]
    linked = {name for text in texts for name in re.findall(r"\(operation:(\w+)\)", text)}

    assert linked
    assert linked <= set(found)
