"""Signing in and out, and the page that says that the data server stands."""

from __future__ import annotations

from catalog.sandbox import Call, Reply

PAGE = b"<!doctype html><title>Data server</title><p>The data server stands.</p>"


def sign_out(call: Call) -> Reply:
    """The gateway ends what was shown once this has answered."""
    return Reply(200)


def probe_tenant(call: Call) -> Reply:
    return Reply(200, PAGE, [("Content-Type", "text/html;charset=utf-8")])
