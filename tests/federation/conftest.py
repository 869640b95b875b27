"""Providers to sign in at: a real one in a process of its own, and one that can be told to lie."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from jwcrypto import jwk, jws

from portal.tenancy.federation import oidc, saml
from portal.tenancy.federation.services import save_provider, switch_on

CLIENT = "portal-client"
SECRET = "s3cret:with/odd chars+"


@pytest.fixture(autouse=True)
def loopback_is_allowed(settings):
    settings.ALLOW_PRIVATE_FETCH = True
    settings.PASSWORD_HASHERS = [
        f"django.contrib.auth.hashers.{name}" for name in ("MD5PasswordHasher", "PBKDF2PasswordHasher")
    ]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def real_provider():
    """oidc-provider-mock: the address of its issuer."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            httpx2.get(f"{url}/.well-known/openid-configuration")
            break
        except httpx2.TransportError:
            time.sleep(0.05)
    yield url
    process.terminate()
    process.wait()


class Provider:
    """An OpenID provider whose every answer a test can change."""

    def __init__(self):
        self.key = jwk.JWK.generate(kty="RSA", size=2048, kid="one")
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()
        self.reset()

    def reset(self):
        self.keys = [json.loads(self.key.export_public())]
        self.discovery = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
        }
        self.userinfo = {}
        self.token = dict
        self.status = 200
        self.hang = 0.0
        self.asked = []

    def _handler(provider):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.asked.append(self.path)
                time.sleep(provider.hang)
                answers = {
                    "/.well-known/openid-configuration": lambda: provider.discovery,
                    "/keys": lambda: {"keys": provider.keys},
                    "/userinfo": lambda: provider.userinfo,
                }
                self.answer(answers.get(self.path, dict)())

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                provider.form = parse_qs(self.rfile.read(length).decode())
                provider.authorization = self.headers["Authorization"]
                provider.asked.append(self.path)
                time.sleep(provider.hang)
                self.answer(provider.token())

            def answer(self, value):
                body = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(provider.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler

    def claims(self, nonce, **more):
        now = int(time.time())
        return {
            "iss": self.url,
            "sub": "ada-at-idp",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": "ada@northwind.example",
            "email_verified": True,
            "given_name": "Ada",
            "family_name": "Okafor",
        } | more

    def sign(self, claims, *, key=None, header=None):
        token = jws.JWS(claims if isinstance(claims, bytes) else json.dumps(claims).encode())
        token.allowed_algs = ["RS256", "ES256", "HS256", "RS512", "PS256"]
        token.add_signature(
            key or self.key, None, json.dumps({"alg": "RS256", "kid": "one"} | (header or {}))
        )
        return token.serialize(compact=True)


@pytest.fixture(scope="session")
def one_provider():
    provider = Provider()
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


@pytest.fixture
def provider(one_provider):
    one_provider.reset()
    return one_provider


@pytest.fixture(scope="session")
def other_provider_once():
    provider = Provider()
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


@pytest.fixture
def other_provider(other_provider_once):
    other_provider_once.reset()
    return other_provider_once


def set_up_oidc(person, url, *, on=True, subject="admin-subject"):
    """The tenant of `person` with an OpenID provider, tested by `person`."""
    own = oidc.Settings(url + oidc.WELL_KNOWN, CLIENT, SECRET)
    provider = save_provider(tenant=person.tenant, issuer=url, settings=own, by=person)
    return turn_on(provider, person, subject) if on else provider


def set_up_saml(person, own: saml.Settings, *, subject="admin-subject"):
    provider = save_provider(tenant=person.tenant, issuer=own.entity_id, settings=own, by=person)
    return turn_on(provider, person, subject)


def turn_on(provider, person, subject):
    from portal.tenancy.federation.identity import Identity
    from portal.tenancy.federation.services import note_test

    note_test(
        provider=provider, version=provider.version, identity=Identity(provider.issuer, subject), by=person
    )
    provider.refresh_from_db()
    switch_on(provider=provider, by=person)
    provider.refresh_from_db()
    return provider


def go(client, account="Northwind", path="/signin/provider/"):
    """Leaves for the provider: the query of the request that the browser carries there."""
    client.cookies["account"] = account
    answer = client.get(path)
    assert answer.status_code == 302, answer.content[-600:]
    parts = urlsplit(answer["Location"])
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return SimpleNamespace(url=answer["Location"], query=query)


def come_back(client, slug="northwind", **query):
    return client.get(f"/signin/oidc/{slug}/callback/?{urlencode(query)}")


def is_signed_in(client):
    return "_auth_user_id" in client.session
