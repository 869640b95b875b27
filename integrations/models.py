"""Connections to HR systems: what is mapped to what, and what every sync did."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from apps.models import App
from portal.crypto import EncryptedTextField
from portal.runs.models import Run
from portal.tenancy.models import Owned, User

SYNC, READ = "hris.sync", "hris.read"  # kinds of runs


class Unit(models.TextChoices):
    HOURS = "hours", "Hours"
    DAYS = "days", "Days"


class Interval(models.IntegerChoices):
    """Minutes between two scheduled syncs."""

    QUARTER = 15, "Every 15 minutes"
    HALF_HOUR = 30, "Every 30 minutes"
    HOUR = 60, "Every hour"
    TWO_HOURS = 120, "Every 2 hours"
    FOUR_HOURS = 240, "Every 4 hours"
    SIX_HOURS = 360, "Every 6 hours"
    TWELVE_HOURS = 720, "Every 12 hours"
    DAY = 1440, "Every day"
    WEEK = 10080, "Every week"


class Integration(Owned):
    """One company of an HR system, connected to the tenant's workforce API.

    `step` is how far the set-up has come; only a READY one syncs. The key and the app's secret are sealed.
    """

    class Step(models.TextChoices):
        FIELDS = "fields", "Map time-off types"
        PEOPLE = "people", "Map employees"
        SYNC = "sync", "Schedule the sync"
        READY = "ready", "Set up"

    class Environment(models.TextChoices):
        SANDBOX = "sandbox", "Sandbox"
        LIVE = "live", "Live"

    provider = models.SlugField(max_length=20)
    company_domain = models.CharField(max_length=63)
    company_name = models.CharField(max_length=200, blank=True)
    api_key = EncryptedTextField()
    key_hint = models.CharField(max_length=4)
    environment = models.CharField(max_length=8, choices=Environment, default=Environment.SANDBOX)
    app = models.ForeignKey(App, null=True, on_delete=models.SET_NULL, related_name="+")
    client_id = models.CharField(max_length=100, blank=True)
    client_secret = EncryptedTextField(blank=True)
    step = models.CharField(max_length=6, choices=Step, default=Step.FIELDS)
    is_enabled = models.BooleanField(default=True)
    needs_reconnect = models.BooleanField(default=False)  # the key was refused: nothing is sent with it again
    trouble = models.CharField(max_length=300, blank=True)  # why it needs attention, and what to do
    # What was last read of both sides, for the pages of the set-up.
    source_types = models.JSONField(default=list)  # [{"id", "name", "unit"}] of the HR system
    target_types = models.JSONField(default=list)  # the same of the workforce API
    hours_per_day = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal(8))
    sample = models.JSONField(default=list)  # a few people with the balances of both sides: see preview.py
    read_at = models.DateTimeField(null=True)
    # The schedule. Without an interval a sync starts only when somebody presses the button.
    interval = models.PositiveIntegerField(null=True, choices=Interval)
    start_time = models.TimeField(null=True)  # on the tenant's clock
    starts_at = models.DateTimeField(null=True)  # the first planned moment
    next_run_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=0)  # rises with each change: settles races with a sync
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "provider", "company_domain"], name="integration_company_once_per_tenant"
            ),
        ]
        indexes = [models.Index(fields=["next_run_at"], name="integration_by_next_run")]

    def __str__(self) -> str:
        return self.company_name or self.company_domain

    @property
    def is_ready(self) -> bool:
        return self.step == self.Step.READY

    @property
    def subject(self) -> str:
        """Its name in runs."""
        return f"integration {self.pk}"


class TypeMapping(Owned):
    """One time-off type of the HR system and the personal account type that receives its balances."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="mappings")
    source_id = models.CharField(max_length=60)
    source_name = models.CharField(max_length=120)
    source_unit = models.CharField(max_length=5, choices=Unit)  # when it was mapped
    target_id = models.CharField(max_length=60)
    target_name = models.CharField(max_length=120)
    unit = models.CharField(max_length=5, choices=Unit)  # what is written
    hours_per_day = models.DecimalField(max_digits=4, decimal_places=2)
    stopped = models.CharField(max_length=200, blank=True)  # why nothing is written for it now

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["integration", "target_id"], name="type_mapping_target_once"),
            models.CheckConstraint(
                condition=Q(hours_per_day__gt=0, hours_per_day__lte=24), name="type_mapping_hours_in_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_name} → {self.target_name}"


class Employee(Owned):
    """Somebody as one of the two sides knows them, when it was last read."""

    class Side(models.TextChoices):
        SOURCE = "source", "HR system"
        TARGET = "target", "Workforce API"

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="employees")
    side = models.CharField(max_length=6, choices=Side)
    external_id = models.CharField(max_length=60)
    first_name = models.CharField(max_length=120, blank=True)
    last_name = models.CharField(max_length=120, blank=True)
    preferred_name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True)
    name_key = models.CharField(max_length=250, blank=True)  # matching.fold of first and last name
    mail_key = models.CharField(max_length=254, blank=True)  # matching.fold of the address
    is_leaver = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=False)  # somebody else on this side has the same address
    is_present = models.BooleanField(default=True)  # in the latest reading

    class Meta:
        ordering = ["last_name", "first_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "side", "external_id"], name="employee_once_per_side"
            )
        ]
        indexes = [
            models.Index(fields=["integration", "side", "mail_key"], name="employee_by_mail"),
            models.Index(fields=["integration", "side", "name_key"], name="employee_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email or self.external_id


class Link(Owned):
    """Who of the HR system is who of the workforce API: one to one, by the database."""

    class How(models.TextChoices):
        AUTO = "auto", "Name and e-mail"
        SUGGESTION = "suggestion", "Suggestion"
        HAND = "hand", "By hand"

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="links")
    source = models.OneToOneField(Employee, on_delete=models.CASCADE, related_name="link")
    target = models.OneToOneField(Employee, on_delete=models.CASCADE, related_name="target_link")
    how = models.CharField(max_length=10, choices=How)
    is_confirmed = models.BooleanField(default=False)  # only confirmed ones are synced


class Sync(Owned):
    """What one run of an integration does: first it reads and plans everything, then it writes."""

    class Trigger(models.TextChoices):
        MANUAL = "manual", "By hand"
        SCHEDULE = "schedule", "Schedule"
        RETRY = "retry", "Retry of failed ones"

    class Phase(models.TextChoices):
        START = "start", "Starting"
        READ = "read", "Reading balances"
        WRITE = "write", "Writing balances"
        END = "end", "Ended"

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="+")
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="syncs")
    trigger = models.CharField(max_length=8, choices=Trigger)
    is_dry = models.BooleanField(default=False)
    planned_at = models.DateTimeField(null=True)
    retry_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    phase = models.CharField(max_length=5, choices=Phase, default=Phase.START)
    cursor = models.BigIntegerField(default=0)  # the last link whose balances are planned
    people = models.PositiveIntegerField(default=0)  # mapped people who were there
    is_released = models.BooleanField(default=False)  # somebody said: write it all the same
    pauses = models.PositiveSmallIntegerField(default=0)  # since the last progress
    created_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["integration", "planned_at"], name="sync_once_per_planned_moment")
        ]


