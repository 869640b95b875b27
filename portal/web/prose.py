"""Markdown written by us or the operator, as HTML that can do no harm."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
TAGS = set(
    "a blockquote br code del em h1 h2 h3 h4 hr li ol p pre strong table tbody td th thead tr ul".split()
)
ATTRIBUTES = {"a": {"href", "title"}, "code": {"class"}, "ol": {"start"}}


def to_html(text: str) -> SafeString:
    return cleaned(parser.render(text))


def cleaned(html: str) -> SafeString:
    safe = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="noopener"
    )
    # What scrolls must be reachable by keyboard.
    return mark_safe(safe.replace("<pre>", '<pre tabindex="0">').replace("<table>", '<table tabindex="0">'))  # noqa: S308 - cleaned
