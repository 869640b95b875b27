"""The document holds every fact of the source, and every example in it is true to its schema."""

from __future__ import annotations

from typing import Any

from openapi_spec_validator import validate

from catalog.gateway.validation import compile_schema
from catalog.openapi.closure import resolve

TYPES = {
    "string": "string",
    "integer": "integer",
    "long": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "string",
    "time": "string",
    "utc": "string",
    "object": "object",
    "object<string,string>": "object",
    "object<boolean>": "object",
}
# Where the document reads the source otherwise, as its descriptions say: the property may be left out.
LEFT_OUT = {"userId", "language", "agentId", "agentIds", "endTimeEpoch", "parentGroupId", "ccrid", "password"}


def media(part: Any) -> list[Any]:
    return [one["schema"] for one in ((part or {}).get("content") or {}).values() if "schema" in one]


Found = dict[str, list[tuple[Any, bool]]]


def properties(schema: Any, definition: Any) -> Found:
    """Every property that a value of the schema may have, through lists, choices and files."""
    shape = resolve(definition, schema) or {}
    found: Found = {}
    parts = [*shape.get("oneOf", ()), *shape.get("anyOf", ()), shape.get("items"), shape.get("contentSchema")]
    own = shape.get("properties") or {}
    parts += [own[name] for name in ("file", "mapping") if name in own]
    for part in parts:
        if isinstance(part, dict):
            for name, some in properties(part, definition).items():
                found.setdefault(name, []).extend(some)
    for name, one in own.items():
        found.setdefault(name, []).append((one, name in shape.get("required", ())))
    return found


def kinds(schema: Any, definition: Any) -> set[str]:
    shape = resolve(definition, schema) or {}
    if "type" not in shape:
        parts = (*shape.get("oneOf", ()), *shape.get("anyOf", ()))
        return {kind for part in parts for kind in kinds(part, definition)}
    given = shape["type"]
    return set(given if isinstance(given, list) else [given])


def wrong(place: str, fact: Any, schema: Any, needed: bool, definition: Any) -> list[str]:
    """What the schema of one parameter or property does not say of the source's facts."""
    kind, facts = fact
    shape = {**(resolve(definition, schema) or {}), **schema}
    known, said = kinds(schema, definition), []
    name = place.rpartition(".")[2]
    wanted = (
        known
        if kind == "any"
        else {"array"}
        if kind.startswith("array")
        else {TYPES[one] for one in kind.split("|")}
    )
    if facts.get("enum") and kind == "boolean":
        wanted = {"string"}  # true, false, 1 and 0 as words
    if not wanted & known and not ("array" in known and wanted <= {"string"}):
        said.append(f"{place}: type {known}, not {wanted}")
    text = str(shape)
    complete = facts.get("enum_complete", True)
    for value in facts.get("enum", ()):
        word = str(value).replace("metadata.<key>", "metadata")
        if value not in shape.get("enum", ()) and word.casefold() not in text.casefold():
            said.append(f"{place}: value {value}")
    if complete and set(shape.get("enum", ())) - {None} > set(facts.get("enum", shape.get("enum", ()))):
        said.append(f"{place}: more values than the source")
    for limit, keys in (("max", ("maxLength", "maximum", "maxItems")), ("min", ("minimum",))):
        if limit in facts and not any(
            str(facts[limit]).removesuffix(".0") in str(shape.get(k)) for k in keys
        ):
            inner = "".join(str(shape.get(k, "")) for k in ("additionalProperties", "x-max-length", "oneOf"))
            if str(facts[limit]) not in inner:
                said.append(f"{place}: {limit} {facts[limit]}")
    if "name_max" in facts and str(facts["name_max"]) not in text:
        said.append(f"{place}: longest name {facts['name_max']}")
    if "max_digits" in facts and shape.get("x-max-digits") != facts["max_digits"]:
        said.append(f"{place}: digits")
    if "const" in facts and shape.get("const") != facts["const"]:
        said.append(f"{place}: const")
    if facts.get("nullable") and "null" not in known:
        said.append(f"{place}: null")
    if "default" in facts:
        given = shape.get("default", shape.get("x-default", "none at all"))
        if str(given).replace("the caller's ", "") != str(facts["default"]).replace("the caller's ", ""):
            said.append(f"{place}: default {facts['default']}")
    if facts.get("required") and not needed and name not in LEFT_OUT:
        said.append(f"{place}: required")
    return said


