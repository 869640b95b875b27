"""What a person and their browser do with second factors."""

from __future__ import annotations

import json
import re
import time

from portal.tenancy.factors import totp
from tests.conftest import PASSWORD

SECURITY = "/account/security/"


def give_password(client, person, query=""):
    fields = {"account": person.tenant.name, "email": person.email, "password": PASSWORD}
    return client.post("/signin/" + query, fields)


def is_in(client):
    return "_auth_user_id" in client.session


def code_now(secret):
    return totp.code_at(secret, int(time.time()) // 30)


def set_up_app(client):
    """The secret, and the page with the recovery codes."""
    page = client.get(SECURITY + "authenticator/")
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', page.content.decode())[1]
    sealed = re.search(r'name="sealed" value="([^"]+)"', page.content.decode())[1]
    answer = client.post(SECURITY + "authenticator/", {"sealed": sealed, "code": code_now(secret)})
    return secret, answer


def codes_of(page):
    return re.findall(r"<li><code class=\"mono\">([a-z2-7]{5}-[a-z2-7]{5})</code>", page.content.decode())


def options_of(page):
    found = re.search(r'id="passkey-options"[^>]*>(.*?)</script>', page.content.decode(), re.DOTALL)
    return json.loads(found[1])["publicKey"]


def register(client, device, name="Laptop", **spoil):
    options = options_of(client.get(SECURITY + "passkeys/add/"))
    return client.post(SECURITY + "passkeys/add/", {"name": name, "answer": device.create(options, **spoil)})


def show_passkey(client, person, device, **spoil):
    give_password(client, person)
    options = options_of(client.get("/signin/factor/"))
    return client.post("/signin/factor/", {"answer": device.get(options, **spoil)})
