"""The changelog as an Atom feed, at an address of one person's own: feed readers cannot sign in."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from catalog.changelog.entries import Entry
from portal.tenancy.models import User

SALT = "catalog.changelog.feed"


def address(user: User) -> str:
    """Ends with the person's account, or with their next password."""
    return reverse("catalog:feed", args=[signing.dumps([user.pk, _mark(user)], salt=SALT)])


def reader_of(token: str) -> User | None:
    try:
        pk, mark = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, is_active=True, tenant__isnull=False).select_related("tenant").first()
    if user is None or user.tenant is None or not user.tenant.is_active or _mark(user) != mark:
        return None
    return user


def _mark(user: User) -> str:
    return hashlib.sha256(user.get_session_auth_hash().encode()).hexdigest()[:16]


def atom(entries: list[Entry], self_address: str) -> str:
    base = settings.PORTAL_URL
    feed = Atom1Feed(
        title=f"{settings.PORTAL_NAME}: API changelog",
        link=f"{base}{reverse('catalog:changelog')}",
        description="What changed in the APIs on offer.",
        feed_url=base + self_address,
        feed_guid=f"{base}{reverse('catalog:changelog')}",
    )
    for one in entries:
        name = f"{one.title} {one.label}"
        feed.add_item(
            title=f"{name} is published" if one.is_first else f"{name}: {one.change_count} changes",
            link=f"{base}{reverse('catalog:changelog')}#{one.slug}-{one.number}",
            description=_told(one),
            unique_id=f"{base}{reverse('catalog:changelog')}#{one.slug}-{one.number}",
            pubdate=one.published,
            updateddate=one.published,
        )
    return feed.writeString("utf-8")


def _told(one: Entry) -> str:
    if one.is_first:
        return "A new API."
    lines = [
        f"{'Breaking: ' if change['breaking'] else ''}{touched.summary}: {change['text']}"
        + (f" ({change['place']})" if change["place"] else "")
        for touched in one.touched
        for change in touched.changes
    ]
    return ". ".join(lines[:50])
