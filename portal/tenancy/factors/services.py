"""Changes to a person's second factors, and checking them."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone
from fido2.webauthn import AttestedCredentialData

from portal.tenancy import audit
from portal.tenancy.errors import TenancyError
from portal.tenancy.factors import recovery, totp
from portal.tenancy.factors.models import Authenticator, Passkey, RecoveryCode
from portal.tenancy.factors.passkeys import encoded_id
from portal.tenancy.factors.queries import has_factor
from portal.tenancy.models import Tenant, User

MOST_PASSKEYS = 10


class FactorError(TenancyError):
    """A second factor cannot be added or removed."""


@transaction.atomic
def add_authenticator(*, secret: str, code: str, by: User) -> None:
    """Replaces the person's authenticator app. Raises FactorError unless `code` is right now."""
    step = totp.matching_step(secret, code)
    if step is None:
        raise FactorError("That code is not right. Check the clock of your phone and type the newest code.")
    kept, _ = Authenticator.objects.update_or_create(
        user=by,
        defaults={
            "tenant": _tenant(by),
            "secret": secret,
            "last_step": step,
            "created": timezone.now(),
            "last_used": None,
        },
    )
    audit.record("factor.added", target=kept, by=by, tenant=by.tenant)


@transaction.atomic
def add_passkey(*, data: AttestedCredentialData, name: str, by: User) -> Passkey:
    if Passkey.objects.filter(user=by).count() >= MOST_PASSKEYS:
        raise FactorError(f"You have {MOST_PASSKEYS} passkeys. Remove one first.")
    try:
        with transaction.atomic():
            made = Passkey.objects.create(
                tenant=_tenant(by), user=by, name=name, credential_id=encoded_id(data), credential=bytes(data)
            )
    except IntegrityError:
        raise FactorError("This passkey is registered already.") from None
    audit.record("factor.added", target=made, by=by, tenant=by.tenant)
    return made


@transaction.atomic
def remove_authenticator(*, by: User) -> None:
    kept = Authenticator.objects.filter(user=by).first()
    if kept:
        audit.record("factor.removed", target=kept, by=by, tenant=by.tenant)
        kept.delete()
        _after_removal(by)


@transaction.atomic
def remove_passkey(*, passkey: Passkey, by: User) -> None:
    audit.record("factor.removed", target=passkey, by=by, tenant=by.tenant)
    passkey.delete()
    _after_removal(by)


def _after_removal(user: User) -> None:
    if has_factor(user):
        return
    if _tenant(user).requires_second_factor:
        raise FactorError(
            "Your account asks for a second factor. Add another one before you remove this one."
        )
    RecoveryCode.objects.filter(user=user).delete()


@transaction.atomic
def make_recovery_codes(*, by: User) -> list[str]:
    """Ten new codes in place of all earlier ones."""
    codes, salt = recovery.new_codes(), recovery.new_salt()
    RecoveryCode.objects.filter(user=by).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(tenant=_tenant(by), user=by, salt=salt, digest=recovery.digest(code, salt))
        for code in codes
    )
    audit.record("recovery_codes.made", target=by, by=by, tenant=by.tenant)
    return codes


@transaction.atomic
def reset_factors(*, person: User, by: User) -> None:
    """An admin takes every factor of a person away, who has lost them."""
    for model in (Authenticator, Passkey, RecoveryCode):
        model.objects.filter(user=person).delete()
    audit.record("factors.reset", target=person, by=by, tenant=by.tenant)


def use_code(user: User, typed: str) -> str:
    """Which factor a typed code proves, "totp" or "recovery", or nothing. Each code is good once."""
    plain = "".join(letter for letter in typed if letter.isalnum())
    if len(plain) == totp.DIGITS and plain.isascii() and plain.isdigit():
        return "totp" if _use_totp(user, plain) else ""
    return "recovery" if _use_recovery(user, plain) else ""


def _use_totp(user: User, code: str) -> bool:
    kept = Authenticator.objects.filter(user=user).first()
    step = totp.matching_step(kept.secret, code) if kept else None
    if step is None:
        return False
    # Settles a replay and a race: only a step newer than the last one counts.
    fresh = Authenticator.objects.filter(user=user, last_step__lt=step)
    return fresh.update(last_step=step, last_used=timezone.now()) == 1


def _use_recovery(user: User, code: str) -> bool:
    first = RecoveryCode.objects.filter(user=user).first()
    if first is None or len(code) != 10:
        return False
    wanted = RecoveryCode.objects.filter(user=user, digest=recovery.digest(code, first.salt), used=None)
    with transaction.atomic():
        if wanted.update(used=timezone.now()) != 1:
            return False
        audit.record("recovery_code.used", target=user, by=user, tenant=user.tenant)
    return True


def use_passkey(passkey: Passkey, counter: int) -> bool:
    """False when its counter went back: then a copy of it exists somewhere."""
    rows = Passkey.objects.filter(pk=passkey.pk)
    if counter or passkey.sign_count:
        rows = rows.filter(sign_count__lt=counter)
    return rows.update(sign_count=counter, last_used=timezone.now()) == 1


@transaction.atomic
def require_factor(*, tenant: Tenant, is_required: bool, by: User) -> None:
    if tenant.requires_second_factor != is_required:
        tenant.requires_second_factor = is_required
        tenant.save(update_fields=["requires_second_factor"])
        changes = {"requires_second_factor": [not is_required, is_required]}
        audit.record("tenant.updated", target=tenant, by=by, tenant=tenant, changes=changes)


def _tenant(user: User) -> Tenant:
    assert user.tenant is not None, "operators have no second factors here"
    return user.tenant