def compared(place: str, facts: Any, schemas: list[Any], definition: Any) -> list[str]:
    """A fact stands in the document when one of the schemas that may be meant says all of it."""
    found: Found = {}
    for schema in schemas:
        for name, some in properties(schema, definition).items():
            found.setdefault(name, []).extend(some)
    said: list[str] = []
    for name, fact in facts.items():
        *above, last = name.split(".") if name not in found else [name]
        inside = found
        for step in above:
            inside = properties({"oneOf": [one for one, _ in inside.get(step, ())]}, definition)
        tries = [
            told(f"{place}.{name}", fact, schema, needed, definition)
            for schema, needed in inside.get(last, ())
        ]
        said += min(tries, key=len, default=[f"{place}.{name}: missing"])
    return said


def told(place: str, fact: Any, schema: Any, needed: bool, definition: Any) -> list[str]:
    said = wrong(place, fact, schema, needed, definition)
    if "fields" not in fact[1]:
        return said
    inner = [schema]
    if "keys" in fact[1]:
        inner = [one for some in properties(schema, definition).values() for one, _ in some]
    return said + compared(place, fact[1]["fields"], inner, definition)


def test_the_document_is_openapi(document):
    validate(document)


def test_every_fact_of_the_source_is_in_the_document(facts, found):
    known = {(one.method, one.path): one for one in found.values()}
    assert len(facts["operations"]) == len(known) == 119
    assert len({path for _, path in known}) == 80
    said = []
    for fact in facts["operations"]:
        one = known[fact["method"], fact["path"]]
        operation, definition, place = one.definition["operation"], one.definition, one.operation_id
        assert one.group == fact["tag"]
        assert operation.get("x-permissions", []) == fact["permissions"], place
        assert {str(status) for status in fact["statuses"]} <= operation["responses"].keys(), place
        given = {f"{p['in']} {p['name']}": p for p in operation["parameters"]}
        for name, about in fact["params"].items():
            entry = given.get(name)
            if entry is None:
                said.append(f"{place} {name}: missing")
                continue
            needed = entry.get("required", False)
            said += wrong(f"{place}.{name.split()[1]}", about, entry["schema"], needed, definition)
        body = media(operation.get("requestBody"))
        answer = [
            schema
            for code in operation["responses"]
            if code == "200"
            for schema in media(resolve(definition, operation["responses"][code]))
        ]
        said += compared(place, fact["body"], body, definition)
        said += compared(f"{place} answer", fact["answer"], answer, definition)
        said += compared(f"{place} columns", fact["columns"], body, definition)

    assert said == []


def test_everything_is_described(document, found):
    for one in found.values():
        operation = one.definition["operation"]
        assert len(operation["description"]) > 30, one.operation_id
        assert all(parameter["description"] for parameter in operation["parameters"]), one.operation_id
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description"), name


def test_every_group_has_a_scope_for_reading_and_one_for_changing(document, found):
    scopes = document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"]
    used = {
        scope
        for one in found.values()
        for way in one.definition["operation"]["security"]
        for scope in way.get("oauth2", ())
    }

    assert used == set(scopes)
    for one in found.values():
        ways = one.definition["operation"]["security"]
        if one.group == "Authorize" or ways == []:
            continue
        [scope] = ways[0]["oauth2"]
        assert one.method != "GET" or scope.endswith(".read"), one.operation_id


def test_every_example_validates(found):
    seen = 0
    for key, one in found.items():
        operation = one.definition["operation"]
        parts = [operation.get("requestBody"), *operation["responses"].values()]
        for part in parts:
            for each in ((resolve(one.definition, part) or {}).get("content") or {}).values():
                validator = compile_schema(each.get("schema", {}), one.definition)
                for name, example in (each.get("examples") or {}).items():
                    wrong = [e.message for e in validator.iter_errors(example["value"])]
                    assert wrong == [], (key, name)
                    seen += 1
        for parameter in operation["parameters"]:
            if "example" in parameter:
                validator = compile_schema(parameter["schema"], one.definition)
                assert validator.is_valid(parameter["example"]), (key, parameter["name"])

    assert seen > 800
