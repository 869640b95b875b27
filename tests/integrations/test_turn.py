"""Test Connection against a provider that hangs waits aside: the web worker answers others meanwhile."""

from __future__ import annotations

import threading
import time

from integrations.connectors import connect
from integrations.simulators.switches import Fault
from portal import turn
from tests.integrations.conftest import KEY


def test_others_are_answered_while_a_provider_hangs(bamboo):
    bamboo.board.faults.append(Fault("hang", times=1, seconds=0.6))
    asked, ended = threading.Event(), threading.Event()

    def application(environ, start_response):
        if environ["PATH_INFO"] == "/test":
            asked.set()
            connect("bamboohr", "northwind", KEY).probe()
            ended.set()
        return [b""]

    call = turn.in_turn(application)
    hanging = threading.Thread(target=call, args=({"PATH_INFO": "/test"}, None), daemon=True)
    hanging.start()
    assert asked.wait(5)
    begun = time.monotonic()
    for _ in range(20):
        call({"PATH_INFO": "/other"}, None)

    assert (time.monotonic() - begun < 0.4, ended.is_set()) == (True, False)
    hanging.join(10)
    assert ended.is_set()
