from __future__ import annotations

from typing import Any

import pytest

from tests.catalog.console.documents import source


@pytest.fixture
def parcels(db: Any) -> Any:
    """An API with every kind of sign-in and body."""
    from catalog.services import publish

    return publish(slug="parcels", source=source(), by=None)
