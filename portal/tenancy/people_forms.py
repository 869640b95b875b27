"""What admins type about people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from portal.tenancy.models import Role, User

LARGEST_FILE = 256 * 1024  # bytes
ROLES = [
    (Role.ADMIN, "Admin: everything in the account, people included"),
    (Role.DEVELOPER, "Developer: apps, credentials and integrations"),
    (Role.VIEWER, "Viewer: looks, changes nothing"),
]
REFUSED_IN_NAMES = ("://", "<", ">", "{", "}", "@")


class NameField(forms.CharField):
    """A person's name as it will stand in mails: visible characters, no address of any kind."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=80, **more)

    def clean(self, value: Any) -> str:
        text = " ".join(str(super().clean(value)).split())
        if any(not letter.isprintable() for letter in text) or any(bad in text for bad in REFUSED_IN_NAMES):
            raise forms.ValidationError("Use letters, blanks, hyphens and apostrophes only.")
        return text


class InviteForm(forms.Form):
    addresses = forms.CharField(
        label="E-mail addresses",
        required=False,
        max_length=100_000,
        help_text="One a line, or with commas between them.",
        widget=forms.Textarea(attrs={"rows": 5, "autofocus": True, "spellcheck": "false"}),
    )
    file = forms.FileField(
        label="or a CSV file",
        required=False,
        help_text="The address stands in the first column or in one named “email”; a column named “role” "
        "wins over the choice below.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    role = forms.ChoiceField(label="Role", choices=ROLES, initial=Role.ADMIN, widget=forms.RadioSelect)
    addresses.is_either = file.is_either = True  # type: ignore[attr-defined]  # one of the two is enough

    def clean_file(self) -> str:
        """The file's text."""
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > LARGEST_FILE:
            raise forms.ValidationError("The file is larger than 256 kB. Split it.")
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError("The file is not UTF-8 text. Export it as “CSV UTF-8”.") from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not (data.get("addresses") or data.get("file")):
            raise forms.ValidationError("Type at least one address, or choose a file.")
        return data


class PersonForm(forms.Form):
    first_name = NameField(label="First name")
    last_name = NameField(label="Last name")
    role = forms.ChoiceField(label="Role", choices=ROLES, widget=forms.RadioSelect)


class RemoveForm(forms.Form):
    heir = forms.ModelChoiceField(
        label="Associate all data with", queryset=User.objects.none(), empty_label="Choose a person"
    )

    def __init__(self, *args: Any, heirs: QuerySet[User], is_needed: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["heir"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = heirs
        field.required = is_needed
