"""The list of people, and what an admin does to one of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from portal.tenancy import invitations, ownership, people
from portal.tenancy.errors import LastAdmin, Overtaken, TenancyError
from portal.tenancy.models import AuditLine, Role, Tenant, User

USERS = "/admin/users/"


def page(name, person):
    return reverse(f"tenancy:person{name}", args=[person.pk])


def shown(answer):
    return [(entry.email.split("@")[0], entry.status) for entry in answer.context["page"]]


@pytest.fixture
def everybody(ada, dev, vic, mallory):
    User.objects.filter(pk=vic.pk).update(is_active=False)
    User.objects.filter(pk=dev.pk).update(invited_by=ada, last_login=datetime(2026, 3, 1, tzinfo=UTC))
    invitations.invite(tenant=ada.tenant, email="bea@northwind.example", role="viewer", by=dev)
    invitations.invite(tenant=mallory.tenant, email="eve@contoso.example", role="viewer", by=mallory)


def test_people_and_invitations_stand_in_one_list(client, ada, everybody):
    client.force_login(ada)
    answer = client.get(USERS)

    assert shown(answer) == [("ada", "active"), ("bea", "pending"), ("dev", "active"), ("vic", "deactivated")]
    entries = {entry.email.split("@")[0]: entry for entry in answer.context["page"]}
    assert [(name, entries[name].inviter) for name in ("ada", "bea", "dev")] == [
        ("ada", ""),
        ("bea", "Dev Patel"),
        ("dev", "Ada Okafor"),
    ]
    assert (entries["bea"].name, entries["dev"].name, entries["bea"].is_expired) == ("", "Dev Patel", False)
    assert entries["dev"].last_login == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?status=pending", ["bea"]),
        ("?status=deactivated", ["vic"]),
        ("?status=available", []),
        ("?status=nonsense", ["ada", "bea", "dev", "vic"]),
        ("?q=bea", ["bea"]),
        ("?q=PATEL+dev", ["dev"]),
        ("?q=eve", []),
        ("?sort=-email", ["vic", "dev", "bea", "ada"]),
        ("?sort=role", ["ada", "dev", "bea", "vic"]),
        ("?sort=status&status=active", ["ada", "dev"]),
        ("?sort=password", ["ada", "bea", "dev", "vic"]),
    ],
)
def test_the_list_is_filtered_searched_and_sorted(client, ada, everybody, query, names):
    client.force_login(ada)

    assert [name for name, _ in shown(client.get(USERS + query))] == names


def test_an_admin_edits_names_and_role(client, ada, dev):
    client.force_login(ada)
    inside = Client()
    inside.force_login(dev)
    client.post(page("", dev), {"first_name": "Devi", "last_name": "O'Neil-Łukasz", "role": "viewer"})
    dev.refresh_from_db()

    assert (dev.full_name, dev.role) == ("Devi O'Neil-Łukasz", "viewer")
    assert inside.get("/apps/").status_code == 302  # signed out: the next sign-in is with the new role
    lines = AuditLine.objects.of(ada.tenant).order_by("sequence").values_list("action", "changes")
    assert [*lines][1:] == [
        ("user.role_changed", {"role": ["developer", "viewer"]}),
        ("user.renamed", {"first_name": ["Dev", "Devi"], "last_name": ["Patel", "O'Neil-Łukasz"]}),
    ]


def test_a_deactivated_person_is_out_at_the_next_request_and_can_come_back(client, ada, dev):
    inside = Client()
    inside.force_login(dev)
    client.force_login(ada)
    assert inside.get("/account/").status_code == 200

    client.post(page("-deactivate", dev))
    assert inside.get("/account/").status_code == 302
    client.post(page("-reactivate", dev))
    assert inside.get("/account/").status_code == 302
    dev.refresh_from_db()
    assert dev.is_active is True


@pytest.mark.parametrize("act", ["-deactivate", "-remove", ""])
def test_the_last_admin_stays(client, ada, dev, act):
    User.objects.create(tenant=ada.tenant, email="off@northwind.example", role="admin", is_active=False)
    User.objects.create(tenant=ada.tenant, email="soon@northwind.example", role="admin", standing="pending")
    client.force_login(ada)
    answer = client.post(page(act, ada), {"first_name": "A", "last_name": "B", "role": "viewer"})
    ada.refresh_from_db()

    assert (answer.status_code, "last active admin" in answer.content.decode()) == (409, True)
    assert (ada.role, ada.is_active, ada.first_name) == ("admin", True, "Ada")


def test_another_accounts_people_do_not_exist_here(client, mallory, dev):
    client.force_login(mallory)
    for name in ("", "-deactivate", "-reactivate", "-remove"):
        assert client.post(page(name, dev), {"role": "viewer"}).status_code == 404


def test_only_admins_manage_people(client, dev, vic):
    client.force_login(dev)
    for name in ("", "-deactivate", "-reactivate", "-remove"):
        assert client.post(page(name, vic)).status_code == 403
    assert client.get(reverse("tenancy:invite")).status_code == 403


def test_what_somebody_made_goes_to_the_heir(client, ada, dev, vic):
    from apps.models import App
    from apps.services import create_app

    create_app(name="Payroll", description="", by=dev)
    client.force_login(ada)
    asked = client.get(page("-remove", dev))
    refused = client.post(page("-remove", dev))
    strange = client.post(page("-remove", dev), {"heir": dev.pk})
    client.post(page("-remove", dev), {"heir": vic.pk})

    assert [(one.name, one.count) for one in asked.context["holdings"]] == [("app", 1)]
    assert (list(refused.context["form"].errors), list(strange.context["form"].errors)) == (
        ["heir"],
        ["heir"],
    )
    assert App.objects.get().created_by == vic
    assert not User.objects.filter(pk=dev.pk).exists()


def test_nothing_goes_to_another_account_or_to_somebody_deactivated(ada, dev, vic, mallory):
    vic.is_active = False
    vic.save()
    for heir in (mallory, vic, dev):
        with pytest.raises(TenancyError, match="somebody else of this account who is active"):
            people.remove(person=dev, heir=heir, by=ada)


def test_every_column_that_names_an_owner_is_registered():
    from django.apps import apps

    pointing = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is User and field.remote_field.on_delete.__name__ == "SET_NULL"
    }
    inside = {pair for pair in pointing if pair[0].startswith("tenancy.")}

    ending = {("apps.App", "console_of")}  # serves one person alone and ends with them

    assert pointing - inside - ending == set(ownership.registered())
    assert inside == {
        ("tenancy.AuditLine", "actor"),  # a pseudonym takes the place
        ("tenancy.IdentityProvider", "tested_by"),
        ("tenancy.Invitation", "invited_by"),
        ("tenancy.User", "invited_by"),
    }


def active_admins(tenant):
    return User.objects.filter(tenant=tenant, role=Role.ADMIN, is_active=True).count()


@pytest.mark.parametrize("rounds", [12, pytest.param(200, marks=pytest.mark.load)])
def test_two_admins_acting_on_one_another_leave_one(threads, northwind, rounds):
    """Each round with two admins and one of three acts: never none is left."""
    acts = {
        "remove": lambda one, other: people.remove(person=other, heir=None, by=one),
        "demote": lambda one, other: people.change_role(person=other, role="viewer", by=one),
        "deactivate": lambda one, other: people.deactivate(person=other, by=one),
    }
    left = []
    for number in range(rounds):
        one, other = (
            User.objects.create(tenant=northwind, email=f"{name}{number}@x.example", password="!")
            for name in ("one", "other")
        )
        act = [*acts.values()][number % 3]
        both = [lambda a=a, b=b, act=act: act(a, b) for a, b in ((one, other), (other, one))]
        results = threads(both)
        refused = [result for result in results if result is not None]
        assert len(refused) == 1, refused
        assert isinstance(refused[0], LastAdmin | Overtaken), refused
        left.append(active_admins(northwind))
        User.objects.filter(tenant=northwind).delete()

    assert left == [1] * rounds


def test_two_admins_leaving_at_once_leave_one(threads, northwind):
    for number in range(6):
        both = [
            User.objects.create(tenant=northwind, email=f"p{number}{name}@x.example", password="!")
            for name in "ab"
        ]
        results = threads([lambda one=one: people.remove(person=one, heir=None, by=one) for one in both])
        assert sorted(type(result).__name__ for result in results) == ["LastAdmin", "NoneType"]
        User.objects.filter(tenant=northwind).delete()
    assert Tenant.objects.filter(pk=northwind.pk).exists()
