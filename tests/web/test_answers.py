"""What every answer carries, errors included."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import include, path

from portal.tenancy.models import AuditLine
from portal.web import context
from tests.conftest import PASSWORD


def fall_over(request):
    raise RuntimeError("the canary sang: hunter2")


urlpatterns = [path("fall-over/", fall_over), path("", include("portal.urls"))]
handler400 = "portal.web.errors.bad_request"
handler403 = "portal.web.errors.forbidden"
handler404 = "portal.web.errors.not_found"
handler500 = "portal.web.errors.server_error"


@pytest.fixture
def calm(client):
    """A client that is handed the portal's 500 page instead of the exception."""
    client.raise_request_exception = False
    return client


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("address", "status"),
    [("/", 200), ("/admin/users/", 403), ("/nothing/", 404), ("/fall-over/", 500), ("/healthz", 200)],
)
def test_every_answer_has_a_policy_and_a_request_id(calm, dev, address, status):
    calm.force_login(dev)
    answer = calm.get(address)

    assert answer.status_code == status
    assert answer["Content-Security-Policy"] == settings.CONTENT_SECURITY_POLICY
    assert answer["Permissions-Policy"].startswith("accelerometer=()")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", answer["X-Request-Id"])


@pytest.mark.parametrize("given", ["abc", "A.b_c-9", "x" * 64])
def test_a_well_formed_request_id_is_kept(client, db, given):
    assert client.get("/healthz", headers={"X-Request-Id": given})["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\nb", "<script>", "abc\n", "é"])
def test_any_other_request_id_is_replaced(client, db, given):
    answer = client.get("/healthz", headers={"X-Request-Id": given})

    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", answer["X-Request-Id"])


def test_the_request_id_and_address_reach_the_audit_log(client, ada):
    answer = client.post(
        "/signin/",
        {"account": "Northwind", "email": ada.email, "password": PASSWORD},
        headers={"X-Request-Id": "from-the-balancer"},
        REMOTE_ADDR="2001:db8::7",
    )
    line = AuditLine.objects.get(action="user.signed_in")

    assert answer.status_code == 302
    assert (line.request_id, line.address) == ("from-the-balancer", "2001:db8::7")


@pytest.mark.urls(__name__)
def test_an_error_page_shows_its_id_and_nothing_of_the_error(calm, dev):
    calm.force_login(dev)
    answer = calm.get("/fall-over/")
    text = answer.content.decode()

    assert "Something went wrong on our side" in text
    assert answer["X-Request-Id"] in text
    assert "hunter2" not in text
    assert "Traceback" not in text


def test_a_signed_in_person_keeps_the_frame_around_an_error(client, dev):
    client.force_login(dev)
    answer = client.get("/nothing/")

    assert b'class="sidebar"' in answer.content
    assert b"csrfmiddlewaretoken" in answer.content  # signing out works from here too


def test_a_stranger_gets_the_plain_frame(client, db):
    answer = client.get("/nothing/")

    assert answer.status_code == 404
    assert b'class="sidebar"' not in answer.content


def test_a_wrong_host_is_refused_in_the_portals_dress(db):
    answer = Client(headers={"Host": "evil.example"}).get("/signin/")

    assert answer.status_code == 400
    assert b"That request could not be read" in answer.content


def test_pages_hold_no_inline_script_or_style(client, ada):
    client.force_login(ada)
    for address in ("/", "/admin/users/", "/admin/audit/", "/admin/settings/", "/integrations/"):
        text = client.get(address).content.decode()

        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert re.findall(r"<script(?![^>]* src=)", text) == []


def test_the_item_of_the_current_page_is_marked(dev):
    groups = context.navigation("/apps/12/", dev)

    assert [(item.label, item.is_current) for item in groups[0].items] == [
        ("Apps", True),
        ("API catalog", False),
        ("Integrations", False),
        ("Usage", False),
    ]
