"""What people type about second factors."""

from __future__ import annotations

from django import forms

CODE = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false", "autofocus": True}


class CodeForm(forms.Form):
    """At sign-in."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        help_text="Six digits from your authenticator app, or one of your recovery codes.",
        widget=forms.TextInput(attrs=CODE),
    )


class AuthenticatorForm(forms.Form):
    """`sealed` carries the new secret, encrypted, until the app has proved that it knows it."""

    sealed = forms.CharField(max_length=1000, widget=forms.HiddenInput)
    code = forms.CharField(
        label="Code from the app",
        max_length=10,
        help_text="Six digits; they change every 30 seconds.",
        widget=forms.TextInput(attrs={**CODE, "inputmode": "numeric"}),
    )


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="So that you know it again, such as Work laptop.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    answer = forms.CharField(widget=forms.HiddenInput, required=False)
