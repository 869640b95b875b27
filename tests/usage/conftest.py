from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from usage import recorder, spool
from usage.recorder import Call


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.VAR_DIR = tmp_path
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    spool._own = None
    recorder._drain_due = False
    recorder._kept.clear()
    yield
    spool._own = None


@pytest.fixture
def app_of(db: Any) -> Callable[..., Any]:
    from apps.models import App

    def make(user: Any, name: str) -> Any:
        from apps.services import create_app

        create_app(name=name, description="", by=user)
        return App.objects.get(tenant=user.tenant, name=name)

    return make


@pytest.fixture
def call_of() -> Callable[..., Call]:
    def make(app: Any, at: float = 1_791_000_000.0, **other: Any) -> Call:
        facts: dict[str, Any] = {
            "at": at,
            "tenant_id": app.tenant_id,
            "app_id": app.pk,
            "api": "workforce",
            "operation": "searchEmployees",
            "environment": "sandbox",
            "method": "POST",
            "status": 200,
            "latency_us": 4000,
            "request_bytes": 10,
            "answer_bytes": 2000,
            "request_id": "r-1",
        }
        return Call(**(facts | other))

    return make
