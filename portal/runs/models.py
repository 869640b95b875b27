"""Background work that its owner can watch."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from portal.tenancy.models import Owned, User


class State(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    PARTIAL = "partial", "Partly done"
    FAILED = "failed", "Failed"
    HELD = "held", "Held"  # stopped before it changed anything, until a person says yes or no


LIVE = (State.QUEUED, State.RUNNING)


class Run(Owned):
    """One piece of background work, as its owner sees it.

    The row is the truth; a queued task is only a doorbell. A worker proves with `beat_at` that it is alive,
    and holds the run by `fence`: a worker that lost the run finds another number and must not write.
    A queued run with `resume_at` waits for that moment; `attempts` counts lost workers since it last got on.
    """

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)  # what it works on, such as "api workforce"
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)  # a sentence for its reader
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    resume_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    beat_at = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "subject"],
                condition=Q(state__in=LIVE),
                name="run_one_live_per_subject",
            ),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="run_done_within_total"),
        ]

    @property
    def is_live(self) -> bool:
        return self.state in LIVE
