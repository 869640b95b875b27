"""The console's form, tokens, code, and the comparison of answers with the document."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest

from apps.services import create_app
from catalog.access.models import Upstream
from catalog.console.form import body_kind, make_form
from tests.catalog.console.documents import WRONG

PAGE = "/catalog/parcels/operations/{}/console/"


def form(parcels, name):
    return make_form(parcels.operations.get(operation_id=name), parcels)


def post(client, address, data):
    return client.post(address, json.dumps(data), content_type="application/json")


def test_inputs_are_prefilled_from_the_document(parcels):
    found = {one.name: one for _, _, inputs in form(parcels, "getParcel").parts for one in inputs}

    assert {name: (one.place, one.value, one.is_on) for name, one in found.items()} == {
        "id": ("path", "7", True),
        "state": ("query", "moving", False),
        "tag": ("query", "a,b", False),
        "X-Depot": ("header", "north", True),
        "lang": ("cookie", "fr", False),
    }
    assert found["state"].choices == ["waiting", "moving"]


def test_bodies_have_their_examples_and_fields(parcels):
    json_body, upload = form(parcels, "createParcel").bodies[0], form(parcels, "upload").bodies[0]

    assert [one.title for one in json_body.examples] == ["A small one", "A large one"]
    assert [(one.name, one.value, one.is_file) for one in upload.inputs] == [
        ("note", "fragile", False),
        ("photo", "", True),
    ]
    kinds = ["application/problem+json", "text/xml", "application/soap+xml", "text/csv", "application/zip"]
    assert [body_kind(kind) for kind in kinds] == ["json", "xml", "xml", "text", "binary"]


@pytest.mark.parametrize(
    ("name", "kind", "place", "key"),
    [
        ("createParcel", "key", "header", "X-Api-Key"),
        ("sendForm", "key", "cookie", "depot.session"),
        ("sendRows", "key", "query", "api_key"),
        ("upload", "basic", "header", "Authorization"),
        ("getParcel", "token", "header", "Authorization"),
        ("label", "token", "header", "Authorization"),
    ],
)
def test_ways_to_sign_in_are_the_document_s(parcels, name, kind, place, key):
    scheme = form(parcels, name).ways[0].schemes[0]

    assert (scheme.kind, scheme.place, scheme.key) == (kind, place, key)


def test_a_reading_post_is_no_write(workforce, parcels):
    search = make_form(workforce.operations.get(operation_id="searchEmployees"), workforce)

    assert (search.writes, form(parcels, "createParcel").writes, form(parcels, "getParcel").writes) == (
        False,
        True,
        False,
    )


def test_the_panel_of_every_kind_renders_with_ids_that_stand_once(client, vic, parcels):
    client.force_login(vic)
    for one in parcels.operations.values_list("operation_id", flat=True):
        answer = client.get(PAGE.format(one))
        ids = re.findall(r'\bid="([^"]*)"', answer.content.decode())
        assert answer.status_code == 200, one
        assert len(ids) == len(set(ids)) > 10, one


def test_live_is_offered_only_where_an_upstream_is_set(client, dev, parcels, mallory):
    client.force_login(dev)
    assert "data-environment>" not in client.get(PAGE.format("createParcel")).content.decode()
    Upstream.objects.create(tenant=dev.tenant, api="parcels", address="https://depot.example", version=1)
    html = client.get(PAGE.format("createParcel")).content.decode()
    assert "data-environment>" in html
    assert "https://depot.example" in html
    client.force_login(mallory)
    assert "depot.example" not in client.get(PAGE.format("createParcel")).content.decode()


def test_a_token_comes_without_the_secret_and_works(client, dev, workforce, gateway):
    issued = create_app(name="Payroll", description="", by=dev)
    client.force_login(dev)
    answer = post(
        client, "/console/token/", {"app": issued.app.public_id, "scopes": ["workforce.employees.read"]}
    )
    told = answer.json()

    assert (told["app"], told["client"], told["scopes"]) == (
        "Payroll",
        issued.client_id,
        ["workforce.employees.read"],
    )
    assert issued.secret not in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    search = "/sandbox/workforce/v1/search/employees"
    assert gateway("POST", search, token=told["token"], body={}).status == 200
    none = post(client, "/console/token/", {"app": "", "scopes": []}).json()
    assert gateway("POST", search, token=none["token"], body={}).status == 403


def test_tokens_are_for_developers_and_their_own_apps(client, dev, vic, mallory, workforce):
    app = create_app(name="Payroll", description="", by=dev).app
    client.force_login(vic)
    assert post(client, "/console/token/", {"app": ""}).status_code == 403
    client.force_login(mallory)
    assert post(client, "/console/token/", {"app": app.public_id}).status_code == 404
    assert post(client, "/console/token/", {"app": "", "scopes": ["no.such"]}).status_code == 409
    assert post(client, "/console/token/", {}).status_code == 400


def check(client, name, body, status=200, kind="application/json"):
    asked = urlencode({"status": status, "type": kind, "headers": "content-type"})
    address = f"{PAGE.format(name)}check/?{asked}"
    return client.post(address, body, content_type="application/octet-stream").json()


def test_an_answer_is_compared_field_by_field(client, vic, parcels):
    client.force_login(vic)
    good = check(client, "wrong", json.dumps({"id": 1, "state": "there"}))
    bad = check(client, "wrong", json.dumps(WRONG))

    assert good == {"documented": "200", "checked": True, "mismatches": []}
    assert [one["path"] for one in bad["mismatches"]] == [["id"], ["state"], ["lines", 1, "count"]]
    assert "seven" not in json.dumps(bad)
    assert "does not say" in check(client, "wrong", "{}", 418)["mismatches"][0]["message"]
    assert "text/html" in check(client, "wrong", "x", kind="text/html")["mismatches"][0]["message"]
    assert "not JSON" in check(client, "wrong", "{")["mismatches"][0]["message"]
    assert "has none" in check(client, "wrong", "")["mismatches"][0]["message"]


def code(client, **more):
    call = {"method": "POST", "url": "http://127.0.0.1/x", "headers": [], "body": "a'b", "auth": []}
    return post(client, f"{PAGE.format('label')}code/", call | more)


def test_code_names_credentials_and_never_holds_them(client, vic, parcels):
    client.force_login(vic)
    auth = [["X-Api-Key", "", "API_KEY"], ["Cookie", "a=1; depot.session=", "SESSION"]]
    told = code(client, auth=auth).json()

    assert '-H "X-Api-Key: $API_KEY"' in told["curl"]
    assert '-H "Cookie: a=1; depot.session=$SESSION"' in told["curl"]
    assert "--data-raw 'a'\\''b'" in told["curl"]
    assert '"X-Api-Key": os.environ["API_KEY"]' in told["python"]
    compile(told["python"], "sample", "exec")
    assert "Authorization" not in "".join(told.values())


def test_code_of_files_says_where_they_are(client, vic, parcels):
    client.force_login(vic)
    parts = [["note", "fragile", False], ["photo", "it's.jpg", True]]

    assert "-F 'photo=@it'\\''s.jpg'" in code(client, parts=parts).json()["curl"]
    assert "--data-binary '@rows.zip'" in code(client, file="rows.zip").json()["curl"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "HACK"},
        {"url": "javascript:1"},
        {"auth": [["a", "b", "$(x)"]]},
        {"headers": [1]},
        {"url": None},
    ],
)
def test_code_of_anything_else_is_refused(client, vic, parcels, wrong):
    client.force_login(vic)

    assert code(client, **wrong).status_code == 400


def test_try_it_now_leads_to_the_first_call(client, vic, workforce):
    client.force_login(vic)

    assert client.get("/catalog/try/?app=app_x").url == (
        "/catalog/workforce/operations/searchEmployees/?app=app_x#test"
    )
