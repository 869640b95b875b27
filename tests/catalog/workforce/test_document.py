"""The document describes all 48 operations, and every example in it is true to its schema."""

from __future__ import annotations

import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from catalog import bundled
from catalog.gateway.validation import compile_schema
from catalog.openapi.closure import resolve

OPERATIONS = [
    ("POST", "/v1/search/segments", "Segments", "Search Segments"),
    ("POST", "/v1/search/segmentDefinitions", "Segments", "Search Segment Definitions"),
    ("POST", "/v1/search/segmentCategories", "Segments", "Search Segment Categories"),
    ("POST", "/v1/search/segmentSummaries", "Segments", "Search Segment Summaries"),
    ("POST", "/v1/search/segmentAudits", "Segments", "Search Segment Audits"),
    ("POST", "/v1/segments", "Segments", "Create Segments"),
    ("PUT", "/v1/segments", "Segments", "Update Segments"),
    ("POST", "/v1/segments/delete", "Segments", "Delete Segments"),
    (
        "POST",
        "/v1/search/scheduleTimePeriodResolution",
        "Schedules",
        "Search Schedule Time Period Resolutions",
    ),
    ("POST", "/v1/search/employees", "Employees", "Search Employees"),
    ("POST", "/v1/search/employeeSkills", "Employees", "Search Employee Skills"),
    ("POST", "/v1/search/employeeGroups", "Employees", "Search Employee Groups"),
    ("POST", "/v1/search/employeeSuperGroups", "Employees", "Search Employee SuperGroups"),
    ("GET", "/v1/employeeGroupClasses", "Employees", "Get Employee Group Classes"),
    ("GET", "/v1/employeeExtraFields", "Employees", "Get Employee Extra Fields"),
    ("GET", "/v1/employeeExtraFieldTabs", "Employees", "Get Employee Extra Field Tabs"),
    ("PUT", "/v1/employees", "Employees", "Update Employees"),
    ("PUT", "/v1/employeeStatuses", "Employees", "Update Employee Statuses"),
    ("POST", "/v1/search/employeePersonalAccounts", "Employees", "Search Personal Accounts"),
    ("POST", "/v1/employeePersonalAccountBalances", "Employees", "Search Personal Account Balances"),
    ("PUT", "/v1/employeePersonalAccountBalances", "Employees", "Update Personal Account Balances"),
    ("POST", "/v1/search/idpSummaries", "IDP", "Search IDP Summaries"),
    ("POST", "/v1/search/staffGroup", "IDP", "Search Staff Groups"),
    ("GET", "/v1/search/staffGroup", "IDP", "Get Staff Groups"),
    ("POST", "/v1/search/idpForecasts", "IDP", "Search IDP Forecasts"),
    ("GET", "/v1/search/idpForecasts", "IDP", "Get IDP Forecasts"),
    ("POST", "/v1/search/idp/details", "IDP", "Search IDP Details"),
    ("GET", "/v1/search/idp/details", "IDP", "Get IDP Details"),
    ("POST", "/v1/idp/{id}", "IDP", "Search IDP"),
    ("POST", "/v1/search/superStateHours", "State", "Search Superstate Hours"),
    ("POST", "/v1/search/superStates", "State", "Search Super States"),
    ("POST", "/v1/search/adherences", "Adherence", "Search Adherences"),
    ("GET", "/v1/adminCurrentTime", "WFM System", "Get System Time"),
    ("GET", "/v1/systemParameters", "WFM System", "Get System Parameters"),
    ("GET", "/v1/systemInformation", "WFM System", "Get System Information"),
    ("GET", "/v1/timeZones", "WFM System", "Get Time Zones"),
    ("POST", "/v1/search/agentProductivities", "Agent", "Search Agent Productivities"),
    ("GET", "/v1/agentProductivityAcdGroups", "Agent", "Get Agent Productivity ACD Groups"),
    ("POST", "/v1/search/agentFormulaSets", "Agent", "Search Agent Formula Sets"),
    ("POST", "/v1/search/perspectives", "Perspectives", "Search Perspectives"),
    ("GET", "/v1/perspectivePurposes", "Perspectives", "Get Perspective Purposes"),
    ("POST", "/v1/search/staffAdjustmentSets", "Staff", "Search Staff Adjustment Sets"),
    ("POST", "/v1/search/staffGroups", "Staff", "Search Staff Groups"),
    ("POST", "/v1/search/acdInstances", "ACD", "Search ACD Instances"),
    ("POST", "/v1/search/routingSets", "Routing", "Search Routing Sets"),
    ("POST", "/v1/search/forecastGroups", "Forecast", "Search Forecast Groups"),
    ("POST", "/v1/search/forecasts", "Forecast", "Search Forecasts"),
    ("POST", "/v1/search/forecastdetails", "Forecast", "Search Forecast Details"),
]
STATUSES = {"200", "400", "401", "402", "403", "429", "500", "504"}
KEPT_SEARCHES = {"getIdpForecasts", "getIdpDetails", "getIdpStaffGroups"}
WRITES = {
    "createSegments",
    "updateSegments",
    "deleteSegments",
    "updateEmployees",
    "updateEmployeeStatuses",
    "updatePersonalAccountBalances",
}


