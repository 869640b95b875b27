"""What was called: totals in three grains, the log of single calls, and how far counting has come."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from portal.tenancy.models import OwnedQuerySet, Tenant
from usage.latency import COLUMNS


class Totals(models.Model):
    """Figures that add up over any rows. A `slot_…` column counts calls of one latency bucket, NULL is 0."""

    # An app with history leaves only with its tenant; deleting an app by hand keeps the row.
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", db_index=False)
    app = models.ForeignKey("apps.App", on_delete=models.RESTRICT, related_name="+", db_index=False)
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


class PerOperation(Totals):
    """`api` and `operation` are text: history outlives the catalog."""

    api = models.CharField(max_length=60)
    operation = models.CharField(max_length=160)
    environment = models.CharField(max_length=10)

    class Meta:
        abstract = True


class HourTotal(PerOperation):
    """`hour` is the UTC instant at which the tenant's clock began the hour."""

    hour = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "app", "hour", "api", "operation", "environment"], name="hour_total_key"
            )
        ]


class DayTotal(PerOperation):
    """`day` is the tenant's date when the call began."""

    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "app", "day", "api", "operation", "environment"], name="day_total_key"
            )
        ]


class DayAppTotal(Totals):
    day = models.DateField()
    environment = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "app", "day", "environment"], name="day_app_total_key")
        ]


class RequestLog(models.Model):
    """One call. The event id is a ULID: it sorts by time, so old rows are a range of the key.

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
        indexes = [models.Index(fields=["tenant", "-event"], name="log_by_tenant_newest")]


class Cursor(models.Model):
    """How far a stream has been counted: moved in the transaction that writes the totals."""

    stream = models.CharField(primary_key=True, max_length=60)
    epoch = models.CharField(max_length=32, blank=True)  # of the stream that `position` belongs to
    position = models.CharField(max_length=40, default="0-0")
    read = models.BigIntegerField(default=0)  # entries of this epoch up to `position`
    moved = models.DateTimeField(default=timezone.now)


class Gap(models.Model):
    """A stretch in which calls may be missing from the totals. Global: the stream carries every tenant."""

    class Reason(models.TextChoices):
        FLUSHED = "flushed", "The stream was emptied or replaced."
        STEPPED_BACK = "stepped_back", "The stream lost its newest entries."
        TRIMMED = "trimmed", "Entries were removed before they were counted."
        UNREADABLE = "unreadable", "Entries could not be read."
        UNKNOWN_APP = "unknown_app", "Calls of apps that no longer exist were left out."

    began = models.DateTimeField()
    ended = models.DateTimeField()
    reason = models.CharField(max_length=20, choices=Reason)
    calls = models.BigIntegerField(null=True)  # how many are missing, where that is known
