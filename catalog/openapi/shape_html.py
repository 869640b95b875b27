"""A tree of shapes as nested <details>: written directly, because a page can have thousands of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

import orjson
from django.utils.safestring import SafeString, mark_safe

from catalog.markdown import to_html
from catalog.openapi.shape import Shape

OPEN_LEVELS = 2
_links = re.compile(r"</?a\b[^>]*>")  # a summary is a button: nothing to press may stand inside it


def tree(root: Shape, model_url: Callable[[str], str]) -> SafeString:
    """The children of `root`, or `root` itself when it has none."""
    shown = root.children or [root]
    if root.is_folded and not root.children:
        return _elsewhere(root, model_url)
    intro = f'<p class="schema-note">{_sentence(root.choices)}</p>' if root.choices else ""
    inner = "".join(_node(child, model_url, 0) for child in shown)
    return mark_safe(f'{intro}<div class="schema">{inner}</div>')  # noqa: S308 - every value below is escaped


def _elsewhere(root: Shape, model_url: Callable[[str], str]) -> SafeString:
    """The page has shown enough: the model's own page shows the rest."""
    shown = escape(root.model or root.kind)
    if root.model:
        shown = f'<a href="{escape(model_url(root.model), quote=True)}">{shown}</a>'
    return mark_safe(f'<p class="schema-note">{shown}</p>')  # noqa: S308 - escaped


def _node(node: Shape, model_url: Callable[[str], str], level: int) -> str:
    head = _head(node, model_url)
    anchor = escape(node.anchor, quote=True)
    link = (
        f'<a class="schema-link" href="#{anchor}" aria-label="Link to {escape(node.name or "value")}">#</a>'
    )
    if not node.children:
        return f'<div class="schema-item" id="{anchor}">{link}<div class="schema-leaf">{head}</div></div>'
    inner = "".join(_node(child, model_url, level + 1) for child in node.children)
    if node.choices:
        inner = f'<p class="schema-note">{_sentence(node.choices)}</p>{inner}'
    opened = " open" if level < OPEN_LEVELS else ""
    return (
        f'<div class="schema-item" id="{anchor}">{link}<details class="schema-node"{opened}>'
        f'<summary>{_links.sub("", head)}</summary><div class="schema">{inner}</div></details></div>'
    )


def _head(node: Shape, model_url: Callable[[str], str]) -> str:
    name = escape(node.name or "value")
    parts = [
        f'<span class="schema-name">{name}</span>',
        f'<span class="schema-type">{escape(node.kind)}</span>',
    ]
    if node.required:
        parts.append('<span class="schema-required">required</span>')
    notes = [word for word, said in (("may be null", node.nullable), (node.note, bool(node.note))) if said]
    if node.deprecated:
        parts.append('<span class="badge badge-warn">deprecated</span>')
    parts += [f'<span class="schema-note">{escape(rule)}</span>' for rule in (*notes, *node.rules)]
    if node.default is not None:
        parts.append(f'<span class="schema-note">default <code>{_json(node.default)}</code></span>')
    if node.model and (node.is_seen or node.is_folded):
        link = escape(model_url(node.model), quote=True)
        words = "as above" if node.is_seen else "see the model"
        parts.append(f'<a class="schema-model" href="{link}">{escape(node.model)}, {words}</a>')
    elif node.model and not node.name.endswith(node.model):
        parts.append(f'<span class="schema-note">{escape(node.model)}</span>')
    if node.description:
        parts.append(f'<div class="schema-description">{to_html(node.description)}</div>')
    if node.values:
        shown = "".join(f"<code>{_json(value)}</code>" for value in node.values[:60])
        parts.append(f'<div class="schema-values"><span class="schema-note">Allowed</span>{shown}</div>')
    elif node.example is not None and not node.children:
        parts.append(
            '<div class="schema-values"><span class="schema-note">Example</span>'
            f"<code>{_json(node.example)}</code></div>"
        )
    return "".join(parts)


def _json(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return escape(text[:200] + ("…" if len(text) > 200 else ""))


def _sentence(words: str) -> str:
    return escape(words[:1].upper() + words[1:])
