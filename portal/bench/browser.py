"""How soon a reader sees an operation of a large document: this portal beside other reference pages.

All open the same operation by its address; Swagger UI shows its bare list. The others come from a
node_modules folder (swagger-ui-dist, redoc, @scalar/api-reference, @stoplight/elements) and read the same
document from a file server on loopback. Needs Chromium and playwright.
"""

from __future__ import annotations

import functools
import http.server
import json
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
import json, django; django.setup()
from pathlib import Path
from catalog.services import publish
from portal.tenancy.models import User
from portal.tenancy.services import create_tenant
version = publish(slug="made", source=Path({path!r}).read_bytes(), by=None)
tenant = create_tenant(name="Bench", by=None)
user = User(tenant=tenant, email="ada@bench.example")
user.set_password({password!r})
user.save()
rows = list(version.operations.all())
row = rows[len(rows) // 2]
tag = row.definition()["operation"]["tags"][0]
print(json.dumps([len(rows), dict(id=row.operation_id, method=row.method, path=row.path, summary=row.summary,
                                  tag=tag.replace(" ", "-"))]))
"""


@dataclass(frozen=True, slots=True)
class Other:
    """Another reference page: its file in node_modules, its body, the operation's address, what must show.

    The two last are filled in with the operation's id, method, path, tag and summary.
    """

    module: str
    html: str
    address: str
    shows: str


HEADING = ":is(h1, h2, h3):has-text({summary!r}):visible"
OTHERS = {
    "Swagger UI, bare list": Other(
        "swagger-ui-dist/swagger-ui-bundle.js",
        '<div id="root"></div><script src="/modules/swagger-ui-dist/swagger-ui-bundle.js"></script><script>'
        'SwaggerUIBundle({url: "/document.json", dom_id: "#root", docExpansion: "list"})</script>',
        "",
        ".opblock",
    ),
    "Stoplight Elements": Other(
        "@stoplight/elements/web-components.min.js",
        '<script src="/modules/@stoplight/elements/web-components.min.js"></script>'
        '<elements-api apiDescriptionUrl="/document.json" router="hash"></elements-api>',
        "#/operations/{id}",
        HEADING,
    ),
    "Scalar": Other(
        "@scalar/api-reference/dist/browser/standalone.js",
        '<script id="api-reference" data-url="/document.json"></script>'
        '<script src="/modules/@scalar/api-reference/dist/browser/standalone.js"></script>',
        "#tag/{lower_tag}/{upper_method}{path}",
        HEADING,
    ),
    "Redoc": Other(
        "redoc/bundles/redoc.standalone.js",
        '<redoc spec-url="/document.json"></redoc>'
        '<script src="/modules/redoc/bundles/redoc.standalone.js"></script>',
        "#tag/{tag}/operation/{id}",
        HEADING,
    ),
}


@dataclass(frozen=True, slots=True)
class Seen:
    seconds: float
    heap: float  # MB
    nodes: int


def run(*, modules: Path, rounds: int, document: Path | None) -> list[str]:
    """`document` is an OpenAPI document as JSON; without one, a made one of 12 MB."""
    from playwright.sync_api import sync_playwright

    with site(None) as place, sync_playwright() as playwright:
        source = place.folder / "document.json"
        source.write_bytes(document.read_bytes() if document else make_document(OPERATIONS, rows=11))
        script = PREPARE.format(path=str(source), password=PASSWORD)
        operations, operation = json.loads(place.python(script).splitlines()[-1])
        place.manage("collectstatic", "--noinput", "--verbosity", "0")
        seen = _all(playwright.chromium, place, modules, operation, rounds)
        size = f"{source.stat().st_size / 1e6:.1f} MB, {operations:,} operations"
        return [f"{size}; the operation visible, heap and nodes at that time", *_lines(seen)]


def _all(
    chromium: Any, place: Site, modules: Path, operation: dict[str, str], rounds: int
) -> dict[str, list[Seen]]:
    """Alternating: every page once a round, each in a browser of its own."""
    others = {name: other for name, other in OTHERS.items() if (modules / other.module).exists()}
    words = {
        **operation,
        "lower_tag": operation["tag"].lower(),
        "upper_method": operation["method"].upper(),
    }
    seen: dict[str, list[Seen]] = {}
    with _portal(place) as address, _files(place.folder, modules) as files:
        with _browser(chromium) as browser:
            state = _signed_in(browser, address)
        ours = f"{address}/catalog/made/operations/{operation['id']}/"
        _look(chromium, ours, "h1", state)  # its workers have answered before
        for _ in range(rounds):
            _add(seen, "this portal", _look(chromium, ours, "h1", state))
            for name, other in others.items():
                if seen.get(name) == []:  # it did not show in the round before
                    continue
                page = f"<!doctype html><meta charset=utf-8><body>{other.html}</body>"
                (place.folder / "page.html").write_text(page)
                where = f"{files}/page.html{other.address.format(**words)}"
                _add(seen, name, _look(chromium, where, other.shows.format(**words), None))
    return seen


@contextmanager
def _browser(chromium: Any) -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    running = chromium.launch(executable_path=path, args=FLAGS)
    try:
        yield running
    finally:
        running.close()


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


def _look(chromium: Any, url: str, selector: str, state: Any) -> Seen | None:
    """From the click to what is looked for, and what the page takes then; None: it never showed."""
    from playwright.sync_api import Error

    with _browser(chromium) as browser:
        page = browser.new_context(storage_state=state).new_page()
        tools = page.context.new_cdp_session(page)
        tools.send("Performance.enable")
        began = time.perf_counter()
        try:
            page.goto(url, wait_until="commit")
            page.locator(selector).first.wait_for(state="visible", timeout=PATIENCE * 1000)
            took = time.perf_counter() - began
            told = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
        except Error:  # out of patience, or of memory
            return None
        return Seen(took, told["JSHeapUsedSize"] / 1e6, int(told["Nodes"]))


def _lines(seen: dict[str, list[Seen]]) -> list[str]:
    ours = seen["this portal"]
    first, heap = median(one.seconds for one in ours), median(one.heap for one in ours)
    lines = []
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
