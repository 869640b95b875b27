"""The portal's front, legal pages, maintenance, and errors that people meet."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.urls import include, path
from django.utils import timezone

from portal.front import legal, maintenance, services
from portal.front.models import LegalText, Settings
from portal.tenancy.models import AuditLine, User


def database_is_away(request):
    raise OperationalError("canary: the password is hunter2")


urlpatterns = [path("away/", database_is_away), path("", include("portal.urls"))]
handler400 = "portal.web.errors.bad_request"
handler404 = "portal.web.errors.not_found"
handler500 = "portal.web.errors.server_error"


@pytest.fixture
def operator(db):
    return User.objects.create_superuser(email="root@portal.example", password="x")


def test_a_stranger_sees_what_the_portal_is(client, db):
    page = client.get("/").content.decode()

    assert "Build on your workforce data" in page
    assert 'href="/signin/"' in page
    assert 'href="/catalog/"' not in page


def test_an_open_catalog_is_offered_and_shows_nothing_of_an_account(
    client, ada, workforce, token_for, gateway
):
    Settings.objects.create(catalog_is_public=True)
    assert 'href="/catalog/"' in client.get("/").content.decode()
    token = token_for(ada, name="canary-client")
    gateway("POST", "/sandbox/workforce/v1/search/employees", token=token, body={})
    for address in (
        "",
        "workforce/",
        "workforce/operations/searchEmployees/",
        "changelog/",
        "search/?q=employee",
    ):
        page = client.get("/catalog/" + address).content.decode()

        assert "by your apps" not in page
        assert "/catalog/feed/" not in page
        assert "Northwind" not in page
        assert "csrfmiddlewaretoken" not in page
        assert "data-test-request" not in page
        assert "js/console" not in page


def test_an_operator_reads_the_open_catalog_as_everybody_does(client, operator, workforce):
    client.force_login(operator)
    assert client.get("/catalog/").status_code == 404
    services.change_settings(catalog_is_public=True, by=operator)

    assert client.get("/catalog/").status_code == 200


@pytest.mark.parametrize("kind", LegalText.Kind.values)
def test_legal_pages_name_the_operator_and_leave_no_brace(client, operator, kind):
    services.change_settings(
        operator_name="Contoso <Ltd>",
        operator_address="1 Main Street\nLondon",
        support_address="h@c.example",
        by=operator,
    )
    page = client.get(f"/legal/{kind}/").content.decode()

    assert "Contoso &lt;Ltd&gt;" in page
    assert "{" not in page.split('class="prose"')[1].split("</article>")[0]


def test_the_operators_words_win_until_they_are_taken_back(client, operator):
    client.force_login(operator)
    add = "/operator/front/legaltext/add/"
    assert "What is kept" in client.get(f"{add}?kind=privacy").content.decode()
    client.post(add, {"kind": "privacy", "text": "# Ours\n\n<script>alert(1)</script> of {portal}"})
    page = client.get("/legal/privacy/").content.decode()

    assert "Ours" in page
    assert "<script>alert" not in page
    assert f"of {legal.PORTAL}" in page
    assert AuditLine.objects.filter(action="legal.changed", actor=operator, tenant=None).count() == 1
    services.forget_legal(row=LegalText.objects.get(), by=operator)
    assert "What is kept" in client.get("/legal/privacy/").content.decode()


def test_the_operator_changes_settings_with_a_line_in_the_audit_log(client, operator):
    client.force_login(operator)
    page = client.get("/operator/front/settings/").url
    client.post(page, {"operator_name": "Contoso", "catalog_is_public": "on"})

    assert Settings.objects.get().catalog_is_public
    assert AuditLine.objects.get(action="portal.configured").changes == {
        "operator_name": ["", "Contoso"],
        "catalog_is_public": [False, True],
    }


@pytest.fixture
def closed():
    call_command("maintenance", "on", minutes=10, text="New racks.", stdout=io.StringIO())
    yield
    maintenance.end()


def test_maintenance_closes_pages_and_nothing_else(client, ada, closed, gateway, workforce):
    client.force_login(ada)
    answer = client.get("/apps/")

    assert answer.status_code == 503
    assert 540 < int(answer["Retry-After"]) <= 600
    assert b"New racks." in answer.content
    assert [
        client.get(one).status_code for one in ("/healthz", "/readyz", "/status/", "/operator/login/")
    ] == [200] * 4
    assert gateway("GET", "/sandbox/workforce/").status == 401
    maintenance.end()
    assert client.get("/apps/").status_code == 200


def test_a_file_made_by_hand_closes_too(client, db):
    maintenance.file().write_text("")
    try:
        assert client.get("/").status_code == 503
    finally:
        maintenance.end()


def test_time_to_come_back_is_never_in_the_past():
    late = maintenance.Notice("", timezone.now() - timedelta(hours=1))

    assert late.seconds() == 30


@pytest.mark.urls(__name__)
def test_a_server_that_is_away_is_a_503_with_a_way_on(client, dev):
    client.raise_request_exception = False
    client.force_login(dev)
    answer = client.get("/away/")
    page = answer.content.decode()

    assert (answer.status_code, answer["Retry-After"]) == (503, "20")
    assert 'href="/status/"' in page
    assert "hunter2" not in page


def test_a_form_that_is_too_large_is_a_413(client, dev, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    client.force_login(dev)
    answer = client.post("/apps/create/", {"name": "x" * 2000})

    assert answer.status_code == 413
    assert b"more than a form may carry" in answer.content


def test_a_missing_page_offers_the_search(client, dev):
    assert 'action="/help/"' in client.get("/nothing/").content.decode()
    client.force_login(dev)
    assert 'action="/catalog/search/"' in client.get("/nothing/").content.decode()
