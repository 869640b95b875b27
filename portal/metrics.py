"""/metrics for Prometheus: what the portal owes (calls to count, mails to send) and what it has.

Read from the database and Valkey, so that every web process tells the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from apps.models import App
from portal import valkey
from portal.mail.models import Outbox
from portal.runs.models import LIVE, Run
from portal.tenancy.models import Tenant
from usage import stream
from usage.models import Cursor, Gap


def _uncounted() -> float:
    """Calls in the stream behind the roll-up's cursor; NaN while Valkey is away."""
    try:
        entries = valkey.client().xinfo_stream(stream.NAME)["entries-added"]
    except RedisError as error:
        return 0.0 if "no such key" in str(error) else float("nan")
    return max(0.0, float(entries) - sum(Cursor.objects.values_list("read", flat=True)))


def _silence() -> float:
    try:
        seen = stream.seen()
    except RedisError:
        return float("nan")
    return (timezone.now() - seen).total_seconds() if seen else 0.0


GAUGES: list[tuple[str, str, Callable[[], float]]] = [
    ("portal_tenants", "Active tenants", lambda: Tenant.objects.filter(is_active=True).count()),
    ("portal_apps", "Living apps", lambda: App.objects.living().count()),
    ("portal_calls_uncounted", "Calls metered and not yet rolled up", _uncounted),
    ("portal_roll_up_silence_seconds", "Seconds since the roll-up last looked", _silence),
    ("portal_usage_gaps", "Recorded gaps of the usage stream", Gap.objects.count),
    (
        "portal_mails_waiting",
        "Mails waiting to be sent",
        lambda: Outbox.objects.filter(state=Outbox.State.QUEUED).count(),
    ),
    (
        "portal_runs_live",
        "Background runs queued or running",
        lambda: Run.objects.filter(state__in=LIVE).count(),
    ),
]


@never_cache
@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Text exposition format 0.0.4. For whoever bears PORTAL_METRICS_TOKEN; without one, for this machine."""
    if not _may_read(request):
        return HttpResponse("Metrics need the operator's token.\n", status=403, content_type="text/plain")
    lines = [f"# HELP {name} {words}\n# TYPE {name} gauge\n{name} {read():g}" for name, words, read in GAUGES]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read(request: HttpRequest) -> bool:
    token: str = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), token.encode())
    is_forwarded = "X-Forwarded-For" in request.headers
    return not is_forwarded and request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")
