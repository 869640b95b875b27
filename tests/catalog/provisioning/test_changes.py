"""What the operations do to what other operations show."""

from __future__ import annotations

import pytest

ONE = "192e14fab17122"  # Emeka Underhill, who leads Billing Leeds
TWO = "192e15fae17123"
BILLING = "7KX2QD.101"
MAIL = "7KX2QD.201"


def ids(answer, into):
    return [row["id"] for row in answer[into]]


def test_lists_come_in_pages_that_fit_together(local):
    listed, start, total = [], 0, 1
    while start < total:
        page = local("listUsers", query={"startIndex": start, "maxResults": 40})
        listed += ids(page, "users")
        start, total = page["lastIndexReturned"], page["totalItems"]

    assert len(listed) == len(set(listed)) == total > 100
    assert local("listUsers", query={"startIndex": 5000})["users"] == []
    assert (
        len(local("listUsers")["users"])
        == len(local("listUsers", query={"maxResults": 5000})["users"])
        == 100
    )


@pytest.mark.parametrize(
    ("operation", "into"),
    [
        ("listUsers", "users"),
        ("listTeams", "teams"),
        ("listSystemExternals", "systemExternals"),
        ("listDispositions", "dispositions"),
        ("listWorkTypes", "workTypes"),
    ],
)
def test_only_active_items_are_listed_unless_asked(local, operation, into):
    short, whole = local(operation), local(operation, query={"includeInactive": "true"})

    assert {row["active"] for row in short[into]} == {True}
    assert short["totalItems"] < whole["totalItems"]
    assert local(operation, query={"includeInactive": "false"}) == short


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ({"direction": "outreach", "channelType": "sms"}, ["7KX2QD.601", "7KX2QD.602"]),
        ({"queueType": "terminal", "direction": "inbound"}, ["7KX2QD.107"]),
        ({"friendlyName": "web chat"}, ["7KX2QD.301"]),
        (
            {"workTypeRules.email": "CanInitiateNewOutboundEmail"},
            [MAIL, "7KX2QD.202", "7KX2QD.701", "7KX2QD.702"],
        ),
        ({"friendlyName": "no such name"}, []),
    ],
)
def test_work_types_are_found_by_what_they_do_not_show(local, query, listed):
    assert ids(local("listWorkTypes", query=query), "workTypes") == listed


def test_people_are_found_by_name_and_address(local):
    by_name = local("listUsers", query={"preferredNameValue": "emeka underhill"})
    by_address = local("listUsers", query={"email": "EMEKA.UNDERHILL@meridian.example"})

    assert ids(by_name, "users") == ids(by_address, "users") == [ONE]


def test_the_filter_of_e_mail_rights_follows_the_rules(local):
    rules = local("getWorkTypeWorkHandlerRules", workTypeId=BILLING)
    writable = {
        name: rules[name]
        for name in (
            "version canAddAttachments canDial canForwardEmailToExternal canHold canPauseResumeRecording"
            " canTerminate canViewTeamLeads canViewWorkHandlers canViewWorktypes defaultCallBackWorkTypeId"
            " maxWrapTime minWrapTime mustDisposition wrapExceedAction wrapType wrapWarningDelay"
            " isAuthenticated"
        ).split()
    }
    body = {**writable, "can3WayXfer": False, "canInitiateNewOutboundEmail": True}
    changed = local("replaceWorkTypeWorkHandlerRules", body, workTypeId=BILLING)
    listed = local("listWorkTypes", query={"workTypeRules.email": "CanInitiateNewOutboundEmail"})

    assert (changed["canConference"], changed["canBlindTransfer"], changed["version"]) == (False, False, 4)
    assert "can3WayXfer" not in changed
    assert BILLING in ids(listed, "workTypes")
    assert local.answer("replaceWorkTypeWorkHandlerRules", body, workTypeId=BILLING).status == 409


@pytest.mark.parametrize(
    "wrong", [{"minWrapTime": 500}, {"defaultCallBackWorkTypeId": "none such"}, {"wrapType": "sometimes"}]
)
def test_rules_that_do_not_fit_are_refused(local, found, wrong):
    content = found["replaceWorkTypeWorkHandlerRules"].definition["operation"]["requestBody"]["content"]
    example = next(iter(content["application/json"]["examples"].values()))["value"]

    assert local.answer("replaceWorkTypeWorkHandlerRules", {**example, **wrong}).status == 400


