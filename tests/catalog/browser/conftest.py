"""The browser and the portal of the end-to-end tests."""

from __future__ import annotations

from tests.e2e.conftest import (  # noqa: F401
    _forget_what_processes_keep,
    open_page,
    portal,
    signed_in,
    theme,
    valkey,
)
