"""Every request the document shows can be sent, and every search narrows."""

from __future__ import annotations

from typing import Any

import pytest

KEPT = {
    "getIdpForecasts": "searchIdpForecasts",
    "getIdpDetails": "searchIdpDetails",
    "getIdpStaffGroups": "searchIdpStaffGroups",
}


def requests(one: Any) -> list[dict[str, Any]]:
    operation = one.definition["operation"]
    given = {p["name"]: p["example"] for p in operation["parameters"] if "example" in p}
    content = operation.get("requestBody", {}).get("content", {})
    bodies = [example["value"] for media in content.values() for example in media["examples"].values()]
    return [{**given, "body": body} for body in bodies or [None]]


def test_every_example_is_answered(sandbox, found):
    sent = 0
    for key, one in found.items():
        if key in KEPT:
            continue
        for request in requests(one):
            answer = sandbox.answer(key, **request)
            assert answer.status == 200, (key, request, answer.error)
            sent += 1

    assert sent == 83


@pytest.mark.parametrize(("page", "search"), KEPT.items())
def test_every_kept_search_is_paged(sandbox, page, search):
    kept = sandbox(search, {})
    first = sandbox(page, searchId=kept["searchId"])

    assert (first["totalCount"], first["maxResults"]) == (kept["totalCount"], 100)


SELECTS = [  # operation, selector, the ids it leaves
    ("searchSegmentDefinitions", {"codes": ["VAC", "BRK"]}, ["21", "4"]),
    ("searchSegmentDefinitions", {"type": "general", "segmentCategoryIds": ["7"]}, ["3", "2"]),
    ("searchSegmentDefinitions", {"active": False}, ["34"]),
    ("searchSegmentDefinitions", {"nameFilter": {"operator": "contains", "value": "OVER"}}, ["16"]),
    ("searchSegmentCategories", {"segmentCategoryIds": ["5", "1"]}, ["1", "5"]),
    ("searchAcdInstances", {"vendors": ["Example Messaging"]}, ["2"]),
    ("searchStaffGroups", {"employeeGroupIds": ["102", "303"]}, ["401", "409"]),
    ("searchStaffGroups", {"siteIds": ["2"], "active": True}, ["408", "404", "403"]),
    ("searchStaffGroups", {"forecastGroupIds": ["505"]}, ["405"]),
    ("searchStaffAdjustmentSets", {"kinds": ["addition"]}, ["803"]),
    ("searchStaffAdjustmentSets", {"staffGroupIds": ["403"], "active": True}, ["803", "802"]),
    ("searchRoutingSets", {"media": ["voice"]}, ["601", "602"]),
    ("searchRoutingSets", {"acdInstanceIds": ["2"], "active": True}, ["603", "604"]),
    ("searchRoutingSets", {"forecastGroupIds": ["502"]}, ["601"]),
    ("searchPerspectives", {"perspectivePurposeIds": ["3"], "default": True}, ["5"]),
    ("searchPerspectives", {"codes": ["FAX"], "active": False}, ["7"]),
    ("searchForecastGroups", {"routingSetIds": ["601"]}, ["502", "501"]),
    ("searchForecastGroups", {"staffGroupIds": ["408"], "media": ["email"]}, ["508"]),
    ("searchAgentFormulaSets", {"formulaKeys": ["contactsPerHour"], "active": True}, ["901"]),
    ("searchSuperStates", {"productive": True, "signedIn": True}, ["1", "2", "7"]),
]


@pytest.mark.parametrize(("operation", "selector", "ids"), SELECTS)
def test_a_selector_leaves_only_what_fits(sandbox, operation, selector, ids):
    word = operation.removeprefix("search")
    name = word[0].lower() + word[1:]
    answer = sandbox(operation, {f"{name.replace('ies', 'y').removesuffix('s')}Selector": selector})

    assert [row["id"] for row in answer[name]] == ids


def test_acd_groups_are_listed_by_instance(sandbox):
    answer = sandbox("getAgentProductivityAcdGroups", acdInstanceId="2")

    assert [row["id"] for row in answer["agentProductivityAcdGroups"]] == ["711", "712"]
