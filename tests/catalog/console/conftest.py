from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.catalog.console.documents import source
from tests.catalog.published import published


@pytest.fixture(scope="module")
def _parcels_published(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    yield from published(django_db_blocker, slug="parcels", source=source())


@pytest.fixture
def parcels(_parcels_published: None, db: Any) -> Any:
    """An API with every kind of sign-in and body."""
    from catalog.queries import current_version

    return current_version("parcels")
