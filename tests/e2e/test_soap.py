"""A SOAP client of the outside world against a running portal, over a real socket."""

from __future__ import annotations

import httpx2
import pytest
import zeep

pytestmark = pytest.mark.e2e
ROOT = "/sandbox/genesys-wfm"


def test_zeep_reads_the_wsdl_locates_the_server_and_opens_a_session(portal):
    client = (portal.said(r"-u '?(\w+):"), portal.said(r"-u '?\w+:(\w+)"))
    form = {"grant_type": "client_credentials", "scope": "genesys.wfm.access"}
    token = httpx2.post(f"{portal.url}/oauth2/token", data=form, auth=client).json()["access_token"]
    transport = zeep.Transport(timeout=10, operation_timeout=10)
    with transport.session as session:
        session.headers["Authorization"] = f"Bearer {token}"
        locator = zeep.Client(
            f"{portal.url}{ROOT}/LocatorService/WFMLocatorService800.wsdl", transport=transport
        )
        located = locator.service.LocateServer(ServerType="Session")
        sessions = zeep.Client(f"{located.ServerURL}.wsdl", transport=transport)
        opened = sessions.bind(located.ServiceName).OpenSession(ApplicationName="Tests")
        with pytest.raises(zeep.exceptions.Fault, match="ApplicationName"):
            sessions.service.OpenSession(ApplicationName="")

    assert located.ServerURL.startswith(portal.url)
    assert len(opened.SessionID) == 36
