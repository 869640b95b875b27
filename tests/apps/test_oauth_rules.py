"""The published matrix: each row is one rule of an RFC, and how the portal keeps it."""

# ruff: noqa: E501  (a table reads best with one rule a line)

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

from apps import bearer, services
from apps.models import App
from apps.oauth.endpoint import application
from apps.secrets import make
from tests.apps.conftest import basic

TOKEN, REVOKE, INTROSPECT = "/oauth2/token", "/oauth2/revoke", "/oauth2/introspect"
METADATA = "/.well-known/oauth-authorization-server"
FORM = "application/x-www-form-urlencoded"
GRANT = "grant_type=client_credentials"
GOOD = "Basic GOOD"  # replaced by the app's own credentials
NONE = ""

# (rule, source, Authorization, body, other headers, status, error)
TOKEN_RULES = [
    ("basic authentication works", "6749 2.3.1", GOOD, GRANT, {}, 200, None),
    ("credentials in the body work", "6749 2.3.1", NONE, GRANT + "&client_id={id}&client_secret={secret}", {}, 200, None),
    ("the scheme's case does not matter", "9110 11.1", "bAsIc GOOD", GRANT, {}, 200, None),
    ("the client may repeat its id beside basic", "6749 3.2.1", GOOD, GRANT + "&client_id={id}", {}, 200, None),
    ("id and secret may be form-encoded in basic", "6749 2.3.1", "Basic ENCODED", GRANT, {}, 200, None),
    ("charset=utf-8 is a form too", "6749 B", GOOD, GRANT, {"Content-Type": FORM + "; charset=UTF-8"}, 200, None),
    ("unknown parameters are ignored", "6749 3.2", GOOD, GRANT + "&user=1&scopes=x&client=2", {}, 200, None),
    ("an empty scope counts as none", "6749 3.2", GOOD, GRANT + "&scope=", {}, 200, None),
    ("a scope of the app is granted", "6749 3.3", GOOD, GRANT + "&scope=people.read", {}, 200, None),
    ("two methods at once are refused", "6749 2.3", GOOD, GRANT + "&client_id={id}&client_secret={secret}", {}, 400, "invalid_request"),
    ("another client id beside basic is refused", "6749 2.3", GOOD, GRANT + "&client_id=wdpc_other", {}, 400, "invalid_request"),
    ("no authentication", "6749 5.2", NONE, GRANT, {}, 401, "invalid_client"),
    ("an id without a secret", "6749 5.2", NONE, GRANT + "&client_id={id}", {}, 401, "invalid_client"),
    ("a secret without an id", "6749 5.2", NONE, GRANT + "&client_secret={secret}", {}, 401, "invalid_client"),
    ("a wrong secret", "6749 5.2", "Basic WRONG", GRANT, {}, 401, "invalid_client"),
    ("a mistyped secret", "6749 5.2", "Basic TYPO", GRANT, {}, 401, "invalid_client"),
    ("a wrong secret in the body", "6749 5.2", NONE, GRANT + "&client_id={id}&client_secret={other}", {}, 401, "invalid_client"),
    ("an unknown client", "6749 5.2", "Basic UNKNOWN", GRANT, {}, 401, "invalid_client"),
    ("basic that is not base64", "7617 2", "Basic %%%", GRANT, {}, 401, "invalid_client"),
    ("basic without a colon", "7617 2", "Basic bm9jb2xvbg==", GRANT, {}, 401, "invalid_client"),
    ("basic that is not UTF-8", "7617 2.1", "Basic /zr/", GRANT, {}, 401, "invalid_client"),
    ("basic with a NUL", "7617 2", "Basic ADoA", GRANT, {}, 401, "invalid_client"),
    ("basic with nothing behind it", "7617 2", "Basic", GRANT, {}, 401, "invalid_client"),
    ("a bearer token is no client authentication", "6749 2.3", "Bearer abc", GRANT, {}, 401, "invalid_client"),
    ("no grant type", "6749 5.2", GOOD, "scope=people.read", {}, 400, "invalid_request"),
    ("an empty grant type counts as none", "6749 3.2", GOOD, "grant_type=", {}, 400, "invalid_request"),
    ("no body", "6749 5.2", GOOD, "", {}, 400, "invalid_request"),
    ("an unknown grant type", "6749 5.2", GOOD, "grant_type=magic", {}, 400, "unsupported_grant_type"),
    ("the password grant", "9700 2.4", GOOD, "grant_type=password&username=a&password=b", {}, 400, "unsupported_grant_type"),
    ("the refresh grant", "6749 4.4.3", GOOD, "grant_type=refresh_token&refresh_token=x", {}, 400, "unsupported_grant_type"),
    ("the code grant", "6749 4.1", GOOD, "grant_type=authorization_code&code=x", {}, 400, "unsupported_grant_type"),
    ("an unknown scope", "6749 5.2", GOOD, GRANT + "&scope=payroll.write", {}, 400, "invalid_scope"),
    ("one unknown scope among known ones", "6749 5.2", GOOD, GRANT + "&scope=people.read+x", {}, 400, "invalid_scope"),
    ("scopes are case sensitive", "6749 3.3", GOOD, GRANT + "&scope=People.Read", {}, 400, "invalid_scope"),
    ("two blanks between scopes are malformed", "6749 3.3", GOOD, GRANT + "&scope=people.read++people.write", {}, 400, "invalid_scope"),
    ("a repeated grant type", "6749 3.2", GOOD, GRANT + "&" + GRANT, {}, 400, "invalid_request"),
    ("a repeated scope", "6749 3.2", GOOD, GRANT + "&scope=people.read&scope=people.read", {}, 400, "invalid_request"),
    ("a repeated unknown parameter", "6749 3.2", GOOD, GRANT + "&x=1&x=2", {}, 400, "invalid_request"),
    ("JSON is not a form", "6749 4.4.2", GOOD, '{"grant_type":"client_credentials"}', {"Content-Type": "application/json"}, 400, "invalid_request"),
    ("multipart is not a form", "6749 4.4.2", GOOD, GRANT, {"Content-Type": "multipart/form-data; boundary=x"}, 400, "invalid_request"),
    ("no content type", "6749 4.4.2", GOOD, GRANT, {"Content-Type": ""}, 400, "invalid_request"),
    ("another charset", "6749 B", GOOD, GRANT, {"Content-Type": FORM + "; charset=utf-16"}, 400, "invalid_request"),
    ("broken percent-encoding", "6749 B", GOOD, GRANT + "&scope=%zz", {}, 400, "invalid_request"),
    ("percent-encoding cut short", "6749 B", GOOD, GRANT + "&scope=%2", {}, 400, "invalid_request"),
    ("bytes that are not UTF-8", "6749 B", GOOD, GRANT + "&scope=%FF%FE", {}, 400, "invalid_request"),
    ("a lone surrogate", "6749 B", GOOD, GRANT + "&scope=%ED%A0%80", {}, 400, "invalid_request"),
    ("a NUL character", "6749 B", GOOD, GRANT + "&scope=%00", {}, 400, "invalid_request"),
    ("letters that are not encoded", "6749 B", GOOD, GRANT + "&scope=é", {}, 400, "invalid_request"),
    ("too many parameters", "6749 5.2", GOOD, GRANT + "".join(f"&a{n}=1" for n in range(60)), {}, 400, "invalid_request"),
    ("a huge body", "9110 15.5.14", GOOD, GRANT + "&x=" + "y" * 20_000, {}, 413, "invalid_request"),
]  # fmt: skip


