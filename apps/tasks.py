"""Work on apps that nobody waits for."""

from __future__ import annotations

from celery import shared_task

from apps import api_sessions, tokens

BEAT = {"sweep-tokens": {"task": "apps.tasks.sweep_tokens", "schedule": 600.0, "options": {"expires": 600}}}


@shared_task
def sweep_tokens() -> None:
    tokens.delete_expired()
    api_sessions.delete_expired()
