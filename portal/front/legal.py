"""Legal pages: the operator's words, or those shipped in templates/legal/, with names filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString

from portal.front.models import LegalText
from portal.front.queries import legal_text, settings_row
from portal.web.prose import to_html

KINDS = LegalText.Kind.choices
PORTAL: str = settings.PORTAL_NAME
_name = re.compile(r"\{(portal|operator|address|contact)\}")


@dataclass(frozen=True, slots=True)
class Page:
    kind: str
    title: str
    html: SafeString
    changed: datetime | None  # None: the words that came with the portal


def page(kind: str) -> Page:
    """Raises ValueError for a page there is not."""
    title = str(LegalText.Kind(kind).label)
    own = legal_text(kind)
    text = own.text if own else shipped(kind)
    return Page(kind, title, to_html(_filled(text)), own.changed if own else None)


def shipped(kind: str) -> str:
    folder = Path(settings.TEMPLATES[0]["DIRS"][0]) / "legal"
    return (folder / f"{LegalText.Kind(kind)}.md").read_text(encoding="utf-8")


def _filled(text: str) -> str:
    row = settings_row()
    host = settings.PORTAL_URL.split("://", 1)[-1]
    facts = {
        "portal": PORTAL,
        "operator": row.operator_name or f"the operator of {host}",
        "address": "  \n".join(row.operator_address.splitlines()),
        "contact": f"<{row.support_address}>" if row.support_address else "the support of this portal",
    }
    return _name.sub(lambda found: facts[found[1]], text)
