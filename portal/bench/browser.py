"""How soon a reader sees an operation of a 12 MB document: this portal beside other reference pages.

The others come from a node_modules folder (swagger-ui-dist, redoc, @scalar/api-reference,
@stoplight/elements) and read the same document from a file server on loopback. Needs Chromium and playwright.
"""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from portal.bench.catalog_document import make_document
from portal.bench.site import Site, served, site

OPERATIONS = 1000
PATIENCE = 180.0  # seconds
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
PASSWORD = "a bench password that is long"  # noqa: S105 - of a throw-away site
PREPARE = """
import django; django.setup()
from pathlib import Path
from catalog.services import publish
from portal.tenancy.models import User
from portal.tenancy.services import create_tenant
publish(slug="made", source=Path({path!r}).read_bytes(), by=None)
tenant = create_tenant(name="Bench", by=None)
user = User(tenant=tenant, email="ada@bench.example")
user.set_password({password!r})
user.save()
from catalog.models import Operation
print(Operation.objects.filter(version__api__slug="made")[{middle}].operation_id)
"""
# Name → the files it needs of node_modules, its page, and what must be visible.
OTHERS = {
    "Swagger UI, bare list": (
        "swagger-ui-dist/swagger-ui-bundle.js",
        '<div id="root"></div><script src="/modules/swagger-ui-dist/swagger-ui-bundle.js"></script><script>'
        'SwaggerUIBundle({url: "/document.json", dom_id: "#root", docExpansion: "list"})</script>',
        ".opblock",
    ),
    "Stoplight Elements": (
        "@stoplight/elements/web-components.min.js",
        '<script src="/modules/@stoplight/elements/web-components.min.js"></script>'
        '<elements-api apiDescriptionUrl="/document.json" router="hash"></elements-api>',
        "h1",
    ),
    "Scalar": (
        "@scalar/api-reference/dist/browser/standalone.js",
        '<script id="api-reference" data-url="/document.json"></script>'
        '<script src="/modules/@scalar/api-reference/dist/browser/standalone.js"></script>',
        "h1:visible",  # its first heading; the operation itself comes later still
    ),
    "Redoc": (
        "redoc/bundles/redoc.standalone.js",
        '<redoc spec-url="/document.json"></redoc>'
        '<script src="/modules/redoc/bundles/redoc.standalone.js"></script>',
        "[data-section-id^='operation']:visible, [data-section-id*='paths'] h2:visible",
    ),
}


@dataclass(frozen=True, slots=True)
class Seen:
    seconds: float
    heap: float  # MB
    nodes: int


def run(*, modules: Path, rounds: int) -> list[str]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with site(None) as place, sync_playwright() as playwright:
        source = place.folder / "document.json"
        source.write_bytes(make_document(OPERATIONS, rows=11))
        operation = _prepared(place, source)
        place.manage("collectstatic", "--noinput", "--verbosity", "0")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            seen = _all(browser, place, modules, operation, rounds)
        finally:
            browser.close()
        return _lines(source.stat().st_size, seen)


def _prepared(place: Site, source: Path) -> str:
    script = PREPARE.format(path=str(source), password=PASSWORD, middle=OPERATIONS // 2)
    return place.python(script).split()[-1]


def _all(browser: Any, place: Site, modules: Path, operation: str, rounds: int) -> dict[str, list[Seen]]:
    """Alternating: every page once a round."""
    pages = {name: page for name, page in OTHERS.items() if (modules / page[0]).exists()}
    seen: dict[str, list[Seen]] = {}
    with _portal(place) as address, _files(place.folder, modules) as files:
        state = _signed_in(browser, address)
        ours = f"{address}/catalog/made/operations/{operation}/"
        for _ in range(rounds):
            _add(seen, "this portal", _look(browser, ours, "h1", state))
            for name, (_, html, selector) in pages.items():
                if seen.get(name) == []:  # it did not show in the round before
                    continue
                page = f"<!doctype html><meta charset=utf-8><body>{html}</body>"
                (place.folder / "page.html").write_text(page)
                _add(seen, name, _look(browser, f"{files}/page.html", selector, None))
    return seen


def _add(seen: dict[str, list[Seen]], name: str, found: Seen | None) -> None:
    seen.setdefault(name, []).extend([found] if found else [])


@contextmanager
def _portal(place: Site) -> Iterator[str]:
    with served("portal.wsgi:application", place.environment, workers=2, path="/healthz") as server:
        yield f"http://127.0.0.1:{server.port}"


@contextmanager
def _files(folder: Path, modules: Path) -> Iterator[str]:
    (folder / "modules").symlink_to(modules.resolve())

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def _signed_in(browser: Any, address: str) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/signin/")
    page.get_by_label("Account name").fill("Bench")
    page.keyboard.press("Enter")
    page.get_by_label("E-mail").fill("ada@bench.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    state = context.storage_state()
    context.close()
    return state


def _look(browser: Any, url: str, selector: str, state: Any) -> Seen | None:
    """From the click to the first visible heading, and what the page takes then; None: it never showed."""
    from playwright.sync_api import Error

    context = browser.new_context(storage_state=state)
    try:
        page = context.new_page()
        tools = context.new_cdp_session(page)
        tools.send("Performance.enable")
        began = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.locator(selector).first.wait_for(state="visible", timeout=PATIENCE * 1000)
        took = time.perf_counter() - began
        told = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
        return Seen(took, told["JSHeapUsedSize"] / 1e6, int(told["Nodes"]))
    except Error:  # out of patience, or of memory
        return None
    finally:
        context.close()


def _lines(size: int, seen: dict[str, list[Seen]]) -> list[str]:
    ours = seen["this portal"]
    first, heap = median(one.seconds for one in ours), median(one.heap for one in ours)
    lines = [f"{size / 1e6:.1f} MB, {OPERATIONS:,} operations; heading visible, heap and nodes at that time"]
    for name, times in seen.items():
        if not times:
            lines.append(f"{name:24} not shown within {PATIENCE:.0f} s, or its page ran out of memory")
            continue
        took = [one.seconds for one in times]
        used = median(one.heap for one in times)
        lines.append(
            f"{name:24} {median(took):7.2f} s ({min(took):.2f}–{max(took):.2f})  {used:8.1f} MB"
            f"  {median(one.nodes for one in times):>9,} nodes"
            f"  {median(took) / first:6.1f} × as late  {used / heap:6.1f} × the heap"
        )
    return lines
