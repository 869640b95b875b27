"""The document, userinfo, the SOAP services with a real client, every fault, and generated calls."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
import zeep
from lxml import etree

from apps.services import create_app
from catalog import bundled
from catalog.gateway.validation import compile_schema
from catalog.openapi.document import operations
from catalog.openapi.read import read
from tests.catalog.published import published, unlimited
from tests.conftest import call_wsgi, fetch_token

ROOT = "/sandbox/genesys-wfm"
LOCATOR, SESSION = (
    ROOT + "/LocatorService/WFMLocatorService800",
    ROOT + "/SessionService/WFMSessionService800",
)
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XML = {"Content-Type": "text/xml"}
FACTS = {  # as the source lists them; its OpenSession has no path
    ("GET", "/wfm/api/v3/system/userinfo"): ["200", "400", "401", "403", "429"],
    ("GET", "/LocatorService/WFMLocatorService800.wsdl"): ["200", "400", "429"],
    ("POST", "/LocatorService/WFMLocatorService800"): ["200", "400", "401", "403", "413", "415", "429"],
}


@pytest.fixture(scope="session")
def source() -> bytes:
    return unlimited(read(bundled.source("genesys-wfm")))


@pytest.fixture(scope="module")
def _published(django_db_setup: None, django_db_blocker: Any, source: bytes) -> Iterator[None]:
    yield from published(django_db_blocker, slug="genesys-wfm", source=source)


@pytest.fixture
def issued(_published: None, db: Any, ada: Any) -> Any:
    return create_app(name="Planner", description="", by=ada)


@pytest.fixture
def token(issued: Any) -> str:
    return fetch_token(issued)


@pytest.fixture
def stranger(issued: Any, workforce: Any) -> str:
    """A good token without the scope."""
    return fetch_token(issued, scope=_other_scope())


def _other_scope() -> str:
    flows = read(bundled.source("workforce"))["components"]["securitySchemes"]
    return next(
        scope for one in flows.values() for f in one.get("flows", {}).values() for scope in f["scopes"]
    )


def envelope(inner: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{inner}</s:Body></s:Envelope>'.encode()


def operation(name: str, inner: str = "") -> bytes:
    return envelope(f'<{name} xmlns="urn:genesys-wfm:sandbox">{inner}</{name}>')


def told(answer: Any) -> tuple[str, str]:
    fault = etree.fromstring(answer.body).find(f".//{{{SOAP}}}Fault")
    return fault.findtext("faultcode"), fault.findtext("faultstring")


class Gateway(zeep.Transport):
    """The client's requests, handed to the gateway."""

    def __init__(self, token: str = "") -> None:
        super().__init__()
        self.session.headers.update({"Authorization": f"Bearer {token}"} if token else {})

    def load(self, url: str) -> bytes:
        return self._send("GET", url, {}, b"").body

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Any:
        answer = self._send("POST", address, headers, message)
        return SimpleNamespace(
            status_code=answer.status, content=answer.body, headers=answer.headers, encoding="utf-8"
        )

    def _send(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Any:
        from catalog.gateway.endpoint import application

        shown = {name: value for name, value in self.session.headers.items() if name == "Authorization"}
        return call_wsgi(application, method, urlsplit(url).path, headers={**headers, **shown}, body=body)


def test_the_document_has_what_the_source_lists():
    found = {(one.method.upper(), one.path): one for one in operations(read(bundled.source("genesys-wfm")))}
    assert len(found) == 5
    for key, statuses in FACTS.items():
        assert sorted(found[key].definition["operation"]["responses"]) == statuses
    for path in (LOCATOR, SESSION):
        body = found["POST", path.removeprefix(ROOT)].definition["operation"]["requestBody"]
        assert list(body["content"]) == ["text/xml"]


@pytest.mark.parametrize(("name", "path"), [("locator", LOCATOR), ("session", SESSION)])
def test_the_document_shows_the_whole_wsdl(gateway, issued, settings, name, path):
    settings.PORTAL_URL = "https://portal.example"
    found = {one.path: one for one in operations(read(bundled.source("genesys-wfm"))) if one.method == "GET"}
    response = found[path.removeprefix(ROOT) + ".wsdl"].definition["operation"]["responses"]["200"]

    assert gateway("GET", path + ".wsdl").body.decode() == response["content"]["text/xml"]["example"]


def test_a_soap_client_locates_and_opens_a_session(token, gateway, settings):
    settings.PORTAL_URL = "http://portal"
    transport = Gateway(token)
    locator = zeep.Client(f"http://portal{LOCATOR}.wsdl", transport=transport)
    located = locator.bind("WFMLocatorService800", "WFMLocatorService800Soap").LocateServer(
        ServerType="Session"
    )
    session = zeep.Client(f"{located.ServerURL}.wsdl", transport=transport)
    opened = session.bind(located.ServiceName).OpenSession(ApplicationName="Tests")

    user = gateway("GET", ROOT + "/wfm/api/v3/system/userinfo", token=token).json
    assert opened.UserID == user["userId"]
    assert len(opened.SessionID) == 36
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", opened.ExpiresAt)


def test_a_soap_client_without_a_token_gets_a_fault(issued, settings):
    settings.PORTAL_URL = "http://portal"
    client = zeep.Client(f"http://portal{LOCATOR}.wsdl", transport=Gateway())  # which is open
    with pytest.raises(zeep.exceptions.Fault, match="access token"):
        client.service.LocateServer()


def test_who_is_not_provisioned_is_told_so(gateway, stranger):
    answer = gateway("GET", ROOT + "/wfm/api/v3/system/userinfo", token=stranger)
    assert (answer.status, answer.json["code"]) == (403, "notProvisioned")
    soap = gateway("POST", LOCATOR, token=stranger, headers=XML, body=operation("LocateServer"))
    assert (soap.status, told(soap)[0]) == (400, "soap:Client.NotProvisioned")
    assert gateway("GET", ROOT + "/wfm/api/v3/system/userinfo").status == 401


BOMB = '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]>'
FILE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
FAULTS = [  # path, envelope, the code, a word of the text
    (LOCATOR, operation("LocateServerLogin"), "Client.NotSupported", "LocateServer with"),
    (SESSION, operation("OpenSessionLogin"), "Client.NotSupported", "OpenSession with"),
    (LOCATOR, operation("OpenSession"), "Client.UnknownOperation", "LocateServer"),
    (LOCATOR, envelope("<LocateServer/>"), "Client.UnknownOperation", "urn:"),
    (SESSION, operation("OpenSession"), "Client.InvalidArgument", "( ApplicationName )"),
    (SESSION, operation("OpenSession", "<ApplicationName/>"), "Client.MissingArgument", "ApplicationName"),
    (SESSION, operation("OpenSession", "<A>x</A>"), "Client.InvalidArgument", "'A'"),
    (
        SESSION,
        operation("OpenSession", '<ApplicationName xmlns="">x</ApplicationName>'),
        "Client.InvalidArgument",
        "( ApplicationName )",
    ),
    (
        LOCATOR,
        operation("LocateServer", "<ServerType>Session</ServerType><ServerType/>"),
        "Client.InvalidArgument",
        "ServerType",
    ),
    (LOCATOR, operation("LocateServer", "<ServerType>Data</ServerType>"), "Client.UnknownServer", "Session"),
    (LOCATOR, b"<a", "Client", "well-formed"),
    (LOCATOR, b"<a/>", "Client", "envelope"),
    (LOCATOR, envelope(""), "Client", "one operation"),
    (LOCATOR, operation("LocateServer").replace(SOAP.encode(), b"urn:soap-12"), "VersionMismatch", "1.1"),
    (LOCATOR, BOMB.encode() + operation("LocateServer"), "Client", "document type"),
    (
        LOCATOR,
        FILE.encode() + operation("LocateServer", "<ServerType>&x;</ServerType>"),
        "Client",
        "document",
    ),
    (LOCATOR, operation("LocateServer", "<a/>" * 200), "Client", "elements"),
    (
        SESSION,
        operation("OpenSession", f"<ApplicationName>{'x' * 1001}</ApplicationName>"),
        "Client",
        "longer",
    ),
    (
        LOCATOR,
        operation("LocateServer").replace(
            b"<s:Body>", b'<s:Header><a s:mustUnderstand="1"/></s:Header><s:Body>'
        ),
        "MustUnderstand",
        "header",
    ),
]


@pytest.mark.parametrize(("path", "sent", "code", "word"), FAULTS)
def test_what_does_not_fit_is_a_fault(gateway, token, path, sent, code, word):
    answer = gateway("POST", path, token=token, headers=XML, body=sent)
    assert (answer.status, told(answer)[0]) == (400, f"soap:{code}")
    assert word in told(answer)[1]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [(XML, b"x" * 70_000, 413), ({"Content-Type": "text/plain"}, b"x", 415), (XML, b"", 400)],
)
def test_the_gateway_s_own_refusals_are_faults_too(gateway, token, headers, body, status):
    answer = gateway("POST", LOCATOR, token=token, headers=headers, body=body)
    assert (answer.status, told(answer)[0]) == (status, "soap:Client")


