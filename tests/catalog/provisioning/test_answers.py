"""Every operation answers, and says no, as its document tells; through the real gateway."""

from __future__ import annotations

from catalog import bundled
from catalog.gateway import bearers, compiled, gate
from catalog.sandbox import state
from catalog.sandbox.services import reset
from catalog.services import publish
from tests.catalog.client import bodies, success

# The work type of the examples, 7KX2QD.201, has the templates 23 (its acknowledgement), 24 and 25.
USED_EXTERNAL = "0cd42b5e-e3ea-45fc-b643-bf0b17539bed"
NAMES = [{"locale": "en-US", "value": "Carrier Hotline"}]


def test_every_example_call_is_answered_as_documented(api, found, northwind):
    for key, one in found.items():
        for body in bodies(one):
            if one.method != "GET":
                reset(tenant=northwind, api="provisioning", by=None)
            if key == "dissociateEmailTemplate":
                api("associateEmailTemplate")  # which makes what is taken away
            answer = api.answer(key, body)
            assert answer.status == success(one), (key, answer.status, answer.body)


def unknown(one):
    """A path with an id that leads nowhere; without an id, with another organisation."""
    names = [p["name"] for p in one.definition["operation"]["parameters"] if p["in"] == "path"]
    return {next((name for name in names if name != "orgId"), "orgId"): "nothing"}


def test_what_leads_nowhere_is_404_where_documented_else_400(api, found):
    for key, one in found.items():
        status = 404 if "404" in one.definition["operation"]["responses"] else 400
        assert api.answer(key, bodies(one)[0], **unknown(one)).status == status, key
        assert api.answer(key, bodies(one)[0], orgId="contoso").status == status, key


def test_both_headers_are_needed(api, found):
    for key, one in found.items():
        without_key = api.answer(key, bodies(one)[0], headers={"x-api-key": ""})
        without_token = api.answer(key, bodies(one)[0], headers={"Authorization": ""})

        assert (without_key.status, error_of(without_key)["errors"][0]["field"]) == (
            400,
            "header.x-api-key",
        ), key
        assert (without_token.status, "www-authenticate" in without_token.headers) == (401, True), key


def error_of(answer):
    return answer.json.get("error", answer.json)


def test_another_scope_is_not_enough(client_of, ada, found):
    writer = client_of(ada, scope="provisioning.skills.write", name="Writer")
    reader = client_of(ada, scope="provisioning.teams.read", name="Reader")
    for key, one in found.items():
        client = reader if one.group == "Skills" else writer
        assert client.answer(key, bodies(one)[0]).status == 403, key


def test_bodies_of_another_kind_are_refused(api, found):
    for key, one in found.items():
        if bodies(one) != [None]:
            assert api.answer(key, b"a", headers={"Content-Type": "text/plain"}).status == 415, key
            assert api.answer(key, {"surprise": 1}).status == 400, key
    assert api.answer("createSignature", b" " * (10 * 1024 * 1024 + 1)).status == 413


def test_no_other_method_is_taken(api, document, found, gateway):
    for path, item in document["paths"].items():
        [other, *_] = [method for method in ("PATCH", "POST") if method.lower() not in item]
        answer = gateway(other, "/sandbox/provisioning" + path, token=api.token)
        known = sorted(method.upper() for method in item if method != "parameters")

        assert (answer.status, answer.headers["allow"]) == (405, ", ".join(known)), path


def test_the_limit_answers_429(api, found, source):
    publish(slug="provisioning", source=source(1), guides=[], by=None)
    for key, one in found.items():
        api.answer(key, bodies(one)[0])
        answer = api.answer(key, bodies(one)[0])
        assert (answer.status, "retry-after" in answer.headers) == (429, True), key


