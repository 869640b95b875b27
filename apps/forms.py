"""What people type about an app."""

from __future__ import annotations

from django import forms


class AppForm(forms.Form):
    name = forms.CharField(
        max_length=80,
        help_text="How your team and the usage pages call it, such as “Payroll export”.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    description = forms.CharField(
        max_length=500,
        required=False,
        help_text="What it does and who looks after it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class EpochForm(forms.Form):
    """Which credentials the person saw when asking for new ones."""

    epoch = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
