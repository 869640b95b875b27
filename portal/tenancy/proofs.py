"""Links that prove who reads a mailbox: of a new person, for a new password, for a new address.

A proof is bound to the person, the purpose, the address and the password of the moment it was sent:
when one of them changes, or a newer proof is sent, the link is dead.
"""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from portal import mail
from portal.crypto import WrongKey
from portal.tenancy import audit, links
from portal.tenancy.browsers import end_sessions
from portal.tenancy.errors import LinkSpent, TenancyError
from portal.tenancy.federation.queries import is_federated
from portal.tenancy.models import Proof, ResetRequest, Standing, Tenant, User
from portal.tenancy.queries import tenant_named

log = logging.getLogger(__name__)
Purpose = Proof.Purpose
LIVES = {
    Purpose.VERIFY: timedelta(days=7),
    Purpose.RESET: timedelta(hours=2),
    Purpose.EMAIL: timedelta(hours=24),
}
SPENT = "This link was used already, is too old, or was replaced by a newer mail."


def stamp(user: User) -> str:
    return hashlib.sha256(f"{user.pk}\0{user.email}\0{user.password}".encode()).hexdigest()


def _issue(user: User, purpose: Proof.Purpose, address: str) -> str:
    token = links.new_token()
    fresh = {
        "tenant": user.tenant,
        "address": address,
        "digest": links.digest_of(token),
        "stamp": stamp(user),
        "expires": timezone.now() + LIVES[purpose],
    }
    Proof.objects.update_or_create(user=user, purpose=purpose, defaults=fresh)
    return token


