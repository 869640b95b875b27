"""What changed between versions, whom it breaks, and who is told."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from catalog.changelog.lifecycle import headers
from catalog.services import publish

BASE = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/orders": {
            "post": {
                "operationId": "createOrder",
                "summary": "Create an order",
                "parameters": [{"name": "dry", "in": "query", "schema": {"type": "boolean"}}],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
                },
                "responses": {
                    "200": {
                        "description": "Made",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Made"}}},
                    }
                },
            }
        },
        "/orders/{id}": {"get": {"operationId": "getOrder", "responses": {"200": {"description": "It"}}}},
    },
    "components": {
        "schemas": {
            "Order": {
                "type": "object",
                "required": ["item"],
                "properties": {
                    "item": {"type": "string", "maxLength": 20},
                    "state": {"type": "string", "enum": ["open", "shut"]},
                    "note": {"type": "string"},
                },
            },
            "Made": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "state": {"enum": ["open", "shut"]}},
            },
        }
    },
}
ORDER = "components.schemas.Order"
MADE = "components.schemas.Made"
POST = "paths./orders.post"


def changed(path, value):
    document = copy.deepcopy(BASE)
    node = document
    *way, last = path.split(".")
    for part in way:
        node = node[part]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return document


def changes_of(document):
    publish(slug="shop", source=json.dumps(BASE).encode(), by=None)
    version = publish(slug="shop", source=json.dumps(document).encode(), by=None)
    return [(one["kind"], one["place"], one["breaking"]) for one in version.change_list()]


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (f"{ORDER}.properties.note", None, ("removed", "body · note", True)),
        (f"{ORDER}.properties.extra", {"type": "string"}, ("added", "body · extra", False)),
        (f"{ORDER}.required", ["item", "note"], ("changed", "body · note", True)),
        (f"{ORDER}.properties.item.maxLength", 10, ("changed", "body · item", True)),
        (f"{ORDER}.properties.item.maxLength", 50, ("changed", "body · item", False)),
        (f"{ORDER}.properties.item.type", "integer", ("changed", "body · item", True)),
        (f"{ORDER}.properties.item.type", ["string", "null"], ("changed", "body · item", False)),
        (f"{ORDER}.properties.state.enum", ["open"], ("removed", "body · state", True)),
        (f"{ORDER}.properties.state.enum", ["open", "shut", "lost"], ("added", "body · state", False)),
        (f"{ORDER}.properties.note.deprecated", True, ("deprecated", "body · note", False)),
        (f"{MADE}.properties.id", None, ("removed", "response 200 · id", True)),
        (f"{MADE}.properties.more", {}, ("added", "response 200 · more", False)),
        (f"{MADE}.properties.state.enum", ["open", "shut", "lost"], ("added", "response 200 · state", True)),
        (f"{MADE}.properties.state.enum", ["open"], ("removed", "response 200 · state", False)),
        (f"{MADE}.required", [], ("changed", "response 200 · id", True)),
        (f"{POST}.parameters", [], ("removed", "query · dry", True)),
        (f"{POST}.deprecated", True, ("deprecated", "", False)),
        (f"{POST}.responses.429", {"description": "Slow down"}, ("added", "response 429", False)),
        ("paths./orders/{id}.get", None, ("removed", "", True)),
        ("paths./orders/{id}.delete", {"responses": {}}, ("added", "", False)),
    ],
)
def test_each_kind_of_change_is_told_once_with_its_harm(db, path, value, expected):
    assert changes_of(changed(path, value)) == [expected]


def test_new_words_are_no_change(db):
    assert changes_of(changed(f"{POST}.summary", "Order something")) == []


def test_the_page_marks_what_the_tenant_s_apps_call(client, ada, mallory):
    from apps.services import create_app
    from usage.models import DayTotal

    changes_of(changed(f"{ORDER}.properties.note", None))
    app = create_app(name="Till", description="", by=ada).app
    figures = {"errors": 0, "latency_sum_us": 1, "request_bytes": 1, "answer_bytes": 1}
    where = {"api": "shop", "operation": "createOrder", "environment": "sandbox", "day": ada.tenant.today()}
    DayTotal.objects.create(tenant=ada.tenant, app=app, calls=7, **figures, **where)
    client.force_login(ada)
    for address in ("/catalog/changelog/", "/catalog/shop/changelog/"):
        html = client.get(address).content.decode()
        assert "7 calls by your apps in 30 days" in html
        assert "1 breaking" in html
    assert "7 calls by your apps" in client.get("/catalog/shop/operations/createOrder/").content.decode()
    client.force_login(mallory)
    assert "calls by your apps" not in client.get("/catalog/changelog/").content.decode()
    assert "Shop" in client.get("/catalog/news/").content.decode()


def test_the_feed_needs_its_own_address_and_ends_with_the_password(client, ada, workforce, settings):
    from catalog.changelog import feed

    address = feed.address(ada)
    client.force_login(ada)
    assert f"{settings.PORTAL_URL}{address}" in client.get("/catalog/changelog/").content.decode()
    client.logout()
    answer = client.get(address)
    tree = ElementTree.fromstring(answer.content)

    assert answer["Content-Type"].startswith("application/atom+xml")
    titles = [one.text for one in tree.iter("{http://www.w3.org/2005/Atom}title")]
    assert "Workforce API 1 is published" in titles
    assert client.get(address[:-2] + "x/").status_code == 404
    ada.set_password("another long password")
    ada.save()
    assert client.get(address).status_code == 404


def test_deprecation_and_sunset_are_said_as_the_standards_want_them():
    published = datetime(2026, 1, 2, tzinfo=UTC)

    assert headers({}, published=published) == []
    assert headers({"deprecated": True}, published=published) == [("Deprecation", "@1767312000")]
    assert headers(
        {"deprecated": True, "x-deprecated-since": "2026-03-01", "x-sunset": "2026-09-01"},
        published=published,
    ) == [("Deprecation", "@1772323200"), ("Sunset", "Tue, 01 Sep 2026 00:00:00 GMT")]
    assert headers({"x-sunset": "nonsense"}, published=published) == []