def fill(text: str, issued) -> str:
    other = make("secret")
    typo = issued.secret[:-1] + ("a" if issued.secret[-1] != "a" else "b")
    for word, pair in {
        "GOOD": (issued.client_id, issued.secret),
        "ENCODED": (quote(issued.client_id, safe="").replace("_", "%5F"), issued.secret.replace("_", "%5F")),
        "WRONG": (issued.client_id, other),
        "TYPO": (issued.client_id, typo),
        "UNKNOWN": ("wdpc_unknown", other),
    }.items():
        text = text.replace(word, basic(*pair).removeprefix("Basic "))
    return text.replace("{id}", issued.client_id).replace("{secret}", issued.secret).replace("{other}", other)


@pytest.mark.parametrize(
    ("source", "authorization", "body", "headers", "status", "error"),
    [rule[1:] for rule in TOKEN_RULES],
    ids=[f"{rule[1]}: {rule[0]}" for rule in TOKEN_RULES],
)
def test_token(issued, wsgi, source, authorization, body, headers, status, error):
    given = {"Content-Type": FORM, **headers}
    if authorization:
        given["Authorization"] = fill(authorization, issued)
    answer = wsgi(application, "POST", TOKEN, body=fill(body, issued).encode(), headers=given)

    assert (answer.status, answer.json.get("error")) == (status, error)
    assert answer.headers["content-type"] == "application/json"
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert issued.secret not in answer.body.decode()
    if status == 200:
        assert bearer.find(answer.json["access_token"]).app_id == issued.app.pk
    else:
        assert set(answer.json["error_description" if "error_description" in answer.json else "error"]) <= {
            chr(code) for code in range(0x20, 0x7F) if code not in (0x22, 0x5C)
        }


