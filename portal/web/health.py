"""For balancers and orchestrators: is the process alive, may it be sent requests."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import valkey

_migrated = False  # once true, true for this process: code and schema only part at a deployment


@never_cache
@login_not_required
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Asks nothing of anybody: a restart would not bring a database back."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200, or 503 naming what is away: `{"ready": false, "away": ["valkey"]}`."""
    away = [name for name, is_there in CHECKS if not is_there()]
    return JsonResponse({"ready": not away, "away": away}, status=503 if away else 200)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _migrations() -> bool:
    global _migrated
    if not _migrated:
        try:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        except DatabaseError:
            return False
    return _migrated


def _valkey() -> bool:
    try:
        valkey.command("PING")
    except valkey.Away:
        return False
    return True


CHECKS: tuple[tuple[str, Callable[[], bool]], ...] = (
    ("database", _database),
    ("migrations", _migrations),
    ("valkey", _valkey),
)
