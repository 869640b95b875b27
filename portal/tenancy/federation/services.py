"""Setting a tenant's provider up, trying it, and switching sign-in over to it and back."""

from __future__ import annotations

from dataclasses import asdict

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.tenancy import audit
from portal.tenancy.errors import TenancyError
from portal.tenancy.federation import linking, oidc, saml
from portal.tenancy.federation.identity import Identity
from portal.tenancy.federation.models import FederatedIdentity, IdentityProvider
from portal.tenancy.models import Standing, Tenant, User

Kind = IdentityProvider.Kind


class ProviderRefused(TenancyError):
    """The provider cannot be changed or switched so."""


@transaction.atomic
def save_provider(
    *, tenant: Tenant, issuer: str, settings: oidc.Settings | saml.Settings, by: User
) -> IdentityProvider:
    """Keeps settings, to be tested afresh. While it is on, only its own keys and secrets change."""
    kind = Kind.OIDC if isinstance(settings, oidc.Settings) else Kind.SAML
    kept = IdentityProvider.objects.filter(tenant=tenant).first()
    if kept and kept.is_enabled and (kept.kind, kept.issuer) != (kind, issuer):
        raise ProviderRefused("Switch sign-in back to passwords first, then set up another provider.")
    provider = kept or IdentityProvider(tenant=tenant, version=0)
    changes = {"kind": [provider.kind, kind], "issuer": [provider.issuer, issuer]}
    provider.kind, provider.issuer, provider.settings = kind, issuer, asdict(settings)
    provider.version += 1
    provider.tested_at = provider.tested_by = None
    provider.tested_subject = ""
    provider.save()
    told = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    audit.record("provider.updated", target=provider, by=by, tenant=tenant, changes=told)
    return provider


@transaction.atomic
def note_test(*, provider: IdentityProvider, version: int, identity: Identity, by: User) -> None:
    """A sign-in worked with these settings. Raises ProviderRefused when they have changed since."""
    rows = IdentityProvider.objects.filter(pk=provider.pk, version=version)
    if not rows.update(tested_at=timezone.now(), tested_by=by, tested_subject=identity.subject):
        raise ProviderRefused("The settings were changed in the meantime. Test them again.")
    audit.record("provider.tested", target=provider, by=by, tenant=by.tenant)


def switch_on(*, provider: IdentityProvider, by: User) -> None:
    """From now on people sign in at the provider only.

    Their passwords and sessions end; each waits, as Available, for a first sign-in with the address known
    here. The admin who tested is linked at once and stays. Raises ProviderRefused.
    """
    if provider.tested_at is None or provider.tested_by_id != by.pk or not provider.tested_subject:
        raise ProviderRefused("Test the sign-in yourself first: it shows that you will get in again.")
    tenant = provider.tenant
    try:
        with transaction.atomic():
            rows = IdentityProvider.objects.filter(pk=provider.pk, version=provider.version, is_enabled=False)
            if not rows.update(is_enabled=True):
                raise ProviderRefused("The settings were changed in the meantime. Test them again.")
            FederatedIdentity.objects.of(tenant).exclude(issuer=provider.issuer).delete()
            _link_tester(provider, by)
            _end_passwords(tenant)
            audit.record("provider.switched_on", target=provider, by=by, tenant=tenant)
    except IntegrityError:
        raise ProviderRefused("The identity you tested with belongs to another person here.") from None


def _link_tester(provider: IdentityProvider, by: User) -> None:
    known = FederatedIdentity.objects.filter(user=by).first()
    if known is None or known.subject != provider.tested_subject:
        FederatedIdentity.objects.filter(user=by).delete()
        linking.link(user=by, issuer=provider.issuer, subject=provider.tested_subject, by=by)


def _end_passwords(tenant: Tenant) -> None:
    waiting = []
    for user in User.objects.filter(tenant=tenant).select_related("federated_identity").iterator():
        is_linked = hasattr(user, "federated_identity")
        user.set_unusable_password()
        user.standing = user.standing if is_linked else Standing.AVAILABLE
        waiting.append(user)
    User.objects.bulk_update(waiting, ["password", "standing"], batch_size=500)


@transaction.atomic
def switch_off(*, provider: IdentityProvider, by: User | None) -> None:
    """Back to passwords, which people choose anew by mail; whoever never signed in may do so too."""
    if IdentityProvider.objects.filter(pk=provider.pk, is_enabled=True).update(is_enabled=False):
        waiting = User.objects.filter(tenant=provider.tenant, standing=Standing.AVAILABLE)
        waiting.update(standing=Standing.ACTIVE)
        audit.record("provider.switched_off", target=provider, by=by, tenant=provider.tenant)