def test_token_answer_has_the_members_of_6749_5_1(issued, oauth):
    answer = oauth(TOKEN, issued, grant_type="client_credentials").json
    token = answer.pop("access_token")
    assert answer == {"token_type": "Bearer", "expires_in": 3600, "scope": "people.read people.write"}
    assert 3590 < bearer.find(token).expires - time.time() <= 3600


def test_challenge_is_basic_with_a_realm(oauth):
    answer = oauth(TOKEN, grant_type="client_credentials")
    assert answer.headers["www-authenticate"] == 'Basic realm="oauth2", charset="UTF-8"'


def test_unknown_client_and_wrong_secret_read_the_same(issued, oauth):
    answers = [
        oauth(
            TOKEN,
            headers={"Authorization": basic(client_id, make("secret"))},
            grant_type="client_credentials",
        )
        for client_id in (issued.client_id, "wdpc_unknown")
    ]
    assert (answers[0].status, answers[0].body) == (answers[1].status, answers[1].body)


def test_a_mistyped_secret_costs_no_query(issued, oauth, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = oauth(
            TOKEN, headers={"Authorization": basic(issued.client_id, "x")}, grant_type="client_credentials"
        )
    assert answer.status == 401


def test_a_token_costs_two_queries(issued, oauth, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert oauth(TOKEN, issued, grant_type="client_credentials").status == 200


def test_an_app_gets_no_scope_beyond_its_own(issued, oauth, token_of):
    App.objects.update(scope="people.read gone.scope")
    assert bearer.find(token_of(issued)).scopes == {"people.read"}
    assert oauth(TOKEN, issued, grant_type="client_credentials", scope="people.write").status == 400
    assert oauth(TOKEN, issued, grant_type="client_credentials", scope="gone.scope").status == 400


@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
@pytest.mark.parametrize(
    "query", ["grant_type=client_credentials", "client_id=a&client_secret=b", "a=%zz", "%00"]
)
def test_parameters_in_the_address_are_refused(issued, oauth, path, query):
    answer = oauth(path, issued, query=query, grant_type="client_credentials", token="x")
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "POS", "BREW"])
def test_only_post_is_allowed(wsgi, path, method):
    answer = wsgi(application, method, path)
    assert (answer.status, answer.headers["allow"]) == (405, "POST, OPTIONS")


@pytest.mark.parametrize(("path", "allow"), [(TOKEN, "POST, OPTIONS"), (METADATA, "GET, HEAD, OPTIONS")])
def test_options_names_the_methods(wsgi, path, allow):
    answer = wsgi(application, "OPTIONS", path)
    assert (answer.status, answer.headers["allow"], answer.body) == (204, allow, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/oauth2/",
        "/oauth2/token/",
        "/oauth2/authorize",
        "/oauth2/device-authorization",
        "/oauth2/applications",
    ],
)
def test_nothing_else_is_mounted(wsgi, path):
    answer = wsgi(application, "POST", path)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_metadata_names_the_endpoints(issued, wsgi, settings):
    settings.PORTAL_URL = "https://portal.example"
    answer = wsgi(application, "GET", METADATA)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json == {
        "issuer": "https://portal.example",
        "token_endpoint": "https://portal.example/oauth2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint": "https://portal.example/oauth2/revoke",
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "introspection_endpoint": "https://portal.example/oauth2/introspect",
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": ["people.read", "people.write"],
        "service_documentation": "https://portal.example/catalog/",
    }
    assert wsgi(application, "HEAD", METADATA).body == b""
    assert wsgi(application, "POST", METADATA).status == 405


