"""What people type to set an integration up."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

from django import forms

from integrations.connectors.base import Provider
from integrations.models import Integration, Interval, Unit
from integrations.services.connecting import Account
from integrations.services.mapping import Pair

MOST_PAIRS = 50
TIMES = [
    (f"{hour:02}:{minute:02}", f"{hour:02}:{minute:02}") for hour in range(24) for minute in (0, 15, 30, 45)
]


class ConnectForm(forms.Form):
    domain = forms.CharField(
        label="Company domain",
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    key = forms.CharField(
        label="API key",
        max_length=300,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, provider: Provider, **more: Any) -> None:
        super().__init__(*args, **more)
        self.provider = provider
        self.fields["domain"].help_text = provider.domain_help
        self.fields["key"].help_text = provider.key_help

    def clean_domain(self) -> str:
        try:
            return self.provider.read_domain(self.cleaned_data["domain"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"]).strip()
        if not key.isascii() or not key.isprintable() or ":" in key or len(key) < 8:
            raise forms.ValidationError("This does not look like an API key. Copy it again, without blanks.")
        return key

    def account(self) -> Account:
        return Account(self.provider.slug, self.cleaned_data["domain"], self.cleaned_data["key"])


class PairForm(forms.Form):
    """One row of the mapping."""

    source = forms.ChoiceField(label="Time-off type")
    target = forms.ChoiceField(label="Personal account type")
    unit = forms.ChoiceField(label="Measurement unit", choices=[("", "Choose"), *Unit.choices])
    hours_per_day = forms.DecimalField(
        label="Work hours per day", min_value=Decimal("0.25"), max_value=Decimal(24), decimal_places=2
    )

    def __init__(self, *args: Any, integration: Integration, **more: Any) -> None:
        super().__init__(*args, **more)
        self.targets = {one["id"]: one for one in integration.target_types}
        _choose(self.fields["source"], integration.source_types)
        _choose(self.fields["target"], integration.target_types)
        self.fields["hours_per_day"].widget.attrs |= {"step": "0.25", "inputmode": "decimal"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        target = self.targets.get(data.get("target", ""))
        if target and data.get("unit") and data["unit"] != target["unit"]:
            self.add_error("unit", f"{target['name']} is counted in {target['unit']}.")
        return data

    def pair(self) -> Pair:
        data = self.cleaned_data
        return Pair(data["source"], data["target"], data["unit"], data["hours_per_day"])


def _choose(field: Any, types: list[dict[str, str]]) -> None:
    field.choices = [("", "Choose"), *((one["id"], f"{one['name']} ({one['unit']})") for one in types)]


class PairFormSet(forms.BaseFormSet):  # type: ignore[type-arg]  # generic for mypy only
    """At least one row; one target once."""

    def clean(self) -> None:
        if any(self.errors):
            return
        targets = [form.cleaned_data["target"] for form in self.filled()]
        if not targets:
            raise forms.ValidationError("Map at least one time-off type.")
        if len(set(targets)) < len(targets):
            raise forms.ValidationError(
                "A personal account type can take the balances of one time-off type only."
            )

    def filled(self) -> list[PairForm]:
        """Rows that are neither removed nor untouched."""
        gone = set(self.deleted_forms)
        return [form for form in self.forms if form not in gone and form.cleaned_data.get("source")]

    def pairs(self) -> list[Pair]:
        return [form.pair() for form in self.filled()]


def pair_forms(integration: Integration, data: Any = None) -> PairFormSet:
    kept = [
        {
            "source": one.source_id,
            "target": one.target_id,
            "unit": one.unit,
            "hours_per_day": one.hours_per_day,
        }
        for one in integration.mappings.all()
    ]
    made = forms.formset_factory(
        PairForm,
        formset=PairFormSet,
        extra=0 if kept else 1,
        can_delete=True,
        max_num=MOST_PAIRS,
        validate_max=True,
    )
    blank = {"hours_per_day": integration.hours_per_day}
    formset: PairFormSet = made(  # type: ignore[assignment]
        data, initial=kept or [blank], prefix="pair", form_kwargs={"integration": integration}
    )
    if not kept:
        formset.extra = 0
    return formset


class ScheduleForm(forms.Form):
    mode = forms.ChoiceField(
        label="When to sync",
        choices=[("manual", "Manual: only when somebody presses the button"), ("schedule", "Schedule")],
        widget=forms.RadioSelect,
    )
    start = forms.ChoiceField(label="Sync start", choices=TIMES)
    interval = forms.TypedChoiceField(label="Sync interval", choices=Interval.choices, coerce=int)

    def chosen(self) -> dict[str, Any]:
        """For services.scheduling."""
        data = self.cleaned_data
        if data["mode"] == "manual":
            return {"interval": None, "start": None}
        return {"interval": data["interval"], "start": time.fromisoformat(data["start"])}
