"""Keeping requests and variables. Everything goes through content.cleaned: no credential is ever stored."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.console.content import cleaned
from catalog.console.errors import LooksSecret, Malformed, NameTaken, TooMuch
from catalog.console.models import TestRequest, Variable
from catalog.console.queries import HISTORY
from catalog.console.redaction import is_secret, tells_a_secret
from catalog.models import Operation
from portal.tenancy.models import User

HISTORY_DAYS = 30
MOST_SAVED = 200
MOST_VARIABLES = 100


def note(
    *,
    operation: Operation,
    api: str,
    environment: str,
    given: Any,
    status: int | None,
    took_ms: int | None,
    by: User,
) -> TestRequest:
    """One line of history; what is past the last hundred goes. Raises Malformed, TooMuch."""
    assert by.tenant is not None, "an operator tests nothing"
    row: TestRequest = TestRequest.objects.create(
        tenant=by.tenant,
        user=by,
        api=api,
        operation=operation.operation_id,
        method=operation.method,
        environment="live" if environment == "live" else "sandbox",
        content=cleaned(given),
        status=status,
        took_ms=took_ms,
    )
    mine = TestRequest.objects.filter(user=by, name="")
    last = mine.order_by("-at", "-pk").values_list("pk", flat=True)[HISTORY - 1 : HISTORY].first()
    if last is not None:
        mine.filter(pk__lt=last).delete()
    return row


def save(*, request: TestRequest, name: str, by: User) -> TestRequest:
    """A copy of a line of history under a name, or a saved one renamed. Raises a ConsoleError."""
    name = " ".join(name.split())[:80]
    if not name:
        raise Malformed("Give the request a name.")
    if is_secret(name):
        raise LooksSecret("The name looks like a credential. Choose another one.")
    if not request.name:
        if TestRequest.objects.filter(user=by).exclude(name="").count() >= MOST_SAVED:
            raise TooMuch(f"You have saved {MOST_SAVED} requests. Delete one first.")
        request = TestRequest(**_copied(request), tenant=by.tenant, user=by)
    request.name = name
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError:
        raise NameTaken(f"You already have a request named “{name}”. Choose another name.") from None
    return request


def _copied(request: TestRequest) -> dict[str, Any]:
    names = ("api", "operation", "method", "environment", "content", "status", "took_ms", "at")
    return {name: getattr(request, name) for name in names}


def share(*, request: TestRequest, on: bool) -> TestRequest:
    """Gives a saved request an address that everybody in the tenant may open, or takes it away."""
    if not request.name:
        raise Malformed("Save the request under a name before you share it.")
    if on and not request.share:
        request.share = secrets.token_urlsafe(12)
    elif not on:
        request.share = None
    request.save(update_fields=["share"])
    return request


def set_variable(*, name: str, value: str, by: User) -> Variable:
    """Raises Malformed, LooksSecret, TooMuch."""
    name, value = name.strip(), value.replace("\0", "")
    if not name or len(name) > 60 or not name.replace("_", "").replace("-", "").replace(".", "").isalnum():
        raise Malformed("A name has letters, digits, dots, dashes and underscores, at most 60.")
    if len(value) > 2000:
        raise TooMuch("A value has at most 2,000 characters.")
    if tells_a_secret(name) or is_secret(value):
        raise LooksSecret(
            "This looks like a credential, so it is not stored. It works until you leave the page."
        )
    assert by.tenant is not None, "an operator tests nothing"
    mine = Variable.objects.filter(user=by)
    if mine.count() >= MOST_VARIABLES and not mine.filter(name=name).exists():
        raise TooMuch(f"You have {MOST_VARIABLES} variables. Delete one first.")
    found, _ = Variable.objects.update_or_create(
        user=by, name=name, defaults={"value": value}, create_defaults={"value": value, "tenant": by.tenant}
    )
    return found


def end_old_history() -> int:
    """Deletes history past its days; returns how many rows."""
    before = timezone.now() - timedelta(days=HISTORY_DAYS)
    gone, _ = TestRequest.objects.filter(name="", at__lt=before).delete()
    return gone