class Record(Owned):
    """One balance of one person in one sync: what was there, what it becomes, and how that went."""

    class Outcome(models.TextChoices):
        CREATE = "create", "Create"
        UPDATE = "update", "Update"
        UNCHANGED = "unchanged", "Unchanged"
        SKIPPED = "skipped", "Skipped"
        FAILED = "failed", "Failed"

    class Step(models.TextChoices):
        PLANNED = "planned", "Planned"
        SENDING = "sending", "Sent, not answered yet"
        SETTLED = "settled", "Settled"

    sync = models.ForeignKey(Sync, on_delete=models.CASCADE, related_name="records")
    link = models.ForeignKey(Link, null=True, on_delete=models.SET_NULL, related_name="+")
    mapping = models.ForeignKey(TypeMapping, null=True, on_delete=models.SET_NULL, related_name="+")
    person = models.CharField(max_length=250)
    type_name = models.CharField(max_length=120)
    account_id = models.CharField(max_length=60, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome)
    step = models.CharField(max_length=8, choices=Step, default=Step.SETTLED)
    old = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    new = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    unit = models.CharField(max_length=5, blank=True)
    raw = models.CharField(max_length=40, blank=True)  # as the HR system wrote it
    raw_unit = models.CharField(max_length=20, blank=True)
    as_of = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=40)  # the write's idempotency key: the same however often it is sent

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["sync", "outcome", "step"], name="record_by_outcome")]

    @property
    def word(self) -> str:
        """The outcome as it stands now: what was planned, or what was done."""
        planned = str(self.get_outcome_display())
        if self.outcome not in (self.Outcome.CREATE, self.Outcome.UPDATE):
            return planned
        return f"{planned}d" if self.step == self.Step.SETTLED else f"To {planned.lower()}"
