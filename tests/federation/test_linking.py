"""Whom an identity leads to: twelve cases, none of them a takeover."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.tenancy.federation.identity import Identity, plain_address
from portal.tenancy.federation.linking import NoAccess, person_of
from portal.tenancy.federation.models import FederatedIdentity
from portal.tenancy.models import Invitation, Role, Standing, User
from tests.conftest import PASSWORD

IDP = "https://idp.northwind.example"


def seen(subject="sub-1", email="dev@northwind.example", issuer=IDP, verified=True, **names):
    return Identity(issuer, subject, plain_address(email), verified, **names)


def outcome(tenant, identity):
    """The address of the person who gets in, or nothing."""
    try:
        return person_of(tenant, identity).email
    except NoAccess:
        return ""


@pytest.fixture
def waiting(dev):
    """Dev, known to the account, who never signed in at the provider."""
    dev.set_unusable_password()
    dev.standing = Standing.AVAILABLE
    dev.save()
    return dev


def invite(tenant, email, **more):
    fields = {
        "role": Role.VIEWER,
        "expires": timezone.now() + timedelta(days=1),
        "digest": f"{email}{len(more)}",
    }
    return Invitation.objects.create(tenant=tenant, email=email, **(fields | more))


def test_an_available_person_is_linked_once_and_known_by_subject_then(waiting):
    assert outcome(waiting.tenant, seen(first_name="D.")) == waiting.email
    assert outcome(waiting.tenant, seen(email="changed@northwind.example")) == waiting.email
    waiting.refresh_from_db()
    assert (waiting.standing, waiting.first_name) == (Standing.ACTIVE, "Dev")


def test_another_subject_with_the_address_of_a_linked_person_is_a_stranger(waiting):
    outcome(waiting.tenant, seen())

    assert outcome(waiting.tenant, seen("sub-2")) == ""


def test_an_unverified_address_links_nobody(waiting):
    assert outcome(waiting.tenant, seen(verified=False)) == ""
    assert not FederatedIdentity.objects.exists()


@pytest.mark.parametrize(
    "email", ["dev@northwind.example.evil.example", "\u212aev@x.example", "ｄev@northwind.example", ""]
)
def test_a_look_alike_address_links_nobody(waiting, email):
    assert outcome(waiting.tenant, seen(email=email)) == ""


def test_capitals_do_not_matter(waiting):
    assert outcome(waiting.tenant, seen(email="DEV@Northwind.example")) == waiting.email


def test_a_person_with_a_password_is_not_taken_over(dev):
    assert dev.check_password(PASSWORD)
    assert outcome(dev.tenant, seen()) == ""
    User.objects.filter(pk=dev.pk).update(standing=Standing.AVAILABLE)
    assert outcome(dev.tenant, seen()) == ""


def test_an_active_person_without_a_password_is_not_taken_over(waiting):
    User.objects.filter(pk=waiting.pk).update(standing=Standing.ACTIVE)

    assert outcome(waiting.tenant, seen()) == ""


def test_a_deactivated_person_stays_out(waiting):
    outcome(waiting.tenant, seen())
    User.objects.filter(pk=waiting.pk).update(is_active=False)

    assert outcome(waiting.tenant, seen()) == ""


def test_a_deactivated_person_who_waits_is_not_linked(waiting):
    User.objects.filter(pk=waiting.pk).update(is_active=False)

    assert outcome(waiting.tenant, seen()) == ""
    assert not FederatedIdentity.objects.exists()


def test_a_pending_invitation_makes_a_person_with_its_role(northwind, ada):
    invitation = invite(northwind, "new@northwind.example", invited_by=ada)

    assert outcome(northwind, seen(email="new@northwind.example", first_name="N")) == "new@northwind.example"
    made = User.objects.get(tenant=northwind, email="new@northwind.example")
    assert (made.role, made.standing, made.first_name, made.invited_by) == (
        Role.VIEWER,
        Standing.ACTIVE,
        "N",
        ada,
    )
    assert not made.has_usable_password()
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.ACCEPTED


@pytest.mark.parametrize(
    "change",
    [
        {"expires": timezone.now() - timedelta(1)},
        {"state": "deleted", "email": ""},
        {"state": "accepted", "email": ""},
    ],
)
def test_an_invitation_that_is_over_links_nobody(northwind, change):
    invitation = invite(northwind, "new@northwind.example")
    Invitation.objects.filter(pk=invitation.pk).update(**change)

    assert outcome(northwind, seen(email="new@northwind.example")) == ""


def test_nothing_crosses_from_one_tenant_to_another(waiting, mallory):
    contoso = mallory.tenant
    invite(waiting.tenant, "new@northwind.example")
    outcome(waiting.tenant, seen())

    assert outcome(contoso, seen()) == ""
    assert outcome(contoso, seen("sub-9")) == ""
    assert outcome(contoso, seen("sub-9", email="new@northwind.example")) == ""


def test_the_same_subject_of_another_issuer_is_a_stranger(waiting):
    outcome(waiting.tenant, seen())

    assert outcome(waiting.tenant, seen(issuer="https://evil.example")) == ""
    assert outcome(waiting.tenant, seen("SUB-1", email="x@y.example")) == ""