def _hours(purpose: Proof.Purpose) -> int:
    return int(LIVES[purpose].total_seconds() // 3600)


def find(digest: str, purpose: Proof.Purpose) -> Proof | None:
    """The live proof, with its person; None for anything else."""
    proof = (
        Proof.objects.select_related("user__tenant")
        .filter(digest=digest, purpose=purpose, expires__gt=timezone.now(), user__is_active=True)
        .filter(tenant__is_active=True)
        .first()
    )
    return proof if proof and proof.stamp == stamp(proof.user) else None


def _use(digest: str, purpose: Proof.Purpose) -> User:
    """Uses the proof up; of two at once one gets through. Raises LinkSpent."""
    proof = find(digest, purpose)
    if proof is None or not Proof.objects.filter(pk=proof.pk, digest=digest).delete()[0]:
        raise LinkSpent(SPENT)
    user = proof.user
    user.proved_address = proof.address  # type: ignore[attr-defined]
    return user


# ---------------------------------------------------------------- a new person


def send_verification(user: User) -> None:
    token = _issue(user, Purpose.VERIFY, user.email)
    context = {
        "account": _tenant(user).name,
        "name": str(user),
        "hours": _hours(Purpose.VERIFY),
        "link": links.address_of("verify", token),
    }
    mail.queue("verify", to=user.email, tenant=user.tenant, context=context)


@transaction.atomic
def verify(digest: str) -> User:
    """Raises LinkSpent."""
    user = _use(digest, Purpose.VERIFY)
    _stands(user)
    audit.record("user.verified", target=user, by=user, tenant=user.tenant)
    return user


def _stands(user: User) -> None:
    User.objects.filter(pk=user.pk, standing=Standing.PENDING).update(standing=Standing.ACTIVE)
    user.standing = Standing.ACTIVE


# ---------------------------------------------------------------- a new password


def ask_reset(*, account: str, email: str) -> None:
    """Notes the wish, whoever has it; a worker mails the link if account and address belong together."""
    asked = json.dumps({"account": account, "email": email})
    with transaction.atomic():
        ResetRequest.objects.create(asked=asked)
        transaction.on_commit(_ring, robust=True)


def _ring() -> None:
    from portal.tenancy.tasks import answer_resets  # tasks import this module

    answer_resets.delay()


def answer_resets() -> int:
    """Works the wishes off. Returns how many mails that made; safe beside another worker."""
    made = 0
    for pk in ResetRequest.objects.order_by("pk").values_list("pk", flat=True)[:200]:
        with transaction.atomic():
            try:
                row = ResetRequest.objects.filter(pk=pk).first()
            except WrongKey:
                log.warning("reset_unreadable request=%s", pk)
                row = None
            is_mine = ResetRequest.objects.filter(pk=pk).delete()[0]
            if row is not None and is_mine:
                made += _answer(**json.loads(row.asked))
    return made


def _answer(account: str, email: str) -> bool:
    tenant = tenant_named(account)
    user = None
    if tenant:
        people = User.objects.select_related("tenant").filter(tenant=tenant, is_active=True)
        user = people.filter(email=email.strip().lower()).first()
    if user is None:
        return False
    facts: dict[str, object] = {
        "account": _tenant(user).name,
        "short_name": _tenant(user).slug,
        "name": str(user),
    }
    if is_federated(user.tenant):
        facts["link"] = settings.PORTAL_URL + reverse("signin")
        mail.queue("reset_federated", to=user.email, tenant=user.tenant, context=facts)
        return True
    token = _issue(user, Purpose.RESET, user.email)
    facts |= {"hours": _hours(Purpose.RESET), "link": links.address_of("reset-open", token)}
    mail.queue("reset", to=user.email, tenant=user.tenant, context=facts)
    return True


def reset(*, digest: str, password: str) -> User:
    """Sets the password and ends every session. The mail also proves the address. Raises LinkSpent."""
    proof = find(digest, Purpose.RESET)
    if proof is None or is_federated(proof.user.tenant):
        raise LinkSpent(SPENT)
    hashed = User()
    hashed.set_password(password)  # slow: before the transaction
    with transaction.atomic():
        user = _use(digest, Purpose.RESET)
        user.password = hashed.password
        user.save(update_fields=["password"])
        _stands(user)
        end_sessions(user)
        audit.record("user.password_reset", target=user, by=user, tenant=user.tenant)
        tell_password_changed(user)
    return user


def tell_password_changed(user: User) -> None:
    tenant = _tenant(user)
    moment = timezone.now().astimezone(tenant.zone)
    context = {"account": tenant.name, "name": str(user), "moment": f"{moment:%-d %B %Y at %H:%M %Z}"}
    mail.queue("password_changed", to=user.email, tenant=tenant, context=context)


# ---------------------------------------------------------------- a new address


@transaction.atomic
def ask_email(*, user: User, address: str) -> None:
    """Mails a link to the new address and a word to the old one; nothing changes yet.

    An address that somebody of the tenant has gets no mail, and nobody is told.
    """
    address = address.strip().lower()
    context: dict[str, object] = {"account": _tenant(user).name, "name": str(user)}
    audit.record("user.email_asked", target=user, by=user, tenant=user.tenant)
    mail.queue("email_asked", to=user.email, tenant=user.tenant, context=context)
    token = _issue(user, Purpose.EMAIL, address)
    context |= {"hours": _hours(Purpose.EMAIL), "link": links.address_of("email-open", token)}
    is_free = not User.objects.filter(tenant=user.tenant, email=address).exists()
    mail.queue("email_confirm", to=address if is_free else None, tenant=user.tenant, context=context)


def change_email(*, digest: str, keep_session: str = "") -> User:
    """Raises LinkSpent; TenancyError when the address was taken meanwhile.

    Ends the person's sessions but `keep_session` (a session's key).
    """
    try:
        with transaction.atomic():
            user = _use(digest, Purpose.EMAIL)
            old, new = user.email, user.proved_address  # type: ignore[attr-defined]
            if not User.objects.filter(pk=user.pk, email=old, password=user.password).update(email=new):
                raise LinkSpent(SPENT)
            user.email = new
            Proof.objects.filter(user=user).delete()  # every other link was bound to the old address
            end_sessions(user, but=keep_session)
            audit.record(
                "user.email_changed", target=user, by=user, tenant=user.tenant, changes={"email": [old, new]}
            )
            context = {"account": _tenant(user).name, "name": str(user)}
            mail.queue("email_changed", to=old, tenant=user.tenant, context=context)
    except IntegrityError:
        raise TenancyError("Somebody else in your account uses this address.") from None
    return user


def _tenant(user: User) -> Tenant:
    assert user.tenant is not None, "operators have no proofs"
    return user.tenant
