"""Every route: who may enter, what a stranger finds, and what every answer carries."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from portal.ids import new_id

# Open to everybody, and why. Everything else needs a sign-in and says which role.
PUBLIC = {
    "home": "what the portal is, for people without an account; home itself is behind tenant_view",
    "status": "whether the portal works; says nothing of any tenant",
    "status-json": "as status, for monitoring",
    "legal": "who runs the portal, and on what terms",
    "help:home": "for whoever cannot sign in, too; holds nothing of any tenant",
    "help:page": "as help:home",
    "help:suggest": "as help:home",
    "signin": "where people sign in",
    "catalog:feed": "for feed readers: the token in its address is the sign-in",
    "signout": "ends a session; without one it only leads on",
    "healthz": "asked by balancers",
    "readyz": "asked by balancers",
    "metrics": "asked by Prometheus on this machine, or with the operator's token",
    "invite": "opens the link of an invitation",
    "register": "where an invited person registers; without an opened link it says so",
    "verify": "opens the link that proves an address",
    "verify-now": "where that link is used",
    "reset": "where somebody asks for a new password",
    "reset-open": "opens the link of that mail",
    "reset-new": "where the new password is chosen; only with an opened link",
    "email-open": "opens the link that proves a changed address, perhaps in another browser",
    "email-confirm": "where that link is used",
    "operator-signin": "Django's own page for operators, guarded from guessing",
    "factors:challenge": "between password and session; without a right password it leads to sign-in",
    "federation:start": "leads to the provider of the account remembered in this browser",
    "federation:callback": "where a provider sends the browser back to",
    "federation:acs": "where a provider posts its signed answer",
    "federation:finish": "where that answer meets the browser that asked for it",
    "federation:metadata": "what a provider needs to know of the portal; made from the address alone",
}
# Django's admin guards itself (see test_operator_pages), the management API answers programs (tests/rest).
OWN_ROUTES_ONLY = ("admin:", "static", "api:")


def walk(patterns: list[Any], namespace: str = "", prefix: str = "") -> list[tuple[str, URLPattern, str]]:
    found = []
    for entry in patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            found += walk(entry.url_patterns, inner, prefix + str(entry.pattern))
        else:
            found.append((f"{namespace}{entry.name}", entry, prefix + str(entry.pattern)))
    return found


ROUTES = [
    (name, pattern, address)
    for name, pattern, address in walk(get_resolver().url_patterns)
    if not name.startswith(OWN_ROUTES_ONLY)
]
OPERATOR = [address for name, _, address in walk(get_resolver().url_patterns) if name.startswith("admin:")]
OF_A_TENANT = [(name, pattern) for name, pattern, _ in ROUTES if name not in PUBLIC]
WITH_AN_ID = [name for name, pattern, address in ROUTES if "<" in address and name not in PUBLIC]


@pytest.fixture
def rows(db: Any, ada: Any, workforce: Any) -> dict[str, dict[str, Any]]:
    """For each route with an id, a row of Ada's tenant. A new route fails until it adds its own."""
    from apps.services import create_app
    from catalog.access.services import allow_origin, set_upstream
    from catalog.console.models import TestRequest
    from portal.runs.models import Run
    from portal.support.services import open_ticket
    from portal.tenancy.factors.models import Passkey
    from portal.tenancy.invitations import invite
    from portal.tenancy.models import BrowserSession
    from usage.models import Alert, RequestLog

    passkey = Passkey.objects.create(
        tenant=ada.tenant, user=ada, name="Laptop", credential_id="x", credential=b"x"
    )
    app = create_app(name="Payroll", description="", by=ada).app
    run = Run.objects.create(tenant=ada.tenant, kind="test", subject="x")
    invitation = invite(tenant=ada.tenant, email="new@northwind.example", role="viewer", by=ada)
    alert = Alert.objects.create(tenant=ada.tenant, measure="errors", threshold=5)
    event = new_id()
    RequestLog.objects.create(
        event=event,
        at=timezone.now(),
        tenant=ada.tenant,
        app=app,
        status=200,
        latency_us=1,
        request_bytes=0,
        answer_bytes=0,
    )
    noted = TestRequest.objects.create(tenant=ada.tenant, user=ada, content="{}")
    later = timezone.now() + timedelta(hours=1)
    ticket = open_ticket(subject="Help", area="apps", text="Please", by=ada)
    session = BrowserSession.objects.create(session_key="k" * 40, user=ada, expire_date=later)
    origin = allow_origin(tenant=ada.tenant, origin="https://app.northwind.example", by=ada)
    set_upstream(
        tenant=ada.tenant,
        api="workforce",
        secret="",
        by=ada,
        address="https://wfm.northwind.example",
        sign_in="none",
        header="",
        token_address="",
        client_id="",
        scope="",
        timeout=30,
    )
    made = _integration(ada)
    pk, employee, sync = made
    return {
        "integrations:new": {"provider": "nothing"},  # the choice of providers is everybody's
        **{f"integrations:{name}": {"pk": pk} for name in OF_AN_INTEGRATION},
        **{f"integrations:{name}": {"pk": pk, "employee": employee} for name in ("person", "link", "unlink")},
        **{
            f"integrations:{name}": {"pk": pk, "sync": sync}
            for name in ("run", "run-state", "answer", "export")
        },
        "apps:edit": {"public_id": app.public_id},
        "apps:regenerate": {"public_id": app.public_id},
        "apps:delete": {"public_id": app.public_id},
        "runs:status": {"pk": run.pk},
        "api-settings:origin-remove": {"pk": origin.pk},
        "tenancy:invitation-resend": {"pk": invitation.pk},
        "tenancy:invitation-delete": {"pk": invitation.pk},
        "tenancy:person": {"pk": ada.pk},
        "tenancy:person-deactivate": {"pk": ada.pk},
        "tenancy:person-reactivate": {"pk": ada.pk},
        "tenancy:person-remove": {"pk": ada.pk},
        "account-session-end": {"pk": session.pk},
        "usage:app": {"public_id": app.public_id},
        "usage:alert-edit": {"pk": alert.pk},
        "usage:alert-delete": {"pk": alert.pk},
        "usage:request": {"event": event},
        "factors:passkey-remove": {"pk": passkey.pk},
        "factors:reset": {"pk": ada.pk},
        "console:request": {"pk": noted.pk},
        "support:ticket": {"pk": ticket.pk},
        "support:ticket-close": {"pk": ticket.pk},
    }


