"""What an admin types about a provider; a valid form holds checked settings in `result`."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.fetch import Refused
from portal.tenancy.federation import oidc, saml
from portal.tenancy.federation.identity import FederationError
from portal.tenancy.federation.models import IdentityProvider


class OidcForm(forms.Form):
    discovery = forms.CharField(
        label="Discovery address",
        max_length=600,
        help_text="Ends in /.well-known/openid-configuration; the issuer alone will do.",
        widget=forms.URLInput(attrs={"placeholder": "https://login.example.com/", "spellcheck": "false"}),
    )
    client_id = forms.CharField(
        label="Client ID", max_length=300, widget=forms.TextInput({"autocomplete": "off"})
    )
    client_secret = forms.CharField(
        label="Client secret",
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, provider: IdentityProvider | None = None, **kwargs: Any) -> None:
        self.kept = provider.settings if provider and provider.kind == IdentityProvider.Kind.OIDC else {}
        kwargs["initial"] = {name: self.kept.get(name, "") for name in ("discovery", "client_id")}
        super().__init__(*args, **kwargs)
        self.fields["client_secret"].required = not self.kept
        if self.kept:
            self.fields["client_secret"].help_text = "Leave empty to keep the one that is stored."

    def clean_discovery(self) -> str:
        address = str(self.cleaned_data["discovery"]).strip()
        return address if address.endswith(oidc.WELL_KNOWN) else address.rstrip("/") + oidc.WELL_KNOWN

    def clean(self) -> None:
        given = self.cleaned_data
        if self.errors:
            return
        # A kept secret never goes to another provider.
        same = self.kept.get("discovery") == given["discovery"]
        secret = given["client_secret"] or (self.kept.get("client_secret", "") if same else "")
        if not secret:
            self.add_error("client_secret", "The provider gave you a secret for this client. Paste it here.")
            return
        try:
            found = oidc.discover(given["discovery"], oidc.Talk(), fresh=True)
        except (FederationError, Refused) as error:
            self.add_error("discovery", f"The provider could not be read: {getattr(error, 'reason', error)}")
            return
        self.issuer = found.issuer
        self.result = oidc.Settings(given["discovery"], given["client_id"], secret)


class SamlForm(forms.Form):
    metadata = forms.CharField(
        label="Metadata of the provider",
        required=False,
        max_length=256_000,
        help_text="Paste the whole XML, or fill in the three fields below.",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
    )
    entity_id = forms.CharField(label="Entity ID", required=False, max_length=512)
    sso_url = forms.CharField(label="Sign-in address", required=False, max_length=600)
    certificate = forms.CharField(
        label="Signing certificate",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
    )

    def __init__(self, *args: Any, provider: IdentityProvider | None = None, **kwargs: Any) -> None:
        kept = provider.settings if provider and provider.kind == IdentityProvider.Kind.SAML else {}
        initial = {name: kept.get(name, "") for name in ("entity_id", "sso_url")}
        initial["certificate"] = "\n".join(_armoured(one) for one in kept.get("certificates", []))
        super().__init__(*args, **(kwargs | {"initial": initial}))

    def clean(self) -> None:
        given = self.cleaned_data
        if self.errors:
            return
        try:
            if given["metadata"].strip():
                self.result = saml.read_metadata(given["metadata"])
            else:
                self.result = saml.settings_of(
                    given["entity_id"], given["sso_url"], _each(given["certificate"])
                )
        except saml.MetadataRefused as error:
            self.add_error("metadata" if given["metadata"].strip() else None, str(error))
            return
        self.issuer = self.result.entity_id


def _armoured(body: str) -> str:
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"])


def _each(text: str) -> list[str]:
    """Several certificates may stand below each other while a provider changes its key."""
    return [part for part in text.replace("-----END CERTIFICATE-----", "\0").split("\0") if part.strip()]