def test_replacing_agents_moves_the_work_to_them(local):
    body = {"version": 3, "workHandlers": [{"id": TWO}, {"id": ONE}]}
    answer = local("replaceWorkHandlers", body, workTypeId="7KX2QD.107")

    assert (ids(answer, "workHandlers"), answer["version"], answer["totalItems"]) == ([TWO, ONE], 4, 2)
    assert "7KX2QD.107" in ids(local("listUserWorkTypes"), "workTypes")
    assert ids(local("listOnlineAgents", workTypeId="7KX2QD.107"), "users") == [TWO]
    assert local.answer("replaceWorkHandlers", body, workTypeId="7KX2QD.107").status == 400


@pytest.mark.parametrize("handlers", [[{"id": "nobody"}], [{"id": ONE}, {"id": ONE}]])
def test_agents_have_to_exist_and_be_there_once(local, handlers):
    before = local("listWorkHandlers")

    assert local.answer("replaceWorkHandlers", {"version": 3, "workHandlers": handlers}).status == 400
    assert local("listWorkHandlers") == before


def test_hidden_work_types_are_no_destination(local):
    before = local("listDestinationWorkTypes")
    hidden = local("replaceHiddenWorkTypes", {"workTypes": [{"id": BILLING}]})
    after = local("listDestinationWorkTypes")

    assert ids(hidden, "workTypes") == ids(local("listHiddenWorkTypes"), "workTypes") == [BILLING]
    assert BILLING in ids(before, "workTypes")
    assert BILLING not in ids(after, "workTypes")
    assert "7KX2QD.107" in ids(after, "workTypes")


def test_templates_are_added_taken_out_and_replaced(local):
    added = local("associateEmailTemplate")
    gone = local.answer("dissociateEmailTemplate", emailTemplateId="24")
    left = local("listWorkTypeEmailTemplates")
    without = local.answer("replaceWorkTypeEmailTemplates", {"version": 4, "emailTemplates": [{"id": "25"}]})
    replaced = local(
        "replaceWorkTypeEmailTemplates", {"version": 4, "emailTemplates": [{"id": "26"}, {"id": "23"}]}
    )

    assert (ids(added, "emailTemplates"), added["version"]) == (["23", "24", "25", "26"], 3)
    assert (gone.status, gone.body) == (204, b"")
    assert (ids(left, "emailTemplates"), left["version"]) == (["23", "25", "26"], 4)
    assert without.status == 400
    assert ids(replaced, "emailTemplates") == ["26", "23"]
    assert local.answer("dissociateEmailTemplate", emailTemplateId="23").status == 409


def test_a_deleted_template_leaves_its_work_types(local):
    assert local.answer("deleteEmailTemplate", emailTemplateId="23").status == 204
    assert ids(local("listWorkTypeEmailTemplates"), "emailTemplates") == ["24", "25"]
    assert local.answer("getEmailTemplate", emailTemplateId="23").status == 404


def test_a_signature_can_be_deleted_once_no_template_ends_with_it(local):
    assert local.answer("deleteSignature", signatureId="2").status == 409
    local("updateEmailTemplate", {"version": 2, "signatureId": "1"}, emailTemplateId="26")
    assert local.answer("deleteSignature", signatureId="2").status == 204


def test_a_system_external_lives_its_life(local):
    names = [{"locale": "en-US", "value": "Parcel Tracing"}]
    made = local("createSystemExternal", {"friendlyName": names, "systemExternal": "5005", "active": False})
    key = made["id"]
    body = {"friendlyName": names, "systemExternal": "5006", "version": 1}
    replaced = local("replaceSystemExternal", body, systemExternalId=key)
    patched = local("updateSystemExternal", {"version": 2, "active": False}, systemExternalId=key)

    assert (made["version"], made["active"], made["kind"]) == (1, False, "via#systemExternal")
    assert made["creationTime"] == made["lastModifiedTime"] == replaced["creationTime"]
    assert (replaced["version"], replaced["active"], replaced["systemExternal"]) == (2, True, "5006")
    assert patched == {
        **replaced,
        "version": 3,
        "active": False,
        "lastModifiedTime": patched["lastModifiedTime"],
    }
    assert key in ids(local("listSystemExternals", query={"includeInactive": "true"}), "systemExternals")
    assert local.answer("deleteSystemExternal", systemExternalId=key).status == 204
    assert local.answer("getSystemExternal", systemExternalId=key).status == 404


