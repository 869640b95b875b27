"""Home, the people, the audit log and the settings of an account."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.urls import reverse

from portal.tenancy import audit
from portal.tenancy.models import AuditLine, User
from portal.tenancy.views import greeting


def links(answer):
    return [item.label for group in answer.context["navigation"] for item in group.items]


def test_home_offers_what_the_role_may_do(client, ada, dev, vic):
    developer = ["Apps", "API catalog", "Integrations", "Usage"]
    everybody = ["Help centre", "Contact support"]
    seen = {}
    for person in (ada, dev, vic):
        client.force_login(person)
        answer = client.get("/")
        seen[person.role] = (links(answer), reverse("apps:create").encode() in answer.content)

    assert seen == {
        "admin": ([*developer, "User management", "Audit log", "Settings", *everybody], True),
        "developer": ([*developer, *everybody], True),
        "viewer": ([*developer, *everybody], False),
    }


@pytest.mark.parametrize("name", ["tenancy:users", "tenancy:audit", "tenancy:settings"])
def test_admin_pages_are_for_admins(client, ada, dev, vic, name):
    statuses = []
    for person in (ada, dev, vic):
        client.force_login(person)
        statuses.append(client.get(reverse(name)).status_code)

    assert statuses == [200, 403, 403]


def test_an_operator_is_led_to_their_own_pages(client, db):
    client.force_login(User.objects.create_superuser(email="root@portal.example", password="x"))

    assert client.get("/").url == "/operator/"


@pytest.mark.parametrize(
    ("hour", "words"),
    [
        (4, "Good evening"),
        (5, "Good morning"),
        (12, "Good afternoon"),
        (17, "Good afternoon"),
        (18, "Good evening"),
    ],
)
def test_the_greeting_follows_the_clock(hour, words):
    assert greeting(datetime(2026, 3, 2, hour, tzinfo=UTC)) == words


def people_shown(answer):
    return [person.email.split("@")[0] for person in answer.context["page"]]


def test_people_are_searched_and_sorted_inside_the_tenant(client, ada, dev, vic, mallory):
    client.force_login(ada)
    page = reverse("tenancy:users")

    assert people_shown(client.get(page)) == ["ada", "dev", "vic"]
    assert people_shown(client.get(page + "?sort=-name")) == ["vic", "dev", "ada"]
    assert people_shown(client.get(page + "?sort=password")) == ["ada", "dev", "vic"]
    assert people_shown(client.get(page + "?q=dev+PATEL")) == ["dev"]
    assert people_shown(client.get(page + "?q=mallory")) == []
    assert people_shown(client.get(page + "?q=%00")) == ["ada", "dev", "vic"]


def test_the_list_of_people_costs_the_same_however_long(client, ada, django_assert_num_queries):
    User.objects.bulk_create(
        User(tenant=ada.tenant, email=f"p{number:02}@northwind.example", password="!") for number in range(60)
    )
    client.force_login(ada)

    with django_assert_num_queries(4):  # session, person, count, rows
        answer = client.get(reverse("tenancy:users") + "?page=2&sort=email")

    assert len(people_shown(answer)) == 25
    assert b"26\xe2\x80\x9350 of 61" in answer.content


@pytest.fixture
def lines(ada, dev, mallory):
    with transaction.atomic():
        audit.record("user.signed_in", target=ada, by=ada, tenant=ada.tenant)
        audit.record("user.signed_out", target=dev, by=dev, tenant=ada.tenant)
        audit.record("user.signed_in", target=mallory, by=mallory, tenant=mallory.tenant)


def lines_shown(answer):
    return [(entry.line.actor_label, entry.what) for entry in answer.context["entries"]]


def test_the_audit_log_tells_of_this_tenant_newest_first(client, ada, dev, mallory, lines):
    client.force_login(ada)
    page = reverse("tenancy:audit")
    signed_in, signed_out = (ada.email, "signed in"), (dev.email, "signed out")
    created = ("system", "created the account")

    assert lines_shown(client.get(page)) == [signed_out, signed_in, created]
    assert lines_shown(client.get(page + "?sort=at")) == [created, signed_in, signed_out]
    assert lines_shown(client.get(page + "?action=user.signed_in")) == [signed_in]
    assert lines_shown(client.get(page + f"?person={dev.pk}")) == [signed_out]
    assert lines_shown(client.get(page + f"?person={mallory.pk}")) == []
    assert lines_shown(client.get(page + "?person=%C2%B2&action=no")) == [signed_out, signed_in, created]


def test_the_settings_are_saved_and_audited(client, ada):
    client.force_login(ada)
    answer = client.post(
        reverse("tenancy:settings"),
        {"time_zone": "Asia/Kolkata", "week_start": "6", "name": "Stolen", "slug": "stolen", "is_active": ""},
        follow=True,
    )
    ada.tenant.refresh_from_db()

    assert b"Settings saved." in answer.content
    assert (ada.tenant.time_zone, ada.tenant.week_start) == ("Asia/Kolkata", 6)
    assert (ada.tenant.name, ada.tenant.slug, ada.tenant.is_active) == ("Northwind", "northwind", True)
    line = AuditLine.objects.of(ada.tenant).get(action="tenant.updated")
    assert line.changes == {"time_zone": ["America/New_York", "Asia/Kolkata"], "week_start": [0, 6]}


@pytest.mark.parametrize("wrong", [{"time_zone": "Mars/Olympus"}, {"week_start": "3"}, {"week_start": "x"}])
def test_wrong_settings_change_nothing_and_say_so_beside_the_field(client, ada, wrong):
    client.force_login(ada)
    answer = client.post(reverse("tenancy:settings"), {"time_zone": "UTC", "week_start": "0"} | wrong)
    (field,) = wrong

    assert list(answer.context["form"].errors) == [field]
    assert f'id="id_{field}_error"'.encode() in answer.content
    assert AuditLine.objects.filter(action="tenant.updated").count() == 0


def test_every_kept_time_zone_can_be_chosen_again(client, ada):
    ada.tenant.time_zone = "EST5EDT"  # valid, but not offered
    ada.tenant.save()
    client.force_login(ada)
    answer = client.get(reverse("tenancy:settings"))

    assert b'<option value="EST5EDT" selected>' in answer.content
