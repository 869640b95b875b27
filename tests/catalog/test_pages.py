"""Every page of every bundled API renders, and every link on it leads somewhere."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote, urljoin, urlsplit

import orjson
import pytest
import yaml

from catalog import bundled
from catalog.openapi.packing import unpack
from catalog.services import publish


@pytest.fixture
def apis(db):
    return {
        slug: publish(slug=slug, source=bundled.source(slug), guides=bundled.guides(slug), by=None)
        for slug in bundled.slugs()
    }


def pages_of(slug, version):
    yield f"/catalog/{slug}/"
    yield f"/catalog/{slug}/models/"
    yield f"/catalog/{slug}/changelog/"
    yield from (f"/catalog/{slug}/guides/{one}/" for one in version.guides.values_list("slug", flat=True))
    for one in version.operations.values_list("operation_id", flat=True):
        yield f"/catalog/{slug}/operations/{one}/"
    for name in version.schemas.values_list("name", flat=True):
        yield f"/catalog/{slug}/models/{name}/"


def links(html, address):
    for found in re.findall(r'<a\b[^>]*\bhref="([^"]*)"', html):
        whole = urljoin("http://portal" + address, unescape(found))
        if urlsplit(whole).netloc == "portal":
            yield urlsplit(whole)


def whole(answer):
    content = answer.getvalue()
    for close in answer._resource_closers:  # a whole close() would end the test's database too
        close()
    return content


@pytest.mark.load
def test_every_page_of_every_bundled_api_renders_and_no_link_is_broken(client, ada, apis):
    client.force_login(ada)
    ids, wanted = {}, set()
    for slug, version in apis.items():
        for address in pages_of(slug, version):
            answer = client.get(address)
            assert answer.status_code == 200, address
            html = answer.content.decode()
            found = re.findall(r'\bid="([^"]*)"', html)
            ids[address] = {unescape(one) for one in found}
            assert len(found) == len(set(found)), f"{address}: an id stands twice"
            wanted |= {(link.path, link.query, unquote(link.fragment)) for link in links(html, address)}

    files = {path for path, _, _ in wanted if "/files/" in path or path.endswith(".txt")}
    assert len(files) == 5 * len(apis)  # see the next test
    wanted = {one for one in wanted if one[0] not in files}
    catalog = {(path, query) for path, query, _ in wanted if path.startswith("/catalog/") and path not in ids}
    broken = [path + query for path, query in catalog if client.get(f"{path}?{query}").status_code != 200]
    lost = [(path, goal) for path, _, goal in wanted if goal and path in ids and goal not in ids[path]]
    assert broken == []
    assert lost == []


@pytest.mark.load
def test_every_file_of_every_bundled_api_is_what_it_says(client, ada, apis, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    client.force_login(ada)
    for slug, version in apis.items():
        document = yaml.safe_load(bundled.source(slug))
        as_json, as_yaml, postman = (
            whole(client.get(f"/catalog/{slug}/files/{name}"))
            for name in ("openapi.json", "openapi.yaml", "postman.json")
        )
        assert orjson.loads(as_json)["info"]["title"] == document["info"]["title"]
        assert yaml.load(as_yaml, Loader=yaml.CSafeLoader)["paths"].keys() == document["paths"].keys()
        collection = orjson.loads(postman)
        assert sum(len(folder["item"]) for folder in collection["item"]) == version.operations.count()
        full = whole(client.get(f"/catalog/{slug}/llms-full.txt")).decode()
        assert all(f"`{one}`" in full for one in version.operations.values_list("operation_id", flat=True))


def test_a_model_says_who_uses_it(client, ada, workforce):
    client.force_login(ada)
    for schema in workforce.schemas.all():
        told = unpack(schema.closure)
        assert told["used"] == len(told["operations"])
    html = client.get("/catalog/workforce/models/EmployeeSearch/").content.decode()

    assert "/catalog/workforce/operations/searchEmployees/" in html


@pytest.mark.load
def test_the_menu_of_a_large_api_does_not_grow_with_it(client, ada, db):
    from portal.bench.catalog_document import make_document

    sizes = []
    for operations in (150, 600):
        publish(slug="made", source=make_document(operations, fields=5, rows=1), by=None)
        client.force_login(ada)
        first = client.get("/catalog/made/")
        address = re.search(r'href="(/catalog/made/\?group=[^"]+)"', first.content.decode())[1]
        page = re.search(
            r'href="(/catalog/made/operations/[^"]+)"', client.get(unescape(address)).content.decode()
        )
        sizes.append(len(client.get(page[1]).content))

    assert sizes[1] < sizes[0] + 5000


@pytest.mark.parametrize("name", ["nothing", "../../x"])
def test_what_is_not_there_answers_404(client, ada, workforce, name):
    client.force_login(ada)

    for address in (f"models/{name}/", f"operations/{name}/", f"operations/{name}.md", f"files/{name}"):
        assert client.get(f"/catalog/workforce/{address}").status_code == 404


def test_a_description_may_lead_to_an_operation_of_its_api():
    from catalog.markdown import linked, to_html

    html = linked(to_html("Made by [Create](operation:shop.create-1). `operation:x` stays."), "shop")

    assert 'href="/catalog/shop/operations/shop.create-1/"' in html
    assert "<code>operation:x</code>" in html
