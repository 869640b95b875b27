"""Django's database sessions, kept so that a person can see and end the ones that are theirs.

The row knows its person, browser and address; the cookie's value is stored only as its SHA-256, so a copy
of the table opens no session.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from portal.tenancy.audit import origin
from portal.tenancy.models import BrowserSession

BROWSER = "_browser"  # in the session: {"name": …, "address": …, "since": …}, written at sign-in
SEEN_EVERY = timedelta(minutes=5)  # how exact "last used" is; each step costs one write


def key_digest(key: str) -> str:
    """What the table holds in place of the cookie's value; 40 characters, as the column is wide."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def _get_session_from_db(self) -> BrowserSession | None:
        now = timezone.now()
        row = BrowserSession.objects.filter(
            session_key=key_digest(self.session_key or ""), expire_date__gt=now
        ).first()
        if row is None:
            self._session_key = None
        elif row.user_id and now - row.seen > SEEN_EVERY:
            address = origin.get().address
            BrowserSession.objects.filter(pk=row.pk).update(seen=now, address=address or row.address)
        return row

    def exists(self, session_key: str) -> bool:
        return BrowserSession.objects.filter(session_key=key_digest(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        made_by = data.get(BROWSER, {})
        now = timezone.now()
        return BrowserSession(
            session_key=key_digest(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=int(data[SESSION_KEY]) if SESSION_KEY in data else None,
            browser=made_by.get("name", ""),
            address=made_by.get("address"),
            started=datetime.fromisoformat(made_by["since"]) if made_by else now,
            seen=now,
        )

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            BrowserSession.objects.filter(session_key=key_digest(key)).delete()


def remember_browser(session: SessionBase, user_agent: str, address: str | None) -> None:
    session[BROWSER] = {
        "name": browser_name(user_agent),
        "address": address,
        "since": timezone.now().isoformat(timespec="seconds"),
    }


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """`Firefox on Windows`: enough to know one's own again, and no more."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
