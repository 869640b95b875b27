"""What people write to support. A secret in it is taken out, and the form comes back saying so."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import QueryDict

from portal.support import leaks
from portal.support.models import Area

LONGEST = 10_000  # characters of a message
_is_request_id = re.compile(r"[A-Za-z0-9._-]{1,64}\Z").match


class SafeForm(forms.Form):
    """Refuses secrets in any of its texts; what is shown again holds them no more."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in self.fields:
            self._refuse_secrets(name)
        return data

    def _refuse_secrets(self, name: str) -> None:
        text = str(self.data.get(self.add_prefix(name), ""))
        found = leaks.found_in(text)
        if not found:
            return
        data = self.data.copy() if isinstance(self.data, QueryDict) else dict(self.data)
        data[self.add_prefix(name)] = leaks.masked(text)
        self.data = data
        for kind in found:
            self.add_error(
                name,
                f"This held {kind.name}. We took it out: support never needs one. {kind.advice} "
                "Then send the form again.",
            )


def message_field(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 7}),
    )


class TicketForm(SafeForm):
    subject = forms.CharField(max_length=120)
    area = forms.ChoiceField(choices=[("", "Choose one"), *Area.choices])
    message = message_field(
        "Message",
        "What you did, what you expected, what happened instead. "
        "No passwords, secrets or tokens: nobody here needs them.",
    )
    request_id = forms.CharField(
        label="Request id",
        required=False,
        max_length=64,
        help_text="Of the call it is about: from its X-Request-Id header, an error page or the request log.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_subject(self) -> str:
        return " ".join(str(self.cleaned_data["subject"]).split())

    def clean_request_id(self) -> str:
        given = str(self.cleaned_data["request_id"])
        if given and not _is_request_id(given):
            raise forms.ValidationError("A request id has up to 64 letters, digits, dots and dashes.")
        return given


class MessageForm(SafeForm):
    message = message_field("Your message")
