"""Publishing: whole or not at all, one winner, both dialects, the operator's page and command."""

from __future__ import annotations

import json
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection

from catalog.errors import DocumentRefused, PublishedMeanwhile
from catalog.models import Api, ApiVersion
from catalog.services import GuideSource, publish


def document(title="Shop", **more):
    paths = {"/a": {"get": {"operationId": "getA", "responses": {"200": {"description": "x"}}}}}
    return json.dumps(
        {"openapi": "3.0.3", "info": {"title": title, "version": "1"}, "paths": paths} | more
    ).encode()


def test_a_document_of_3_0_is_stored_in_the_words_of_3_1(db):
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "nullable": True, "example": "x", "enum": ["x"]},
            "b": {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
            "nullable": {"type": "string"},
            "c": {"nullable": True, "allOf": [{"$ref": "#/components/schemas/D"}]},
        },
    }
    version = publish(slug="x", source=document(components={"schemas": {"A": schema, "D": {}}}), by=None)
    stored = version.schemas.get(name="A").definition()["schema"]["properties"]

    assert stored["a"] == {"type": ["string", "null"], "enum": ["x", None], "examples": ["x"]}
    assert stored["b"] == {"type": "integer", "exclusiveMinimum": 1}
    assert stored["nullable"] == {"type": "string"}
    assert stored["c"] == {"anyOf": [{"allOf": [{"$ref": "#/components/schemas/D"}]}, {"type": "null"}]}
    assert version.document()["components"]["schemas"]["A"] == schema  # the download is what was given


def test_guides_stand_in_the_document_s_order(db):
    guides = [GuideSource(name, f"# {name}") for name in ("a", "b", "c")]
    version = publish(slug="x", source=document(**{"x-guides": ["c", "a"]}), guides=guides, by=None)

    assert list(version.guides.values_list("slug", flat=True)) == ["c", "a", "b"]


def test_the_same_document_again_is_no_new_version(db):
    assert publish(slug="x", source=document(), by=None) == publish(slug="x", source=document(), by=None)
    publish(slug="x", source=document("Store"), by=None)

    assert [one.number for one in ApiVersion.objects.filter(api__slug="x")] == [2, 1]


def test_a_scope_of_another_api_is_refused_and_named(workforce):
    flows = {"clientCredentials": {"tokenUrl": "/t", "scopes": {"workforce.employees.read": ""}}}
    schemes = {"o": {"type": "oauth2", "flows": flows}}
    with pytest.raises(DocumentRefused, match=r"workforce\.employees\.read.*“workforce”"):
        publish(slug="x", source=document(components={"securitySchemes": schemes}), by=None)

    assert not Api.objects.filter(slug="x").exists()


@pytest.mark.parametrize("slug", ["search", "changelog", "news", "feed", "try"])
def test_an_address_of_the_catalog_is_not_given_away(db, slug):
    with pytest.raises(DocumentRefused):
        publish(slug=slug, source=document(), by=None)


@pytest.mark.django_db(transaction=True)
def test_of_parallel_publishes_one_wins_and_the_others_are_told():
    publish(slug="x", source=document(), by=None)
    ended, barrier = [], threading.Barrier(6)

    def one(number):
        barrier.wait()
        try:
            ended.append(publish(slug="x", source=document(f"Shop {number}"), by=None).number)
        except PublishedMeanwhile:
            ended.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    numbers = sorted(ApiVersion.objects.filter(api__slug="x").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert sorted(map(str, ended)) == sorted([*map(str, numbers[1:]), *["told"] * (6 - len(numbers) + 1)])
    assert Api.objects.get(slug="x").current.number == numbers[-1]


@pytest.fixture
def operator(db):
    from portal.tenancy.models import User

    return User.objects.create_superuser(email="op@example.com", password="a long operator password")


def test_the_operator_publishes_by_upload(client, operator):
    client.force_login(operator)
    page = client.get("/operator/catalog/api/publish/")
    done = client.post(
        "/operator/catalog/api/publish/",
        {"slug": "shop", "document": SimpleUploadedFile("shop.json", document())},
    )
    bad = client.post(
        "/operator/catalog/api/publish/",
        {"slug": "shop", "document": SimpleUploadedFile("shop.json", b'{"swagger": "2.0"}')},
    )

    assert page.status_code == 200
    assert done.status_code == 302
    assert Api.objects.get(slug="shop").current.title == "Shop"
    assert "swagger2openapi" in bad.content.decode()
    for address in ("/operator/catalog/api/", "/operator/catalog/apiversion/"):
        assert client.get(address).status_code == 200


def test_nobody_else_gets_to_the_upload(client, ada):
    client.force_login(ada)

    assert client.get("/operator/catalog/api/publish/").status_code == 302


def test_the_command_takes_a_file_with_guides(db, tmp_path, capsys):
    (tmp_path / "shop.json").write_bytes(document())
    (tmp_path / "start.md").write_text("# Start here")
    call_command("publish_apis", str(tmp_path / "shop.json"), slug="shop", guides=tmp_path)

    assert "shop: Shop 1, 1 operations" in capsys.readouterr().out
    assert Api.objects.get(slug="shop").current.guides.get().title == "Start here"


@pytest.mark.parametrize(
    "address",
    ["http://example.com/a.json", "https://127.0.0.1/a.json", "https://[::1]/", "file:///etc/passwd"],
)
def test_the_command_fetches_public_https_addresses_only(db, address):
    with pytest.raises(CommandError):
        call_command("publish_apis", address, slug="shop")