OF_AN_INTEGRATION = (
    "overview connect credentials environment fields preview read reading people confirm schedule sync "
    "disable delete"
).split()


def _integration(ada: Any) -> tuple[int, int, int]:
    from integrations.models import Employee, Integration, Sync
    from portal.runs.models import Run

    made = Integration.objects.create(tenant=ada.tenant, provider="bamboohr", company_domain="x", api_key="k")
    somebody = Employee.objects.create(tenant=ada.tenant, integration=made, side="source", external_id="1")
    run = Run.objects.create(tenant=ada.tenant, kind="hris.sync", subject=made.subject)
    sync = Sync.objects.create(tenant=ada.tenant, integration=made, run=run, trigger="manual")
    return made.pk, somebody.pk, sync.pk


# Pages of what is on offer to every tenant alike: a stranger finds the same as anybody.
SHARED = ("catalog:", "api-settings:upstream")


def test_every_page_says_which_role_it_needs():
    open_ones = [name for name, pattern in OF_A_TENANT if not hasattr(pattern.callback, "required_role")]

    assert open_ones == []  # else: not behind tenant_view


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_a_stranger_finds_nothing(client, rows, mallory, method):
    client.force_login(mallory)
    asked = [name for name in WITH_AN_ID if not name.startswith(SHARED)]
    found = {name: getattr(client, method)(reverse(name, kwargs=rows[name])).status_code for name in asked}

    # A method that no page takes is refused before the row is looked for, alike for every row.
    nothing = (404,) if method in ("get", "post") else (404, 405)
    assert {name: status for name, status in found.items() if status not in nothing} == {}
    assert len(found) > 30