def test_skills_are_replaced_as_a_whole_with_levels_of_their_own(local):
    wanted = [{"id": "19", "levelId": "39"}, {"id": "22"}]
    answer = local("replaceUserSkills", {"userSkills": wanted})
    wrong = local.answer("replaceUserSkills", {"userSkills": [{"id": "19", "levelId": "36"}]})

    assert answer["userSkills"] == local("listUserSkills")["userSkills"]
    assert [{k: row[k] for k in ("id", "levelId") if k in row} for row in answer["userSkills"]] == wanted
    assert wrong.status == 400


def test_teams_show_their_people_apart_and_together(local):
    together, members, owners = local("listTeamUsers"), local("listTeamMembers"), local("listTeamOwners")

    assert together["users"] == members["teamMembers"]
    assert together["teamOwners"] == owners["teamOwners"]
    assert ids(owners, "teamOwners") == [ONE]
    assert {row["state"] for row in together["users"]} == {"deprecated"}
    assert ids(local("listTeamsManagedByUser"), "teams") == ["billing-leeds"]
    assert local("listTeamMembers", query={"state": "Logged Off"}) == members
    assert local.answer("listTeamMembers", query={"state": "Asleep"}).status == 400


def test_a_work_type_shows_no_more_than_its_kind(local):
    base = local("getWorkType", workTypeId="7KX2QD.601")
    texts = local("getOutreachSmsWorkType")

    assert set(texts) - set(base) == {
        "defaultServiceProviderId",
        "defaultServiceProviderAccountId",
        "defaultCallerId",
        "serviceProviderShortCode",
        "vsn",
    }
    assert local.answer("getOutreachSmsWorkType", workTypeId="7KX2QD.701").status == 404
    assert local.answer("getOutreachEmailWorkType", workTypeId="7KX2QD.601").status == 404


def test_dispositions_of_a_work_type_are_those_of_its_plan(local):
    of_type = local("listWorkTypeDispositions", workTypeId=BILLING)
    of_plan = local("listDispositionRoutingPlanRules", dispPlanId="7")
    own = local("listWorkTypeDispositions", workTypeId=BILLING, query={"dispositionType": "userDefined"})

    assert ids(of_type, "dispositions") == ids(of_plan, "rules")
    assert {row["dispositionType"] for row in own["dispositions"]} == {"userDefined"}


def test_nothing_kept_inside_is_shown(local, found):
    for key, one in found.items():
        if one.method == "GET":
            assert '"_' not in local.answer(key).body.decode(), key


def test_the_empty_404_has_no_body(local):
    answer = local.answer("listAudioMessages", workTypeId="nothing")

    assert (answer.status, answer.body) == (404, b"")


def test_references_in_the_seed_lead_somewhere(local):
    groups = {row["id"] for row in local("listWorkTypeGroups")["workTypeGroups"]}
    plans = {row["id"] for row in local("listDispositionRoutingPlans")["dispositionRoutingPlans"]}
    words = {row["id"] for row in local("listContactDataDefReservedWords")["contactDataDefReservedWords"]}
    signatures = set(ids(local("listSignatures"), "signatures"))
    for row in local("listWorkTypes", query={"includeInactive": "true"})["workTypes"]:
        full = local("getWorkType", workTypeId=row["id"])
        assert str(full["workTypeGroupId"]) in groups
        assert full["dispPlanId"] in plans
        assert (
            local("getContactDataDef", contactDataDefId=str(full["contactDataDefId"]))["channel"]
            == full["channel"]
        )
        for handler in local("listWorkHandlers", workTypeId=row["id"])["workHandlers"]:
            assert local("getUser", userId=handler["id"])["active"]
    for row in local("listContactDataDefs")["contactDataDefs"]:
        [fields] = local("getContactDataDef", contactDataDefId=row["id"])["contactDataDefDetail"]
        assert {field["contactDataDefReservedWordId"] for field in fields["details"]} <= words
    for row in local("listEmailTemplates")["emailTemplates"]:
        assert local("getEmailTemplate", emailTemplateId=row["id"])["signatureId"] in signatures
