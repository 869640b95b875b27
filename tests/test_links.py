"""Every address that a page offers leads somewhere, and every anchor is on its page."""

from __future__ import annotations

import html
import re
from collections import deque
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin, urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command

_addresses = re.compile(r"""\s(?:href|src|hx-get)=(?:"([^"]*)"|'([^']*)')""")
_ids = re.compile(r'\sid="([^"]+)"')
ELSEWHERE = ("mailto:", "data:", "javascript:")


class Walk:
    """All pages that can be reached from one; of addresses that differ in values only, the first."""

    def __init__(self, client):
        self.client = client
        self.seen: set[tuple[str, frozenset[str]]] = set()
        self.ids: dict[str, set[str]] = {}
        self.anchors: list[tuple[str, str, str]] = []  # page, address, anchor
        self.broken: set[tuple[str, str, int]] = set()
        self.outside: set[tuple[str, str]] = set()
        self.todo: deque[tuple[str, str]] = deque()

    def from_(self, start):
        self.todo.append(("", start))
        while self.todo:
            self.visit(*self.todo.popleft())
        return self

    def visit(self, page, address):
        answer = self.client.get(address)
        for _ in range(5):
            if answer.status_code not in (301, 302):
                break
            answer = self.client.get(urljoin(address, answer["Location"]))
        if answer.status_code != 200:
            self.broken.add((page, address, answer.status_code))
        elif answer["Content-Type"].startswith("text/html"):
            self.read(address, answer.content.decode())
        for close in answer._resource_closers:  # the answer's own close would end the test's connection too
            close()

    def read(self, address, text):
        self.ids[address] = set(map(html.unescape, _ids.findall(text)))
        for found in {html.unescape(one or other) for one, other in _addresses.findall(text)}:
            if found and not found.startswith(ELSEWHERE):
                self.note(address, urljoin(address, found.removeprefix(settings.PORTAL_URL) or "/"))

    def note(self, page, found):
        address, anchor = urldefrag(found)
        parts = urlsplit(address)
        if parts.scheme:
            self.outside.add((page, address))
            return
        if anchor and not anchor.startswith(":~:"):
            self.anchors.append((page, address, unquote(anchor)))
        key = (parts.path, frozenset(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)))
        if key in self.seen:
            return
        self.seen.add(key)
        if parts.path.startswith(settings.STATIC_URL):
            if not finders.find(unquote(parts.path.removeprefix(settings.STATIC_URL))):
                self.broken.add((page, address, 404))
        else:
            self.todo.append((page, address))

    def lost(self):
        """Anchors that are not on their page, where that page was read."""
        return {
            (page, f"{to}#{name}") for page, to, name in self.anchors if name not in self.ids.get(to, {name})
        }


@pytest.mark.load
def test_no_link_of_the_portal_is_broken(client, ada, token_for, gateway):
    from usage.roll_up import roll_up

    call_command("publish_apis", verbosity=0)
    gateway("POST", "/sandbox/workforce/v1/search/employees", token=token_for(ada), body={})
    roll_up()
    client.force_login(ada)
    walk = Walk(client).from_("/")
    print(f"{len(walk.ids)} pages, {len(walk.seen)} addresses, {len(walk.anchors)} anchors")

    assert walk.broken == set()
    assert walk.lost() == set()
    assert walk.outside == set()
    assert len(walk.ids) > 500