# ---------------------------------------------------------------- revocation (7009)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hint", ["", "access_token", "refresh_token", "nonsense"])
def test_revocation_ends_the_token_at_once_whatever_the_hint(issued, oauth, token_of, valkey, hint):
    token, other = token_of(issued), token_of(issued)
    answer = oauth(REVOKE, issued, token=token, token_type_hint=hint)
    assert (answer.status, answer.body, answer.headers["cache-control"]) == (200, b"", "no-store")
    assert bearer.find(token) is None
    assert bearer.find(other).epoch == bearer.epoch_of(issued.app.pk) == 2
    assert valkey.get(f"stamp:app:{issued.app.pk}") == b"2"


def test_revocation_does_not_stand_in_the_way_of_new_credentials(issued, oauth, token_of, ada):
    """Else whoever holds a leaked secret could keep its owner from replacing it."""
    oauth(REVOKE, issued, token=token_of(issued))
    assert services.regenerate(app=issued.app, epoch=1, by=ada).secret


@pytest.mark.parametrize("token", ["unknown", "wdpt_x", "%00", "é"])
def test_revocation_of_an_unknown_token_is_no_error(issued, oauth, token):
    assert oauth(REVOKE, issued, token=token).status == 200


@pytest.mark.parametrize("path", [REVOKE, INTROSPECT])
def test_a_token_is_required(issued, oauth, path):
    answer = oauth(path, issued)
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", [REVOKE, INTROSPECT])
def test_clients_must_authenticate(issued, oauth, token_of, path):
    token = token_of(issued)
    for headers in (
        {},
        {"Authorization": basic(issued.client_id, make("secret"))},
        {"Authorization": f"Bearer {token}"},
    ):
        answer = oauth(path, headers=headers, token=token)
        assert (answer.status, answer.json["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic ")
    assert bearer.find(token)


def test_another_client_can_neither_revoke_nor_introspect(issued, oauth, token_of, mallory):
    strange = services.create_app(name="Spy", description="", by=mallory)
    token = token_of(issued)
    assert oauth(REVOKE, strange, token=token).status == 200
    assert oauth(INTROSPECT, strange, token=token).json == {"active": False}
    assert bearer.find(token)


# ---------------------------------------------------------------- introspection (7662)


def test_introspection_of_ones_own_token(issued, oauth, token_of):
    answer = oauth(INTROSPECT, issued, token=token_of(issued, scope="people.read"))
    issued_at = answer.json.pop("iat")
    assert answer.json == {
        "active": True,
        "scope": "people.read",
        "client_id": issued.client_id,
        "token_type": "Bearer",
        "exp": issued_at + 3600,
    }
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("token", ["unknown", "wdpt_x", "é"])
def test_introspection_of_an_unknown_token(issued, oauth, token):
    assert oauth(INTROSPECT, issued, token=token).json == {"active": False}


# ---------------------------------------------------------------- credentials that ended


@pytest.mark.parametrize("ending", ["regenerate", "delete", "suspend"])
def test_ended_credentials_get_no_token(issued, oauth, ada, northwind, ending):
    if ending == "regenerate":
        services.regenerate(app=issued.app, epoch=1, by=ada)
    elif ending == "delete":
        services.delete_app(app=issued.app, by=ada)
    else:
        northwind.is_active = False
        northwind.save(update_fields=["is_active"])
    answer = oauth(TOKEN, issued, grant_type="client_credentials")
    assert (answer.status, answer.json["error"]) == (401, "invalid_client")


def test_wrong_secrets_are_slowed_down_and_the_right_one_is_let_in(issued, oauth):
    wrong = {"Authorization": basic(issued.client_id, make("secret"))}
    statuses = [oauth(TOKEN, headers=wrong, grant_type="client_credentials").status for _ in range(22)]
    assert statuses == [401] * 20 + [429] * 2
    slowed = oauth(TOKEN, headers=wrong, grant_type="client_credentials")
    assert (slowed.json["error"], 1 <= int(slowed.headers["retry-after"]) <= 60) == ("slow_down", True)
    assert oauth(TOKEN, issued, grant_type="client_credentials").status == 200
    another = {"Authorization": basic("wdpc_b", make("secret"))}
    assert oauth(TOKEN, headers=another, grant_type="client_credentials").status == 401
