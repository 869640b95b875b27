"""Markdown from documents and guides, as HTML that can do no harm."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_TAGS = set(
    """a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre
    strong table tbody td th thead tr ul""".split()
)
_ATTRIBUTES = {"a": {"href", "title"}, "code": {"class"}, "h2": {"id"}, "h3": {"id"}}
_inner = re.compile(r'href="operation:([A-Za-z0-9._-]+)"').sub


@lru_cache(maxsize=4096)
def to_html(text: str) -> SafeString:
    """No raw HTML, no scripts, no images; links leave without telling where from."""
    return mark_safe(_clean(_parser.render(text)))  # noqa: S308 - cleaned


def guide_to_html(text: str, operation_url: Callable[[str], str]) -> SafeString:
    """A guide: `operation:<operationId>` links lead to operations, headings get ids."""
    html = _clean(
        _parser.render(text.lstrip().partition("\n")[2] if text.lstrip().startswith("# ") else text)
    )
    html = _inner(lambda found: f'href="{operation_url(found[1])}"', html)
    return mark_safe(re.sub(r"<(h[23])>(.*?)</\1>", _with_id, html))  # noqa: S308 - cleaned


def _with_id(found: re.Match[str]) -> str:
    plain = re.sub(r"<[^>]+>", "", found[2])
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return f'<{found[1]} id="{name}">{found[2]}</{found[1]}>'


def _clean(html: str) -> str:
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "operation"},
        link_rel="noopener nofollow",
    )
    # What scrolls must be reachable by keyboard.
    return cleaned.replace("<pre>", '<pre tabindex="0">')
