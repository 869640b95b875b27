"""What people say about alerts."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.models import App
from portal.tenancy.models import Tenant
from usage.models import Alert, Measure

MOST = {
    Measure.CALLS: 2_000_000_000,
    Measure.QUOTA: 10_000,
    Measure.ERRORS: 100,
    Measure.SLOWNESS: 70_000,
    Measure.SILENCE: 720,
}
UNITS = "Calls, percent, percent, milliseconds, or hours: as the choice above says."


def _name(app: App) -> str:
    return str(app.name)


class AlertForm(forms.Form):
    measure = forms.ChoiceField(
        label="Watch",
        choices=[
            (Measure.CALLS, "Calls in a day"),
            (Measure.QUOTA, "Share of the rate limit used in an hour (%)"),
            (Measure.ERRORS, "Error rate of the last hours (%)"),
            (Measure.SLOWNESS, "p95 latency of the last hours (ms)"),
            (Measure.SILENCE, "Silence: hours without a call"),
        ],
    )
    app = forms.ModelChoiceField(
        label="App",
        queryset=App.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label="All apps",
    )
    threshold = forms.IntegerField(label="Go off at", min_value=1, max_value=2_000_000_000, help_text=UNITS)
    audience = forms.ChoiceField(label="Mail to", choices=Alert.Audience.choices)
    is_on = forms.BooleanField(label="On", required=False, initial=True, help_text="Off keeps it, silently.")

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["app"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = App.objects.of(tenant).living().order_by("folded_name")
        field.label_from_instance = _name  # type: ignore[assignment,method-assign]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        measure, threshold = given.get("measure"), given.get("threshold")
        if measure and threshold and threshold > MOST[Measure(measure)]:
            self.add_error("threshold", f"At most {MOST[Measure(measure)]:,} makes sense here.")
        return given
