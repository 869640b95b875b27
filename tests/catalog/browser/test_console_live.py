"""Test Request against a tenant's own live address: warning, confirmation, files, streams."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from tests.catalog.browser.console import call_of, expect_one, send, told
from tests.catalog.live.conftest import Upstream, say
from tests.e2e.test_pages import violations

pytestmark = pytest.mark.e2e

SET = """
from catalog.access.services import set_upstream
from portal.tenancy.models import User
ada = User.objects.get(email={email!r})
plain = dict(secret="", sign_in="none", header="", token_address="", client_id="", scope="", timeout=20)
set_upstream(**plain | {more!r}, tenant=ada.tenant, api="parcels", address={address!r}, by=ada)
"""
SECRET = "kept by the portal alone"


@pytest.fixture(scope="module")
def server(manage: Any, portal: Any, parcels: None) -> Iterator[Any]:
    found: Any = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    found.daemon_threads = True
    found.seen, found.answer = [], say
    threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True).start()
    found.url = f"http://127.0.0.1:{found.server_address[1]}"
    email = portal.said(r"E-mail\s+(\S+)")
    found.set = lambda **more: manage("shell", "-c", SET.format(email=email, address=found.url, more=more))
    found.set()
    yield found
    found.shutdown()
    found.server_close()


@pytest.fixture
def far(server: Any) -> Any:
    """Ada's live address of the parcels: `far.seen` begins empty, `far.answer` may be replaced."""
    server.seen.clear()
    server.answer = say
    return server


@pytest.fixture
def signing_in(far: Any) -> Iterator[Any]:
    """signing_in(sign_in="header", …): the live address with another sign-in, for one test."""
    yield far.set
    far.set()


def go_live(page: Any) -> None:
    page.get_by_label("Environment").select_option("live")


def test_live_is_warned_of_and_a_write_goes_out_only_after_a_yes(console, far, tmp_path):
    archive = tmp_path / "rows.zip"
    archive.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 4096)
    far.answer = lambda handler: say(
        handler, 200, b'{"id": 7, "state": "there"}', Content_Type="application/json"
    )
    page = console("parcels", "putRaw")
    assert not page.get_by_text("work on real data").is_visible()
    go_live(page)
    assert page.get_by_text("work on real data").is_visible()
    page.locator(".console input[data-file]").set_input_files(archive)

    page.locator(".console-send").click()
    question = page.get_by_role("dialog", name="Change live data?")
    question.wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Do not send").click()
    question.wait_for(state="hidden")
    page.wait_for_timeout(300)
    assert far.seen == []

    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Send to live").click()
    assert told(page).startswith("200 ")
    assert told(page).endswith("Matches the document’s 200 answer.")
    assert [one["body"] for one in far.seen] == [archive.read_bytes()]
    headers = dict(far.seen[0]["headers"])
    assert headers["content-type"] == "application/zip"
    assert {"authorization", "cookie", "portal-cookie"} & set(headers) == set()


def test_live_reads_ask_nothing_and_the_sandbox_stays_apart(console, far, open_page):
    far.answer = lambda handler: say(handler, 404, b'{"no": "parcel"}', Content_Type="application/json")
    page = console("parcels", "getParcel")
    page.get_by_label("Send tag").check()
    call_of(page)
    assert far.seen == []
    go_live(page)
    words = send(page)

    assert words.startswith("404 ")
    assert words.endswith("1 place differs from the document.")
    assert [(one["method"], one["path"]) for one in far.seen] == [("GET", "/parcels/7?tag=a&tag=b")]
    expect_one(open_page.complaints, "the server responded with a status of 404 (Not Found)")


def test_a_zip_is_sent_to_the_sandbox(console, tmp_path):
    archive = tmp_path / "rows.zip"
    archive.write_bytes(b"PK\x03\x04rows")
    page = console("parcels", "putRaw")
    page.locator(".console input[data-file]").set_input_files(archive)
    request = call_of(page)

    assert request.all_headers()["content-type"] == "application/zip"
    assert page.locator('[data-answer="head"] .badge').inner_text() == "200 OK"
    page.get_by_role("tab", name="Code").click()
    page.locator("#console-code", has_text="--data-binary '@rows.zip'").wait_for()