def test_the_document_has_exactly_these_operations(found):
    listed = [(one.method, one.path, one.group, one.summary) for one in found.values()]

    assert len(OPERATIONS) == 48
    assert sorted(listed) == sorted(OPERATIONS)


def test_the_document_is_openapi(document):
    validate(document)


def test_the_staff_groups_of_both_kinds_have_ids_of_their_own(found):
    ids = {
        (one.method, one.path): key for key, one in found.items() if one.path.startswith("/v1/search/staff")
    }

    assert ids == {
        ("POST", "/v1/search/staffAdjustmentSets"): "searchStaffAdjustmentSets",
        ("POST", "/v1/search/staffGroup"): "searchIdpStaffGroups",
        ("GET", "/v1/search/staffGroup"): "getIdpStaffGroups",
        ("POST", "/v1/search/staffGroups"): "searchStaffGroups",
    }


def test_every_operation_documents_its_statuses(found):
    extra = {"searchIdp": {"404"}, **{key: {"404", "410"} for key in KEPT_SEARCHES}}

    for key, one in found.items():
        assert set(one.definition["operation"]["responses"]) == STATUSES | extra.get(key, set()), key


def test_every_operation_needs_the_scope_of_its_group(document, found):
    flows = document["components"]["securitySchemes"]["oauth2"]["flows"]
    declared = set(flows["clientCredentials"]["scopes"])
    used = set()
    for key, one in found.items():
        group = one.group.removeprefix("WFM ").lower()
        scope = f"workforce.{group}.{'write' if key in WRITES else 'read'}"
        assert one.definition["operation"]["security"] == [{"oauth2": [scope]}], key
        used.add(scope)

    assert used == declared


def test_every_answer_says_where_the_rate_limit_stands(found):
    limits = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-Request-Id"}

    for key, one in found.items():
        response = resolve(one.definition, one.definition["operation"]["responses"]["200"])
        assert set(response["headers"]) == limits, key


def media_of(one: Any) -> list[tuple[str, dict[str, Any]]]:
    operation = one.definition["operation"]
    contents = [("request", (operation.get("requestBody") or {}).get("content") or {})]
    for status, response in operation["responses"].items():
        contents.append((status, resolve(one.definition, response)["content"]))
    return [(place, media) for place, content in contents for media in content.values()]


def test_every_body_has_examples_that_validate(found):
    seen = 0
    for key, one in found.items():
        for place, media in media_of(one):
            validator = compile_schema(media["schema"], one.definition)
            for name, example in media["examples"].items():
                wrong = [f"{e.instance_path}: {e.message}" for e in validator.iter_errors(example["value"])]
                assert wrong == [], (key, place, name)
                seen += 1

    assert seen >= 48 * len(STATUSES)


def test_every_example_of_a_parameter_validates(found):
    for key, one in found.items():
        for parameter in one.definition["operation"]["parameters"]:
            if "example" in parameter:
                validator = compile_schema(parameter["schema"], one.definition)
                assert validator.is_valid(parameter["example"]), (key, parameter["name"])


def bodies(one: Any) -> list[dict[str, Any]]:
    """The schema of a request body and every object in it, through references."""
    waiting = [media["schema"] for place, media in media_of(one) if place == "request"]
    result: list[dict[str, Any]] = []
    seen: set[str] = set()
    while waiting:
        schema = waiting.pop()
        reference = schema.get("$ref")
        if reference:
            if reference in seen:
                continue
            seen.add(reference)
            schema = resolve(one.definition, schema)
        if schema.get("type") == "object":
            result.append(schema)
        for word in ("oneOf", "anyOf", "allOf"):
            waiting += schema.get(word, [])
        waiting += schema.get("properties", {}).values()
        waiting += [schema["items"]] if "items" in schema else []
    return result


def test_bodies_are_closed_and_lists_in_them_have_a_limit(found):
    for key, one in found.items():
        for schema in bodies(one):
            assert schema.get("additionalProperties") is False, key
            for name, entry in schema["properties"].items():
                shape = resolve(one.definition, entry)
                assert shape.get("type") != "array" or "maxItems" in shape, (key, name)


