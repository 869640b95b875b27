"""What people type about accounts."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.tenancy import zones
from portal.tenancy.models import Weekday
from portal.tenancy.sessions import LONGEST_ACCOUNT


class AccountForm(forms.Form):
    account = forms.CharField(
        label="Account name",
        max_length=LONGEST_ACCOUNT,
        help_text="Your company's account in this portal, such as Northwind.",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "organization",
                "autocapitalize": "off",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


class PasswordForm(forms.Form):
    """The second step; `account` is the one shown above it."""

    account = forms.CharField(max_length=LONGEST_ACCOUNT, widget=forms.HiddenInput)
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class SettingsForm(forms.Form):
    """Its `initial` holds what is kept now."""

    time_zone = forms.ChoiceField(
        label="Time zone",
        help_text="Every date and every day of a chart is shown in it.",
    )
    week_start = forms.TypedChoiceField(
        label="Week starts on",
        help_text="Where “this week” begins in Usage.",
        coerce=int,
        choices=Weekday.choices,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = time_zones(self.initial["time_zone"])


def time_zones(kept: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Places, and the kept zone: [("Europe", [("Europe/Berlin", "Europe/Berlin"), …]), …]."""
    names = sorted(name for name in zones.known() if _is_place(name) or name == kept)
    parts: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        part = name.split("/")[0] if "/" in name else "Other"
        parts.setdefault(part, []).append((name, name.replace("_", " ")))
    return list(parts.items())


def _is_place(name: str) -> bool:
    return name == "UTC" or ("/" in name and not name.startswith(("Etc/", "SystemV/", "US/")))
