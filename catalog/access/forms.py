"""The forms of live addresses and origins."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from catalog.access.models import Upstream
from catalog.live.headers import HOP_BY_HOP

TAKEN = HOP_BY_HOP | {"host", "content-length", "content-type", "cookie", "expect"}


class UpstreamForm(forms.Form):
    """`kept` is the upstream that is set now, or None."""

    address = forms.CharField(
        label="Address",
        max_length=500,
        help_text="Where the API's paths begin, such as https://api.example.com/wfm.",
    )
    sign_in = forms.ChoiceField(
        label="How the portal signs in there",
        choices=Upstream.SignIn.choices,
        help_text="Your apps' own tokens are never passed on.",
    )
    header = forms.CharField(
        label="Header",
        max_length=80,
        required=False,
        help_text="Its name, such as X-Api-Key.",
    )
    token_address = forms.CharField(label="Token address", max_length=500, required=False)
    client_id = forms.CharField(label="Client ID", max_length=200, required=False)
    scope = forms.CharField(label="Scopes", max_length=500, required=False, help_text="With blanks between.")
    secret = forms.CharField(
        label="Secret",
        max_length=4000,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    timeout = forms.IntegerField(label="Seconds to wait for it", min_value=1, max_value=120)

    def __init__(self, *args: Any, kept: Upstream | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_secret = bool(kept and kept.secret)
        self.fields["secret"].help_text = (
            "Stored encrypted. Leave it empty to keep the one there is."
            if has_secret
            else "The header's value, or the client secret. Stored encrypted, never shown again."
        )

    def clean_header(self) -> str:
        name: str = self.cleaned_data["header"].strip()
        if name and (not re.fullmatch(r"[A-Za-z0-9-]+", name) or name.lower() in TAKEN):
            raise forms.ValidationError("This is no header that can be added to a call.")
        return name

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        if not secret.isascii() or (secret and not secret.isprintable()):
            raise forms.ValidationError("A secret is one line of plain letters, digits and signs.")
        return secret

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        needed: dict[str, tuple[str, ...]] = {"header": ("header",), "oauth": ("token_address", "client_id")}
        for name in needed.get(found.get("sign_in", ""), ()):
            if not found.get(name) and name not in self.errors:
                self.add_error(name, "This is needed for the way of signing in you chose.")
        return found


class OriginForm(forms.Form):
    origin = forms.CharField(
        label="Web site", max_length=200, help_text="Scheme and name, such as https://app.example.com."
    )
