"""The help's files: pages of topics, written in Markdown in templates/help/.

A page is one file: its title in the first line, then what introduces it. Each topic begins with

    ## Create an app {#create role=developer find="client id, secret"}

where `#create` is its address on the page, `role` the least role it is for and `find` more words by which
search finds it. `page:` lines under the title place it: `icon`, `order`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from portal.tenancy.models import Role

_heading = re.compile(r"^## +(?P<title>.+?) *\{#(?P<id>[a-z0-9-]+)(?P<more>[^}]*)\} *$")
_option = re.compile(r'([a-z]+)=(?:"([^"]*)"|(\S+))')
_page_line = re.compile(r"^page: *(.+)$")


class Malformed(Exception):
    """Says which file and line cannot be read."""


@dataclass(frozen=True, slots=True)
class Topic:
    page: str
    id: str
    title: str
    text: str  # Markdown
    role: Role | None
    find: str


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    title: str
    lead: str
    icon: str
    order: int
    topics: tuple[Topic, ...] = field(default=())


def folder() -> Path:
    return Path(settings.TEMPLATES[0]["DIRS"][0]) / "help"


def pages() -> tuple[Page, ...]:
    """In their order. Read again when a file has changed."""
    files = sorted(folder().glob("*.md"))
    return _read(tuple((file, file.stat().st_mtime_ns) for file in files))


def page(name: str) -> Page | None:
    return next((one for one in pages() if one.name == name), None)


@lru_cache(maxsize=4)
def _read(files: tuple[tuple[Path, int], ...]) -> tuple[Page, ...]:
    found = [read_page(file.stem, file.read_text(encoding="utf-8")) for file, _ in files]
    return tuple(sorted(found, key=lambda one: (one.order, one.title)))


def read_page(name: str, text: str) -> Page:
    """Raises Malformed."""
    head, *sections = re.split(r"(?m)^(?=## )", text)
    first, _, rest = head.strip().partition("\n")
    if not first.startswith("# "):
        raise Malformed(f"{name}.md: the first line must be “# Title”.")
    options: dict[str, str] = {}
    lead: list[str] = []
    for line in rest.splitlines():
        placed = _page_line.match(line)
        if placed:
            options |= _options(placed[1])
        else:
            lead.append(line)
    topics = tuple(_topic(name, section) for section in sections)
    if len({topic.id for topic in topics}) < len(topics):
        raise Malformed(f"{name}.md: two topics share an address.")
    return Page(
        name=name,
        title=first.removeprefix("# ").strip(),
        lead=" ".join(" ".join(lead).split()),
        icon=options.get("icon", "help"),
        order=int(options.get("order", "99")),
        topics=topics,
    )


def _topic(page: str, section: str) -> Topic:
    first, _, text = section.partition("\n")
    heading = _heading.match(first)
    if heading is None:
        raise Malformed(f"{page}.md: “{first}” needs an address, such as {{#create}}.")
    options = _options(heading["more"])
    role = options.get("role")
    if role is not None and role not in Role.values:
        raise Malformed(f"{page}.md: there is no role “{role}”.")
    return Topic(
        page=page,
        id=heading["id"],
        title=heading["title"],
        text=text.strip(),
        role=Role(role) if role else None,
        find=options.get("find", ""),
    )


def _options(text: str) -> dict[str, str]:
    return {name: quoted or plain for name, quoted, plain in _option.findall(text)}
