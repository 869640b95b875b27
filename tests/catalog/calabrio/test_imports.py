"""The organisation from files: imported, found again, exported."""

from __future__ import annotations

from tests.catalog.calabrio.forms import send as send_form


def send(api, operation, text, *, name="rows.csv", mapping="", **path):
    fields = {"mapping": mapping} if mapping else None
    return send_form(api, operation, {name: text}, fields, **path)


GROUPS = "id,name,activatedDate,deactivatedDate\r\n"
TEAMS = "id,name,activatedDate,deactivatedDate,parentGroupId,productivityCompilation\r\n"
PERSONS = "personId,email,firstName,lastName,acdId,acdServerId,memberGroup,enableScheduling\r\n"


def test_an_organisation_is_imported_and_found(api):
    told = send(api, "importGroups", GROUPS + "0,Field Service,07/01/2026,12/31/2999\r\n").json
    send(api, "importTeams", TEAMS + "0,Field North,07/01/2026,12/31/2999,Field Service,True\r\n")
    row = "0,mina.osei@meridian.example,Mina,Osei,4903,2,Field North,TRUE\r\n"
    person = send(api, "importPersons", PERSONS + row).json["rows"][0]

    assert (told["inserted"], told["failed"]) == (1, 0)
    group = told["rows"][0]["id"]
    assert {"id": group, "name": "Field Service"} in api("listGroups")
    [team] = api("getCommonGroup", id=group)["teams"]
    assert api("listGroupPersons", groupId=team["groupId"]) == [
        {"firstName": "Mina", "lastName": "Osei", "personId": person["id"]}
    ]
    assert [row["firstName"] for row in api("listAgents", query={"acdId": "4903"})] == ["Mina"]
    assert b"Field North,7/1/2026,12/31/2999,Field Service,TRUE" in api.answer("exportModel").body


def test_a_file_sent_again_changes_nothing(api):
    text = TEAMS + "0,Field North,07/01/2026,12/31/2999,Customer Care,True\r\n"
    words = [send(api, "importTeams", text).json["rows"][0]["status"] for _ in range(2)]
    moved = send(api, "importTeams", text.replace("Customer Care", "Back Office")).json["rows"][0]["status"]

    assert (words, moved) == (["inserted", "unchanged"], "updated")


def test_a_wrong_row_fails_alone_and_a_wrong_header_fails_all(api):
    rows = "5,New One,07/01/2026,12/31/2999\r\n0,Good,07/01/2026,12/31/2999\r\n"
    rows += "0,Bad Day,31/07/2026,never\r\n0,x\r\n"
    told = send(api, "importGroups", GROUPS + rows).json

    assert [row["status"] for row in told["rows"]] == ["failed", "inserted", "failed", "failed"]
    assert [row.get("field") for row in told["rows"]] == ["id", None, "activatedDate", None]
    assert send(api, "importGroups", "name,id,activatedDate,deactivatedDate\r\n").status == 400
    assert send(api, "importPersons", "email\r\n").status == 400
    assert send(api, "importGroups", GROUPS, name="rows.txt").status == 400
    assert api.answer("importGroups", b"no form", media_type="multipart/form-data; boundary=x").status == 400


def test_an_identifier_is_not_blanked_and_a_person_comes_back(api):
    head = "personId,email,firstName,lastName,acdId,acdServerId,deactivated\r\n"
    gone = send(
        api, "importPersons", head + "0,dana.reyes@meridian.example,Dana,Reyes,,2,07/01/2020\r\n"
    ).json
    back = send(api, "importPersons", head + "0,,Dana,Reyes-Moss,4101,2,12/31/2999\r\n").json
    [person] = api("getPerson", personId=7)

    assert [told["rows"][0]["status"] for told in (gone, back)] == ["updated", "updated"]
    assert (person["acdId"], person["email"], person["lastName"]) == (
        "4101",
        "dana.reyes@meridian.example",
        "Reyes-Moss",
    )


def test_a_mapping_names_the_columns(api):
    columns = [("No", "id", "Integer"), ("Team", "name", "Text"), ("From", "activatedDate", "DD/MM/YYYY")]
    columns += [("Until", "deactivatedDate", "MM/DD/YYYY"), ("Above", "parentGroupId", "Text")]
    entries = ",".join(f'{{"column":"{c}","field":"{f}","dataType":"{t}"}}' for c, f, t in columns)
    text = "Team,No,From,Until,Above\r\nField South,0,31/07/2026,,Customer Care\r\n"
    answer = send(api, "importModel", text, mapping=f'{{"tenantId":1,"mapping":[{entries}]}}').json

    assert answer["status"] == "SUCCESS"
    assert b"Field South,7/31/2026,12/31/2999,Customer Care,TRUE" in api.answer("exportModel").body
    assert send(api, "importModel", text, mapping='{"tenantId":2,"mapping":[]}').status == 400


def test_files_may_come_in_any_part(api):
    text = GROUPS + "0,Field Service,07/01/2026,12/31/2999\r\n"

    assert send_form(api, "importGroups", {"C:\\data\\rows.csv": text}, name="whatever").status == 200
    assert send_form(api, "importGroups", {"rows.txt": "x", "rows.csv": text}, name="other").status == 200
    assert send_form(api, "importGroups", {"a.csv": text, "b.csv": text}, name="other").status == 400
