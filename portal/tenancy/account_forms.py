"""What people type about themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from portal.tenancy.models import User
from portal.tenancy.people_forms import NameField
from portal.tenancy.sessions import LONGEST_ACCOUNT

OCCUPATIONS = [
    ("", "Choose what fits best"),
    ("developer", "I write software"),
    ("integrator", "I connect systems for customers"),
    ("it", "I run IT systems"),
    ("workforce", "I plan or run a workforce"),
    ("hr", "I work in HR or payroll"),
    ("product", "I manage products or projects"),
    ("other", "Something else"),
]


def _password(label: str, autocomplete: str, **more: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, widget=widget, **more)


class NewPasswordForm(forms.Form):
    """Twice the same, and good enough for `user`, whose names must not be in it."""

    password = _password("Password", "new-password", help_text="At least 15 characters.")
    again = _password("Password again", "new-password")

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.user = user
        self.fields["password"].widget.attrs["data-strength"] = "#strength"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        password, again = data.get("password"), data.get("again")
        if password and again and password != again:
            self.add_error("again", "The two passwords differ.")
        elif password:
            try:
                validate_password(password, self._person(data))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data

    def _person(self, data: dict[str, Any]) -> User:
        return self.user


class RegisterForm(NewPasswordForm):
    first_name = NameField(
        label="First name", widget=forms.TextInput(attrs={"autocomplete": "given-name", "autofocus": True})
    )
    last_name = NameField(label="Last name", widget=forms.TextInput(attrs={"autocomplete": "family-name"}))
    account = forms.CharField(label="Account name", disabled=True)
    occupation = forms.ChoiceField(label="What describes your work", choices=OCCUPATIONS)

    field_order = ["first_name", "last_name", "account", "occupation", "password", "again"]

    def _person(self, data: dict[str, Any]) -> User:
        self.user.first_name, self.user.last_name = data.get("first_name", ""), data.get("last_name", "")
        return self.user


class ChangePasswordForm(NewPasswordForm):
    current = _password("Current password", "current-password")
    field_order = ["current", "password", "again"]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["password"].label, self.fields["again"].label = "New password", "New password again"

    def clean_current(self) -> str:
        return checked(self.user, self.cleaned_data["current"])


class ChangeEmailForm(forms.Form):
    email = forms.EmailField(
        label="New e-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    current = _password("Your password", "current-password")

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.user = user

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"]).lower()
        if address == self.user.email:
            raise forms.ValidationError("This is your address already.")
        return address

    def clean_current(self) -> str:
        return checked(self.user, self.cleaned_data["current"])


def checked(user: User, password: str) -> str:
    if not user.check_password(password):
        raise forms.ValidationError("This is not your password.")
    return password


class NamesForm(forms.Form):
    first_name = NameField(label="First name")
    last_name = NameField(label="Last name")


class ResetForm(forms.Form):
    account = forms.CharField(
        label="Account name",
        max_length=LONGEST_ACCOUNT,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autocapitalize": "off"}),
    )
    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
