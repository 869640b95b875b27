"""Signing in and out."""

from __future__ import annotations

from catalog.apis.calabrio_one.seen import API_USER, Row, visible
from catalog.sandbox import Call, Refused, Reply, reply

COOKIE = "hazelcast.sessionId"
TENANT = "1"
PLACE = "/sandbox/calabrio-one"


def sign_in(call: Call) -> Reply:
    body = call.body
    if str(body.get("tenantId", TENANT)) != TENANT:
        raise Refused(400, "invalidValue", f"The tenant of the sandbox is {TENANT}.", "body.tenantId")
    in_scope = {
        f"{name}InScope": [row["id"] for row in visible(call, name)]
        for name in ("groups", "teams", "serviceQueues")
    }
    more = {"country": body.get("locale", ""), "activatedDate": 0, **in_scope}
    return _answer(call, body.get("language", "en"), more)


def read_session(call: Call) -> Reply:
    """What POST calls language is called locale here."""
    body = call.body if isinstance(call.body, dict) else {}
    return _answer(call, body.get("locale") or call.query.get("locale") or "en", {})


def _answer(call: Call, language: str, more: Row) -> Reply:
    if call.signed_in is None:
        raise Refused(401, "missingCredentials", "Send the client id and the secret of one of your apps.")
    session = call.signed_in
    told = {"sessionId": session.credential, **_user(call), "lang": language, **more}
    cookie = f"{COOKIE}={session.credential}; Path={PLACE}; HttpOnly; SameSite=Strict"
    return reply(told, headers={"Set-Cookie": cookie} if session.is_new else None)


def _user(call: Call) -> Row:
    """The API user as the organisation knows them now; who was deleted there signs in all the same."""
    person = call.state.get("persons", str(API_USER)) or {}
    team = call.state.get("teams", str(person.get("groupId"))) or {}
    group = call.state.get("groups", str(team.get("parentGroupId"))) or {}
    return {
        "id": API_USER,
        "userId": person.get("email", ""),
        "firstName": person.get("firstName", ""),
        "lastName": person.get("lastName", ""),
        "teamId": team.get("id", 0),
        "teamName": team.get("name", ""),
        "groupId": group.get("id", 0),
        "groupName": group.get("name", ""),
        "country": "",
        "sessionTimeout": "60",
        "timezoneString": call.zone.key,
        "deactivated": False,
        "licenseCompliance": True,
        "tenantId": 1,
        "passwordExpirationDate": None,
        "userIq": False,
        "permissions": [row["name"] for row in call.state.all("permissions")],
    }


def sign_out(call: Call) -> Reply:
    """The gateway ends what was shown once this has answered."""
    return Reply(200)
