"""A topic as HTML: Markdown, pictures in both themes, and the reader's own account name where it belongs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from portal.help.topics import Topic
from portal.web import prose

THEMES = ("light", "dark")
WIDTH, HEIGHT = 1280, 800  # of a picture, in pixels of the page it shows
_picture = re.compile(r"<p>\s*\x02([a-z0-9-]+)\x03([^\x04]*)\x04\s*</p>")
_name = re.compile(r"\{(portal|url|account)\}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the texts may mention in braces."""

    account: str = "your-company"

    def fill(self, html: str) -> SafeString:
        values = {"portal": settings.PORTAL_NAME, "url": settings.PORTAL_URL, "account": self.account}
        return mark_safe(_name.sub(lambda found: escape(values[found[1]]), html))  # noqa: S308 - escaped


class _Renderer:
    def __init__(self) -> None:
        self.parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
        self.parser.add_render_rule("image", self._image)

    @staticmethod
    def _image(renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
        """`![What it shows](picture:apps)`, marked in a way that no text can imitate, until it is cleaned."""
        address = str(tokens[index].attrs.get("src", ""))
        if not re.fullmatch(r"picture:[a-z0-9-]+", address):
            return escape(tokens[index].content)
        return f"\x02{address.removeprefix('picture:')}\x03{escape(tokens[index].content)}\x04"


_renderer = _Renderer()


@lru_cache(maxsize=512)
def html_of(text: str) -> SafeString:
    for control in "\x02\x03\x04":
        text = text.replace(control, "")
    cleaned = prose.cleaned(_renderer.parser.render(text))
    return mark_safe(_picture.sub(_figure, cleaned))  # noqa: S308 - cleaned, names checked


def topic_html(topic: Topic, facts: Facts) -> SafeString:
    return facts.fill(html_of(topic.text))


def picture_file(name: str, theme: str) -> str:
    return f"help/{name}-{theme}.webp"


def _figure(found: re.Match[str]) -> str:
    """Both themes; the style sheet shows one, and the browser loads only that. Nothing while not taken."""
    name, words = found[1], found[2]
    if not all(finders.find(picture_file(name, theme)) for theme in THEMES):
        return ""
    shown = "".join(
        f'<a class="shot shot-{theme}" href="{(address := static(picture_file(name, theme)))}">'
        f'<img src="{address}" alt="{words}" width="{WIDTH}" height="{HEIGHT}" loading="lazy"></a>'
        for theme in THEMES
    )
    return f'<figure class="shots">{shown}<figcaption>{words}</figcaption></figure>'
