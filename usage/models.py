"""What was called: totals by hour, day and month, the log of single calls, and how far counting has come."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.tenancy.models import Owned, OwnedQuerySet, Tenant
from usage.latency import COLUMNS


class Totals(models.Model):
    """Figures that add up over any rows. A `slot_…` column counts calls of one latency bucket, NULL is 0."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", db_index=False)
    environment = models.CharField(max_length=10)
    calls = models.BigIntegerField()
    errors = models.BigIntegerField()  # status 400 and above
    latency_sum_us = models.BigIntegerField()
    request_bytes = models.BigIntegerField()
    answer_bytes = models.BigIntegerField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True


for _column in COLUMNS:
    models.IntegerField(null=True).contribute_to_class(Totals, _column)


class OfApp(models.Model):
    # An app with history leaves only with its tenant; deleting an app by hand keeps the row.
    app = models.ForeignKey("apps.App", on_delete=models.RESTRICT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class OfEndpoint(models.Model):
    """`api` and `operation` are text: history outlives the catalog."""

    api = models.CharField(max_length=60)
    operation = models.CharField(max_length=160)

    class Meta:
        abstract = True


class HourTotal(OfApp, OfEndpoint, Totals):
    """`hour` is the UTC instant at which the tenant's clock began the hour."""

    hour = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "app", "hour", "api", "operation", "environment"], name="hour_total_key"
            )
        ]


class DayTotal(OfApp, OfEndpoint, Totals):
    """`day` is the tenant's date when the call began."""

    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "app", "day", "api", "operation", "environment"], name="day_total_key"
            )
        ]
        indexes = [models.Index(fields=["tenant", "api", "operation", "day"], name="day_total_by_endpoint")]


class DayAppTotal(OfApp, Totals):
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "app", "day", "environment"], name="day_app_total_key")
        ]


class DayEndpointTotal(OfEndpoint, Totals):
    """What all apps of the tenant called together."""

    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "day", "api", "operation", "environment"], name="day_endpoint_total_key"
            )
        ]


class OfMonth(Totals):
    """Months, so that a year reads twelve rows for each line and not 365."""

    month = models.DateField()  # its first day

    class Meta:
        abstract = True


for _column in COLUMNS:  # a month of one busy operation passes what four bytes hold
    models.BigIntegerField(null=True).contribute_to_class(OfMonth, _column)


class MonthTotal(OfApp, OfEndpoint, OfMonth):
    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "app", "month", "api", "operation", "environment"], name="month_total_key"
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "api", "operation", "month"], name="month_total_by_endpoint")
        ]


class MonthAppTotal(OfApp, OfMonth):
    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "app", "month", "environment"], name="month_app_total_key"
            )
        ]


class MonthEndpointTotal(OfEndpoint, OfMonth):
    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "month", "api", "operation", "environment"], name="month_endpoint_total_key"
            )
        ]


