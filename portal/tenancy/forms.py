"""What people type about accounts."""
from __future__ import annotations

import zoneinfo
from itertools import groupby

from django import forms

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
    time_zone = forms.ChoiceField(
        label="Time zone",
        help_text="Every date and every day of a chart is shown in it.",
        choices=lambda: time_zones(),
    )
    week_start = forms.TypedChoiceField(
        label="Week starts on",
        help_text="Where “this week” begins in Usage.",
        coerce=int,
        choices=Weekday.choices,
    )


def time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every zone under its part of the world: [("Europe", [("Europe/Berlin", "Europe/Berlin"), …]), …]."""
    names = sorted(name for name in zoneinfo.available_timezones() if _is_place(name))
    places = groupby(names, key=lambda name: name.split("/")[0] if "/" in name else "General")
    return [(part, [(name, name.replace("_", " ")) for name in group]) for part, group in places]


def _is_place(name: str) -> bool:
    return name == "UTC" or ("/" in name and not name.startswith(("Etc/", "SystemV/", "US/")))