def test_guides_and_descriptions_link_to_operations_that_exist(document, found):
    texts = [guide.text for guide in bundled.guides("workforce")]
    texts += [one.definition["operation"]["description"] for one in found.values()]
    linked = {name for text in texts for name in re.findall(r"\(operation:(\w+)\)", text)}

    assert linked - set(found) == set()


USE_CASES = {
    "Employee schedules": "searchSegments searchSegmentDefinitions searchEmployees searchPerspectives",
    "Employees and agent productivity": "searchEmployees searchAgentProductivities searchAcdInstances"
    " searchEmployeeGroups searchEmployeeSkills getEmployeeExtraFields"
    " getAgentProductivityAcdGroups getTimeZones",
    "Intra-day performance": "searchEmployees searchIdpSummaries searchRoutingSets searchForecastGroups"
    " searchStaffGroups",
    "Adherence": "searchEmployees searchAdherences searchPerspectives getEmployeeExtraFields",
    "Time-off types and balances": "searchEmployees searchPersonalAccounts searchPersonalAccountBalances"
    " updatePersonalAccountBalances getEmployeeExtraFields",
    "Worked hours": "searchSegments searchEmployees searchPerspectives searchScheduleTimePeriodResolutions"
    " getEmployeeExtraFields searchEmployeeGroups searchEmployeeSkills",
}


@pytest.mark.parametrize("title", USE_CASES)
def test_a_use_case_links_the_operations_it_needs(title):
    [guide] = [guide.text for guide in bundled.guides("workforce") if guide.slug == "use-cases"]
    part = guide.split(f"\n## {title}\n")[1].split("\n## ")[0]

    assert set(USE_CASES[title].split()) - set(re.findall(r"\(operation:(\w+)\)", part)) == set()


def test_seeded_rows_are_what_the_document_describes(document, seeded):
    described = {
        "AcdInstance": "acdInstances",
        "AcdGroup": "agentProductivityAcdGroups",
        "AgentFormulaSet": "agentFormulaSets",
        "Employee": "employees",
        "EmployeeExtraField": "employeeExtraFields",
        "EmployeeExtraFieldTab": "employeeExtraFieldTabs",
        "EmployeeGroup": "employeeGroups",
        "EmployeeGroupClass": "employeeGroupClasses",
        "EmployeeSkill": "employeeSkills",
        "EmployeeSuperGroup": "employeeSuperGroups",
        "ForecastGroup": "forecastGroups",
        "PersonalAccount": "personalAccounts",
        "PersonalAccountBalance": "personalAccountBalances",
        "Perspective": "perspectives",
        "PerspectivePurpose": "perspectivePurposes",
        "RoutingSet": "routingSets",
        "SegmentAudit": "segmentAudits",
        "SegmentCategory": "segmentCategories",
        "SegmentDefinition": "segmentDefinitions",
        "StaffAdjustmentSet": "staffAdjustmentSets",
        "StaffGroup": "staffGroups",
        "SuperState": "superStates",
        "SystemParameter": "systemParameters",
    }
    for name, collection in described.items():
        schema = {"$ref": f"#/components/schemas/{name}"}
        shape = document["components"]["schemas"][name]
        validator = compile_schema(schema, {"components": document["components"]})
        rows = seeded.all(collection)
        assert rows, collection
        for row in rows:
            assert [e.message for e in validator.iter_errors(row)] == [], (collection, row)
            assert set(row) - set(shape["properties"]) == set(), collection


def test_references_between_seeded_rows_hold(seeded):
    targets = {
        "acdInstanceId": "acdInstances",
        "employeeGroupId": "employeeGroups",
        "employeeGroupIds": "employeeGroups",
        "employeeId": "employees",
        "forecastGroupIds": "forecastGroups",
        "perspectivePurposeId": "perspectivePurposes",
        "personalAccountId": "personalAccounts",
        "routingSetId": "routingSets",
        "segmentCategoryId": "segmentCategories",
        "siteId": "sites",
        "staffGroupIds": "staffGroups",
        "superStateIds": "superStates",
        "supervisorId": "employees",
    }
    for name, collection in seeded.collections.items():
        for row in collection.rows.values():
            for field in targets.keys() & row.keys():
                wanted = row[field] if isinstance(row[field], list) else [row[field]]
                for key in wanted:
                    assert key is None or seeded.get(targets[field], key), (name, field, key)
    codes = {row["code"] for row in seeded.all("segmentDefinitions")}
    assert {code for row in seeded.all("perspectives") for code in row["segmentCodes"]} == codes
