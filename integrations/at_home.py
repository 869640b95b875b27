"""What this room tells on the home page: connected HR systems, and those that need somebody."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from integrations.models import Integration
from integrations.queries import Card, cards_of
from portal.runs.models import State
from portal.tenancy import homepage
from portal.tenancy.homepage import Figure, Notice, Step
from portal.tenancy.models import Role, Tenant, User


def register() -> None:
    text = "Time-off balances then follow your HR system by themselves."
    homepage.step(Step("integration", 50, "Connect your HR system", text, "integrations:add", is_connected))
    homepage.figure("integrations", count)
    homepage.notices("integrations", in_need)


def is_connected(tenant: Tenant) -> bool:
    return Integration.objects.of(tenant).filter(step=Integration.Step.READY).exists()


def count(tenant: Tenant) -> Figure:
    cards = cards_of(tenant)
    words = list(dict.fromkeys(card.badge[1] for card in cards))
    note = ", ".join(words).lower() or "none connected yet"
    return Figure("Integrations", str(len(cards)), note, reverse("integrations:list"))


def in_need(user: User, tenant: Tenant) -> Iterator[Notice]:
    if not user.has_role(Role.DEVELOPER):
        return
    for card in cards_of(tenant):
        url = reverse("integrations:overview", args=[card.integration.pk])
        if card.state == "attention":
            why = card.integration.trouble or "The key was refused. Connect it again."
            yield Notice("bad", f"{card.integration}: {why}", url, "Look at it")
        elif card.state == "held":
            yield Notice("warn", f"{card.integration}: a sync waits for your answer.", url, "Answer")
        elif _has_failed(card):
            yield Notice("bad", f"{card.integration}: the last sync did not finish.", url, "See why")


def _has_failed(card: Card) -> bool:
    return bool(card.state == "active" and card.last and card.last.run.state == State.FAILED)