CONFLICTS = [
    ("replaceUserWorkHandlerRules", {"version": 2}, {}),
    ("replaceWorkTypeWorkHandlerRules", {"version": 2}, {}),
    ("createSystemExternal", {"friendlyName": NAMES}, {}),
    ("createSystemExternal", {"systemExternal": "4400"}, {}),
    ("replaceSystemExternal", {"version": 1}, {}),
    ("updateSystemExternal", {"version": 1}, {}),
    ("updateSystemExternal", {"friendlyName": NAMES}, {}),
    ("associateEmailTemplate", None, {"emailTemplateId": "24"}),
    ("dissociateEmailTemplate", None, {"emailTemplateId": "23"}),
    ("createEmailTemplate", {"friendlyName": [{"locale": "en-GB", "value": "stove recall"}]}, {}),
    ("updateEmailTemplate", {"version": 1}, {}),
    ("createSignature", {"friendlyName": [{"locale": "de-DE", "value": "Kundenservice"}]}, {}),
    ("updateSignature", {"version": 1}, {}),
    ("deleteSignature", None, {"signatureId": "1"}),
]


UNPROCESSABLE = [
    ("createSystemExternal", {"systemExternal": "call me"}, {}),
    ("replaceSystemExternal", {"systemExternal": "1"}, {}),
    ("updateSystemExternal", {"systemExternal": "+"}, {}),
    ("deleteSystemExternal", None, {"systemExternalId": USED_EXTERNAL}),
]
# An old version where the source lists no 409.
STALE = [
    ("replaceWorkHandlers", {"version": 2}, {}),
    ("replaceWorkTypeEmailTemplates", {"version": 1}, {}),
    ("replaceUserSkills", {"version": 7}, {}),
]


def test_what_the_data_forbid_is_told_and_changes_nothing(api, found):
    for status, table in ((409, CONFLICTS), (422, UNPROCESSABLE), (400, STALE)):
        for key, changes, path in table:
            [first, *_] = bodies(found[key])
            answer = api.answer(key, None if changes is None else {**first, **changes}, **path)
            assert answer.status == status, (key, changes)
            assert table is not STALE or error_of(answer)["errors"][0]["reason"] == "versionMismatch"
        if status != 400:
            documented = {
                key for key, one in found.items() if str(status) in one.definition["operation"]["responses"]
            }
            assert {key for key, _, _ in table} == documented

    assert api("getUserWorkHandlerRules")["version"] == api("getWorkTypeWorkHandlerRules")["version"] == 3
    assert api("listWorkTypeEmailTemplates")["version"] == 2
    assert api("listSystemExternals")["totalItems"] == 5


def test_every_documented_answer_can_be_asked_for(api, found):
    asked = 0
    for key, one in found.items():
        for status in one.definition["operation"]["responses"]:
            answer = api.answer(key, bodies(one)[0], headers={"Prefer": f"code={status}"})
            assert answer.status == int(status), (key, status)
            asked += 1

    assert asked > 480
    assert api.answer("deleteSystemExternal", headers={"Prefer": "code=408"}).status == 408


def test_tenants_have_sandboxes_of_their_own_and_their_apps_share_it(client_of, ada, dev, mallory):
    mine, ours, theirs = client_of(ada, name="One"), client_of(dev, name="Other"), client_of(mallory)
    made = mine("createSignature", {"contents": "ours"})

    assert ours("getSignature", signatureId=made["id"]) == made
    assert theirs.answer("getSignature", signatureId=made["id"]).status == 404
    assert ours("listSignatures")["totalItems"] == theirs("listSignatures")["totalItems"] + 1


def test_what_was_written_outlives_a_restart(api):
    made = api("createSystemExternal", {"friendlyName": [], "systemExternal": "5005"})
    api("associateEmailTemplate")
    before = api("listWorkTypeEmailTemplates")
    for kept in (compiled, bearers, gate, state):
        kept.forget()

    assert api("getSystemExternal", systemExternalId=made["id"]) == made
    assert api("listWorkTypeEmailTemplates") == before


def test_the_published_source_is_the_file_in_the_folder(document):
    assert document["x-rate-limit"] == {"limit": 110, "window": 60}
    assert "provisioning" in bundled.slugs()