def served_types(gateway: Any, path: str) -> etree.XMLSchema:
    """What the served WSDL says of the service's elements."""
    wsdl = etree.fromstring(gateway("GET", path + ".wsdl").body)
    return etree.XMLSchema(wsdl.find(".//{http://www.w3.org/2001/XMLSchema}schema"))


def content(envelope: bytes) -> Any:
    return etree.fromstring(envelope).find(f"{{{SOAP}}}Body")[0]


def test_requests_and_answers_are_as_the_wsdl_says(gateway, token):
    found = {one.path: one for one in operations(read(bundled.source("genesys-wfm"))) if one.method == "POST"}
    for path in (LOCATOR, SESSION):
        raw = found[path.removeprefix(ROOT)].definition["operation"]
        example = raw["requestBody"]["content"]["text/xml"]["examples"]["envelope"]["value"].encode()
        shown = raw["responses"]["200"]["content"]["text/xml"]["example"].encode()
        answer = gateway("POST", path, token=token, headers=XML, body=example)
        types = served_types(gateway, path)

        assert answer.status == 200
        for one in (example, shown, answer.body):
            types.assertValid(content(one))


@pytest.mark.parametrize("count", [100, pytest.param(5_000, marks=pytest.mark.load)])
def test_generated_calls_are_answered_as_documented(gateway, token, stranger, count):
    found = {(one.method, ROOT + one.path): one for one in operations(read(bundled.source("genesys-wfm")))}
    types = {path: served_types(gateway, path) for path in (LOCATOR, SESSION)}
    user = compile_schema({"$ref": "#/components/schemas/UserInfo"}, next(iter(found.values())).definition)
    dice, seen = random.Random(count), Counter()
    whole = [sent for _, sent, _, _ in FAULTS] + [operation("LocateServer")] * 9
    whole += [operation("OpenSession", "<ApplicationName>ä</ApplicationName>")] * 9
    for _ in range(count):
        method, path = key = dice.choice([*found, *((("POST", LOCATOR), ("POST", SESSION)) * 3)])
        shown, sent = dice.choice([token, token, token, stranger, ""]), bytearray()
        if method == "POST":
            sent = bytearray(dice.choice(whole))
            if dice.random() < 0.4:
                sent[dice.randrange(len(sent))] = dice.randrange(256)
        query = dice.choice(["", "", "x=1", "%", "x=%ff"])
        answer = gateway(
            method, path, token=shown, headers=XML if sent else {}, body=bytes(sent), query=query
        )
        documented = found[key].definition["operation"]["responses"]
        assert str(answer.status) in documented, (key, answer.status, bytes(sent))
        if "json" in answer.headers["content-type"]:
            assert answer.status != 200 or user.is_valid(answer.json)
        elif answer.status == 200 and method == "POST":
            types[path].assertValid(content(answer.body))
        else:
            etree.fromstring(answer.body)
        seen[method, answer.status] += 1
    assert {("GET", 200), ("POST", 200), ("POST", 400), ("POST", 401)} <= set(seen)
