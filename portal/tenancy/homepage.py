"""What the home page shows, without knowing the rooms above: each registers its part when it starts.

homepage.step(Step("first-app", 1, "Create an app", "…", "apps:create", done=has_app))    # in AppConfig.ready
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from django.urls import reverse

from portal.tenancy.models import Role, Tenant, User


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a new account does; `done` looks at facts, nobody ticks it off."""

    name: str
    position: int
    title: str
    text: str
    route: str  # the name of the page where it is done
    done: Callable[[Tenant], bool]
    role: Role = Role.DEVELOPER  # who can do it
    proves: tuple[str, ...] = ()  # steps that came before it, even if nothing of them is left


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that waits for a person."""

    level: Literal["info", "warn", "bad"]
    text: str
    url: str
    action: str  # the words of the link


@dataclass(frozen=True, slots=True)
class Figure:
    """One number about the account, and the page that tells more."""

    label: str
    value: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Tick:
    step: Step
    is_done: bool
    may: bool  # whether this person can do it
    url: str


_steps: dict[str, Step] = {}
_notices: dict[str, Callable[[User, Tenant], Iterable[Notice]]] = {}
_figures: dict[str, Callable[[Tenant], Figure]] = {}


def step(one: Step) -> None:
    _steps[one.name] = one


def notices(room: str, find: Callable[[User, Tenant], Iterable[Notice]]) -> None:
    _notices[room] = find


def figure(room: str, find: Callable[[Tenant], Figure]) -> None:
    _figures[room] = find


def checklist(user: User, tenant: Tenant) -> list[Tick]:
    """In order; empty when everything is done."""
    steps = sorted(_steps.values(), key=lambda one: one.position)
    done = {one.name for one in steps if one.done(tenant)}
    done |= {before for one in steps if one.name in done for before in one.proves}
    ticks = [Tick(one, one.name in done, user.has_role(one.role), reverse(one.route)) for one in steps]
    return [] if all(tick.is_done for tick in ticks) else ticks


def attention(user: User, tenant: Tenant) -> list[Notice]:
    """Worst first."""
    found = [notice for find in _notices.values() for notice in find(user, tenant)]
    return sorted(found, key=lambda notice: ("bad", "warn", "info").index(notice.level))


def figures(tenant: Tenant) -> list[Figure]:
    return [find(tenant) for find in _figures.values()]