class Feed:
    """An answer that comes in pieces: each when it is asked for. `gone` is set once nobody reads any more."""

    def __init__(self) -> None:
        self.more, self.gone, self.is_over = threading.Semaphore(0), threading.Event(), False

    def __call__(self, handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        number = 0
        try:
            while self.more.acquire(timeout=20) and not self.is_over:
                number += 1
                self.write(handler, f"data: line {number}\n\n".encode())
            handler.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.gone.set()
            handler.close_connection = True

    @staticmethod
    def write(handler: Any, part: bytes) -> None:
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        handler.wfile.flush()

    def finish(self) -> None:
        self.is_over = True
        self.more.release()


@pytest.fixture
def feed(far: Any) -> Iterator[Feed]:
    far.answer = made = Feed()
    yield made
    made.finish()


def begin(console: Any, feed: Feed) -> Any:
    """A page on which the first line of a stream stands while the upstream holds the second back."""
    page = console("parcels", "feed")
    go_live(page)
    page.locator(".console-send").click()
    feed.more.release()
    page.locator('[data-answer="live"]', has_text="data: line 1").wait_for()
    return page


def test_a_stream_appears_as_it_comes(console, feed):
    page = begin(console, feed)
    assert page.locator('[data-answer="head"] .badge').inner_text() == "200 OK"
    assert "so far" in page.locator('[data-answer="head"]').inner_text()
    assert "line 2" not in page.locator('[data-answer="live"]').inner_text()
    assert page.locator(".console").get_attribute("data-state") == "waiting"
    feed.more.release()
    page.locator('[data-answer="live"]', has_text="data: line 2").wait_for()
    feed.finish()

    assert told(page).startswith("200 ")
    assert not page.locator('[data-answer="live"]').is_visible()
    assert "data: line 2" in page.locator(".tree").inner_text()


def test_a_stream_is_cancelled_and_the_upstream_let_go(console, feed):
    page = begin(console, feed)
    page.get_by_role("button", name="Cancel").click()
    assert told(page).startswith("Cancelled")
    ends = time.monotonic() + 10
    while not feed.gone.is_set() and time.monotonic() < ends:
        feed.more.release()
        time.sleep(0.1)

    assert feed.gone.is_set()
    assert page.locator(".console-send").is_visible()
    page.get_by_label("Environment").select_option("sandbox")
    assert send(page).startswith("200 OK")


def test_the_portal_signs_in_with_a_header_that_the_browser_never_sees(console, far, signing_in):
    signing_in(sign_in="header", header="X-Depot-Key", secret=SECRET)
    page = console("parcels", "getParcel")
    go_live(page)
    sent = live_call_of(page)

    assert [dict(one["headers"])["x-depot-key"] for one in far.seen] == [SECRET]
    assert SECRET not in page.content() + str(sent.all_headers()) + sent.url
    assert "authorization" not in dict(far.seen[0]["headers"])


def test_the_portal_gets_the_upstreams_own_token_for_the_browser(console, far, signing_in):
    signing_in(
        sign_in="oauth", token_address=f"{far.url}/token", client_id="portal", secret=SECRET, scope="parcels"
    )

    def answer(handler: Any) -> None:
        is_token = handler.path == "/token"
        told = b'{"access_token": "upstreams-own", "expires_in": 300}' if is_token else b"{}"
        say(handler, 200, told, Content_Type="application/json")

    far.answer = answer
    page = console("parcels", "getParcel")
    go_live(page)
    sent = live_call_of(page)
    live_call_of(page)

    assert [one["path"].split("?")[0] for one in far.seen] == ["/token", "/parcels/7", "/parcels/7"]
    assert [dict(one["headers"])["authorization"] for one in far.seen[1:]] == ["Bearer upstreams-own"] * 2
    assert sent.all_headers()["authorization"].startswith("Bearer wdpt_")
    assert not any(word in page.content() for word in ("upstreams-own", SECRET))


def live_call_of(page: Any) -> Any:
    with page.expect_request(lambda one: "/live/" in one.url) as caught:
        assert send(page).startswith("200 ")
    return caught.value
