"""Markdown from documents and guides, as HTML that can do no harm."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

import nh3
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from catalog.search.build import anchor_of

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_TAGS = set(
    """a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre
    strong table tbody td th thead tr ul""".split()
)
_ATTRIBUTES = {"a": {"href", "title"}, "code": {"class"}, "h2": {"id"}, "h3": {"id"}}
_to_operation = re.compile(r'href="operation:([A-Za-z0-9._-]+)"').sub
_is_plain = re.compile(r"[^\\`*_<>#\[\]|~&!\n:=-]*(?:(?<=\w)[-:](?=\s?\w)[^\\`*_<>#\[\]|~&!\n:=-]*)*\Z").match


@lru_cache(maxsize=4096)
def to_html(text: str) -> SafeString:
    """No raw HTML, no scripts, no images; links leave without telling where from."""
    if _is_plain(text) and not text[:1].isdigit():  # most descriptions: a sentence
        return mark_safe(f"<p>{escape(text.strip())}</p>" if text.strip() else "")  # noqa: S308
    return mark_safe(_clean(_parser.render(text)))  # noqa: S308 - cleaned


def linked(html: str, slug: str) -> SafeString:
    """Rendered Markdown of an API, in which links to `operation:<operationId>` lead to its operations."""

    def address(found: re.Match[str]) -> str:
        return f'href="{reverse("catalog:operation", args=[slug, found[1]])}"'

    return mark_safe(_to_operation(address, html))  # noqa: S308 - as clean as it came


def guide_to_html(text: str, slug: str) -> SafeString:
    """A guide: its headings get ids."""
    html = _clean(
        _parser.render(text.lstrip().partition("\n")[2] if text.lstrip().startswith("# ") else text)
    )
    return mark_safe(re.sub(r"<(h[23])>(.*?)</\1>", _with_id, linked(html, slug)))  # noqa: S308 - cleaned


def headings(html: str) -> list[tuple[str, str]]:
    """(id, words) of the sections of a rendered guide."""
    return [
        (name, re.sub(r"<[^>]+>", "", words))
        for name, words in re.findall(r'<h2 id="([^"]*)">(.*?)</h2>', html)
    ]


def _with_id(found: re.Match[str]) -> str:
    plain = re.sub(r"<[^>]+>", "", found[2])
    return f'<{found[1]} id="{anchor_of(plain)}">{found[2]}</{found[1]}>'


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
