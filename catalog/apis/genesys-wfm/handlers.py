"""User information, and two SOAP services with their WSDLs."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings

from catalog.apis.genesys_wfm.soap import FOLDER, Element, SoapFault, answer, fault, request
from catalog.sandbox import Call, Refused, Reply, reply

ROOT = "/sandbox/genesys-wfm"
LOCATOR, SESSION = "/LocatorService/WFMLocatorService800", "/SessionService/WFMSessionService800"
PROVISIONED = "genesys.wfm.access"
HOURS = 8


def userinfo(call: Call) -> Reply:
    if not _is_provisioned(call):
        message = f"The token is good, but not provisioned in WFM: it lacks the scope {PROVISIONED}."
        raise Refused(403, "notProvisioned", message)
    assert call.caller
    return reply({"userId": _user_id(call), "userType": "USER", "userName": call.caller.client_id})


def _is_provisioned(call: Call) -> bool:
    return call.caller is not None and PROVISIONED in call.caller.scopes


def _user_id(call: Call) -> str:
    """The same for an app at every call."""
    assert call.caller
    digest = hashlib.sha256(call.caller.public_id.encode()).digest()
    return str(1000 + int.from_bytes(digest[:4], "big") % 1_000_000)


def locator_wsdl(call: Call) -> Reply:
    return _wsdl("locator.wsdl", LOCATOR)


def session_wsdl(call: Call) -> Reply:
    return _wsdl("session.wsdl", SESSION)


def _wsdl(name: str, path: str) -> Reply:
    text = (FOLDER / name).read_text(encoding="utf-8").replace("$ADDRESS", _address(path))
    return Reply(200, text.encode(), [("Content-Type", "text/xml; charset=utf-8")])


def _address(path: str) -> str:
    return f"{settings.PORTAL_URL}{ROOT}{path}"


def locate_server(call: Call) -> Reply:
    return _served(call, "LocateServer", "locator.wsdl", _located)


def open_session(call: Call) -> Reply:
    return _served(call, "OpenSession", "session.wsdl", _opened)


def _served(call: Call, name: str, wsdl: str, serve: Callable[[Call, Element], dict[str, str]]) -> Reply:
    try:
        element = request(call.body, name, wsdl)
        if not _is_provisioned(call):
            raise SoapFault("Client.NotProvisioned", f"The token lacks the scope {PROVISIONED}.")
        return answer(name, serve(call, element))
    except SoapFault as found:
        return fault(found)


def _located(call: Call, element: Element) -> dict[str, str]:
    if element.get("ServerType") not in (None, "", "Session"):
        raise SoapFault("Client.UnknownServer", "The only ServerType here is Session.")
    return {"ServerURL": _address(SESSION), "ServiceName": "WFMSessionService800"}


def _opened(call: Call, element: Element) -> dict[str, str]:
    if not element.get("ApplicationName"):
        raise SoapFault("Client.MissingArgument", "ApplicationName says which program opens the session.")
    ends = call.now.replace(microsecond=0) + timedelta(hours=HOURS)
    return {
        "SessionID": str(uuid.uuid4()),
        "UserID": _user_id(call),
        "ExpiresAt": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