class RequestLog(models.Model):
    """One call. The event id is a ULID: it sorts by time, so old rows are a range of the key, and on
    PostgreSQL each month's rows are a table of their own (usage.retention).

    Without foreign key rules in the database: checking them would cost more than writing the row.
    """

    event = models.CharField(primary_key=True, max_length=26)
    at = models.DateTimeField()
    tenant = models.ForeignKey(
        Tenant, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    app = models.ForeignKey(
        "apps.App", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    api = models.CharField(max_length=60)
    operation = models.CharField(max_length=160)
    environment = models.CharField(max_length=10)
    method = models.CharField(max_length=10)
    status = models.PositiveSmallIntegerField()
    latency_us = models.IntegerField()
    request_bytes = models.BigIntegerField()
    answer_bytes = models.BigIntegerField()
    request_id = models.CharField(max_length=64)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-event"], name="log_by_tenant_newest"),
            models.Index(fields=["tenant", "request_id"], name="log_by_request_id"),
            models.Index(
                fields=["tenant", "-event"], condition=models.Q(status__gte=400), name="log_errors_newest"
            ),
        ]

    @property
    def latency_ms(self) -> float:
        return self.latency_us / 1000


class Cursor(models.Model):
    """How far a stream has been counted: moved in the transaction that writes the totals."""

    stream = models.CharField(primary_key=True, max_length=60)
    epoch = models.CharField(max_length=32, blank=True)  # of the stream that `position` belongs to
    run_id = models.CharField(max_length=64, blank=True)  # of the server, when it was last looked at
    position = models.CharField(max_length=40, default="0-0")
    read = models.BigIntegerField(default=0)  # entries of this epoch up to `position`
    moved = models.DateTimeField(default=timezone.now)


class Gap(models.Model):
    """A stretch in which calls may be missing from the totals. Global: the stream carries every tenant."""

    class Reason(models.TextChoices):
        FLUSHED = "flushed", "Calls that waited to be counted were deleted."
        STEPPED_BACK = "stepped_back", "The newest of the calls that waited to be counted were lost."
        RESTARTED = (
            "restarted",
            "The server that keeps calls until they are counted restarted; the newest may be lost.",
        )
        TRIMMED = "trimmed", "Calls were removed before they were counted."
        UNREADABLE = "unreadable", "Calls could not be read."
        UNKNOWN_APP = "unknown_app", "Calls of apps that no longer exist were left out."

    began = models.DateTimeField()
    ended = models.DateTimeField()
    reason = models.CharField(max_length=20, choices=Reason)
    calls = models.BigIntegerField(null=True)  # how many are missing, where that is known


class Measure(models.TextChoices):
    """What an alert watches. The threshold's unit: calls, percent, percent, milliseconds, hours."""

    CALLS = "calls", "Calls in a day"
    QUOTA = "quota", "Share of the rate limit"
    ERRORS = "errors", "Error rate"
    SLOWNESS = "slowness", "p95 latency"
    SILENCE = "silence", "Silence"


class Alert(Owned):
    """What a tenant wants to be told of. `app` empty: all of its apps together."""

    class Audience(models.TextChoices):
        CREATOR = "creator", "Only me"
        ADMINS = "admins", "All admins"
        DEVELOPERS = "developers", "All admins and developers"
        NOBODY = "nobody", "Nobody: show it on the home page only"

    measure = models.CharField("watch", max_length=10, choices=Measure)
    app = models.ForeignKey("apps.App", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    threshold = models.PositiveIntegerField()
    audience = models.CharField("mail to", max_length=10, choices=Audience, default=Audience.ADMINS)
    is_on = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["measure", "threshold", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(threshold__gte=1), name="alert_threshold_positive")
        ]

    def __str__(self) -> str:
        """The rule in words: “Payroll: error rate of 5% or more”."""
        subject = self.app.name if self.app else "All apps"
        limit = self.in_words(float(self.threshold))
        match Measure(self.measure):
            case Measure.CALLS:
                return f"{subject}: {limit} or more in a day"
            case Measure.QUOTA:
                return f"{subject}: {limit} of the rate limit or more"
            case Measure.ERRORS:
                return f"{subject}: error rate of {limit} or more"
            case Measure.SLOWNESS:
                return f"{subject}: p95 latency of {limit} or more"
            case Measure.SILENCE:
                return f"{subject}: no call for {limit} or more"

    def in_words(self, value: float) -> str:
        """A figure with the unit of the threshold."""
        match Measure(self.measure):
            case Measure.CALLS:
                return f"{value:,.0f} call{'' if value == 1 else 's'}"
            case Measure.QUOTA | Measure.ERRORS:
                return f"{value:,.0f}%" if value == int(value) else f"{value:,.1f}%"
            case Measure.SLOWNESS:
                return f"{value:,.0f} ms"
            case Measure.SILENCE:
                return f"{value:,.0f} h"


class Alarm(Owned):
    """A stretch in which an alert's condition held. `value` is the worst seen, in the threshold's unit."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="alarms")
    began = models.DateTimeField(default=timezone.now)
    ended = models.DateTimeField(null=True)
    value = models.FloatField()

    class Meta:
        ordering = ["-began", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert"], condition=models.Q(ended=None), name="alarm_one_open_per_alert"
            )
        ]

    @property
    def value_words(self) -> str:
        return self.alert.in_words(self.value)
