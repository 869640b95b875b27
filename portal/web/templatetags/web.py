"""The tags that every page may use without loading them."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from typing import Any

from django.template import Context, Library
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portal.web.icons import SHAPES

register = Library()


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """An inline picture that says nothing to a screen reader: a word stands beside it."""
    shapes = mark_safe(SHAPES[name])  # noqa: S308  # our own drawings
    return format_html(
        '<svg class="icon icon-{}{}" viewBox="0 0 20 20" aria-hidden="true" focusable="false">{}</svg>',
        name,
        f" {classes}" if classes else "",
        shapes,
    )


@register.filter
def breakable(name: str) -> SafeString:
    """A name of programs, which may go on in the next line where one of its words begins."""
    return format_html_join(mark_safe("<wbr>"), "{}", ((word,) for word in _WORDS.split(name)))


_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[/_.-])")


@register.simple_tag(takes_context=True)
def sort_link(context: Context, field: str, label: str) -> SafeString:
    """A link that orders the list by `field`, and the other way round when it already is."""
    current = _current_sort(context)
    query = context["request"].GET.copy()
    query.pop("page", None)
    query["sort"] = f"-{field}" if current == field else field
    arrow = icon("arrow-down" if current == f"-{field}" else "arrow-up")
    return format_html('<a class="sort-link" href="?{}">{}{}</a>', query.urlencode(), label, arrow)


@register.simple_tag(takes_context=True)
def sort_header(context: Context, field: str, label: str, classes: str = "") -> SafeString:
    """The column's whole <th>, with its order said aloud."""
    order = {field: "ascending", f"-{field}": "descending"}.get(_current_sort(context))
    return format_html(
        '<th scope="col"{}{}>{}</th>',
        format_html(' class="{}"', classes) if classes else "",
        format_html(' aria-sort="{}"', order) if order else "",
        sort_link(context, field, label),
    )


def _current_sort(context: Context) -> str:
    """What the address asks for, or the view's own order (`sort` in its context)."""
    return str(context["request"].GET.get("sort") or context.get("sort", ""))


@register.simple_tag(takes_context=True)
def keep_parameters(context: Context, *dropped: str) -> SafeString:
    """Hidden inputs for the parameters of this address, so that a GET form keeps them."""
    kept = (
        (name, value)
        for name, values in context["request"].GET.lists()
        if name != "page" and name not in dropped
        for value in values
    )
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)


@register.simple_tag(takes_context=True)
def local_time(
    context: Context, value: datetime | None, never: str = "—", seconds: bool = False
) -> SafeString:
    """The moment on the tenant's clock; the full date and the zone on hover."""
    if value is None:
        return format_html('<span class="muted">{}</span>', never)
    tenant = context.get("tenant")
    zone: tzinfo = tenant.zone if tenant else timezone.get_default_timezone()
    there = value.astimezone(zone)
    zone_name = tenant.time_zone if tenant else "UTC"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        f"{there:%A, %-d %B %Y, %H:%M:%S} {there:%Z} ({zone_name})",
        f"{there:%-d %b %Y, %H:%M:%S}" if seconds else f"{there:%-d %b %Y, %H:%M}",
    )


@register.filter
def initials(text: Any) -> str:
    """Up to two letters for a tile: of `Northwind Traders` the letters NT."""
    return "".join(word[0] for word in str(text).split()[:2] if word).upper()