def test_without_a_sign_in_every_page_leads_there(client, db):
    led = {name: address_after(client, name) for name, _ in OF_A_TENANT}

    assert {name: where for name, where in led.items() if where != "302 /signin/"} == {}
    assert len(led) > 80


def address_after(client: Any, name: str, values: dict[str, str] | None = None) -> str:
    """The status of the page of this name, and where it leads."""
    address = "/" + next(address for found, _, address in ROUTES if found == name)
    for part, value in (values or {}).items():
        address = address.replace(part, value)
    answer = client.get(re.sub(r"<[^>]+>", "1", address))
    where = answer.headers.get("Location", "").split("?")[0]
    answer.getvalue()
    return f"{answer.status_code} {where}".strip()


# What the operator may open to everybody, and nothing else.
MAY_BE_OPEN = {
    "catalog:list",
    "catalog:search",
    "catalog:changelog",
    "catalog:api",
    "catalog:download",
    "catalog:llms",
    "catalog:llms-full",
    "catalog:api-changelog",
    "catalog:operation-markdown",
    "catalog:operation",
    "catalog:models",
    "catalog:model",
    "catalog:guide-markdown",
    "catalog:guide",
}


def test_only_the_catalogs_reading_pages_may_be_opened():
    assert {name for name, one in OF_A_TENANT if hasattr(one.callback, "may_be_open")} == MAY_BE_OPEN


def test_an_open_catalog_opens_nothing_else(client, workforce):
    from portal.front.models import Settings

    Settings.objects.create(catalog_is_public=True)
    values = {
        "<slug:slug>": "workforce",
        "<str:operation_id>": "searchEmployees",
        "<slug:name>": "authentication",
        "<path:name>": workforce.schemas.values_list("name", flat=True)[0],
        "<str:name>": "openapi.json",
    }
    led = {name: address_after(client, name, values) for name, _ in OF_A_TENANT}
    closed = dict.fromkeys(led, "302 /signin/")

    assert led == closed | dict.fromkeys(MAY_BE_OPEN, "200")


def test_operator_pages_are_closed_to_tenants_people(client, ada):
    assert len(OPERATOR) > 20
    client.force_login(ada)

    assert client.get("/operator/").status_code == 302
    assert client.get("/operator/tenancy/user/").status_code == 302


@pytest.mark.parametrize("address", ["/", "/signin/", "/apps/", "/nothing/", "/operator/login/", "/healthz"])
def test_every_answer_carries_the_browser_s_orders(client, ada, address):
    client.force_login(ada)
    headers = client.get(address).headers

    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert len(headers["X-Request-Id"]) == 26


@pytest.mark.parametrize("name", ["apps:create", "signin", "signout", "tenancy:settings"])
def test_a_form_without_its_token_is_refused(ada, name):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)

    assert client.post(reverse(name), {"name": "x"}).status_code == 403


def test_a_viewer_changes_nothing(client, vic, ada):
    from apps.models import App

    client.force_login(vic)

    assert client.get("/apps/").status_code == 200
    assert client.post("/apps/create/", {"name": "x", "description": ""}).status_code == 403
    assert client.get("/admin/settings/").status_code == 403
    assert App.objects.count() == 0


def test_a_stranger_sees_no_name_of_ours_anywhere(client, ada, mallory, token_for, gateway):
    """Names planted in one tenant, looked for in every list page of another."""
    from apps.services import create_app
    from integrations.models import Integration

    create_app(name="canary-name", description="canary-description", by=ada)
    Integration.objects.create(
        tenant=ada.tenant, provider="bamboohr", company_domain="canary", company_name="canary-co", api_key="k"
    )
    token = token_for(ada, name="canary-client")
    gateway("POST", "/sandbox/workforce/v1/search/employees", token=token, body={})
    client.force_login(mallory)

    for name, _ in OF_A_TENANT:
        if name not in WITH_AN_ID:
            assert b"canary" not in client.get(reverse(name), {"q": "canary-nothing"}).getvalue().replace(
                b"canary-nothing", b""
            )
