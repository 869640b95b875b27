from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.catalog.console.documents import source


@pytest.fixture(scope="module")
def _parcels_published(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Published once a module, in a transaction around those of its tests."""
    from catalog.services import publish

    around: Any = transaction.atomic()
    around._from_testcase = True  # as Django's TestCase marks its own: durable blocks may stand inside
    with django_db_blocker.unblock():
        around.__enter__()
        publish(slug="parcels", source=source(), by=None)
    yield
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture
def parcels(_parcels_published: None, db: Any) -> Any:
    """An API with every kind of sign-in and body."""
    from catalog.queries import current_version

    return current_version("parcels")
