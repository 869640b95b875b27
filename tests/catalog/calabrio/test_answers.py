"""Every operation, called as the document shows it."""

from __future__ import annotations

from tests.catalog.calabrio.conftest import needed, samples


def test_every_operation_answers_its_examples(api, found):
    called = 0
    for key, one in sorted(found.items(), key=lambda pair: pair[1].method == "DELETE"):
        if key in ("signOut", "downloadContact", "fetchReportExport"):
            continue
        for kind, body in samples(one):
            answer = api.answer(key, body, media_type=kind, query=needed(one))
            assert answer.status == 200 or (key, answer.status) in REFUSED, (key, answer.status, answer.body)
            called += 1

    assert called > 125


# Examples that the order of the document's operations makes impossible, or that show a refusal.
REFUSED = {
    ("signIn", 401),  # no app has these credentials
    ("readSession", 401),
    ("uploadAudio", 404),  # no metadata came before
    ("uploadAudio", 409),  # the next example of the same recording
    ("uploadVideo", 409),
    ("uploadVideo", 404),
    ("deleteServiceQueue", 409),  # a workflow rule names it
    ("deleteCommonGroup", 409),
    ("deleteTeam", 409),
}


def test_an_unknown_id_is_not_found(api, found):
    for key, one in found.items():
        ids = [
            entry["name"]
            for entry in one.definition["operation"]["parameters"]
            if entry["in"] == "path" and entry["schema"].get("type") == "integer"
        ]
        if not ids or "404" not in one.definition["operation"]["responses"]:
            continue
        kind, body = samples(one)[0]
        answer = api.answer(key, body, media_type=kind, query=needed(one), **{ids[0]: 999_999})
        assert answer.status == 404, (key, answer.status, answer.body)


def test_what_lies_out_of_scope_is_not_there(api):
    assert {row["name"] for row in api("listGroups")} == {"Meridian Retail", "Customer Care", "Back Office"}
    assert 15 not in {row["id"] for row in api("listServiceQueues")}
    assert api.answer("getServiceQueue", serviceQueueId=15).status == 404
    assert len(api("listAgents")) == 18
    assert api("searchScheduleDetails", {"agentIds": [119]}, query=DAYS) == []


DAYS = {"fromDate": "2026-06-15", "toDate": "2026-06-16"}


WRONG = [
    ("listAgents", None, {"activeAgent": "true", "acdId": "4101"}),
    ("listServiceQueues", None, {"contactType": "2"}),
    ("listServiceQueues", None, {"type": "voice"}),
    ("listContacts", None, {"beginTime": "08:00:00"}),
    ("listContacts", None, {"metadata": "orderNumber~like~7"}),
    ("listAvailableAgents", {"serviceQueueIds": [], "skillMappingIds": []}, {}),
    ("listAgentStates", {}, {"fromTime": 0, "toTime": 32 * 86_400_000}),
    ("getScheduleForTimespan", {"agentIds": [101]}, {"fromTimestamp": 0, "toTimestamp": 61 * 86_400_000}),
    ("getScheduleForTimespan", {"agentIds": [1, 2]}, {"fromTimestamp": 0, "toTimestamp": 864_000_000}),
    ("getScheduleForTimespan", {"agentIds": list(range(1001))}, {"fromTimestamp": 0, "toTimestamp": 1}),
    ("listAdherence", None, {"date": "2026-06-15", "pageSize": 201}),
    ("listScheduledAgents", {"interval": 20, "fromDate": "2026-06-15", "toDate": "2026-06-15"}, {}),
    ("getSpeechHits", None, {}),
]


def test_what_the_document_refuses_is_refused(api):
    for operation, body, query in WRONG:
        assert api.answer(operation, body, query=query).status == 400, (operation, query)


def test_a_day_has_its_intervals(api):
    for interval, count in ((15, 96), (30, 48)):
        body = {"interval": interval, "fromDate": "2026-06-15", "toDate": "2026-06-15"}
        queues = api("listScheduledAgents", body)

        assert [row["serviceQueueId"] for row in queues] == [6, 8, 13]  # of the main view
        assert {len(row["dates"][0]["intervals"]) for row in queues} == {count}
        assert any(one["agentsScheduled"] % 1 for row in queues for one in row["dates"][0]["intervals"])
