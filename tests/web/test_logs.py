"""One event, one line, no secrets."""

from __future__ import annotations

import logging
import re
import sys

import pytest

from portal.web.logs import Line, current_request_id


def line_of(message, *args, exc_info=None):
    record = logging.LogRecord("portal.test", logging.WARNING, __file__, 1, message, args, exc_info)
    return Line().format(record)


def test_a_line_has_time_level_logger_and_request_id():
    token = current_request_id.set("01ABC")
    line = line_of("signed in %s", "ada")
    current_request_id.reset(token)

    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING portal\.test \[01ABC\] signed in ada", line
    )


@pytest.mark.parametrize("breaker", ["\n", "\r", "\r\n", "\x0b", "\x1b[2J", "\x85", "\u2028", "\u2029"])
def test_no_input_can_begin_a_line(breaker):
    line = line_of("name=%s", f"x{breaker}2026 forged")

    assert line.splitlines() == [line]
    assert breaker not in line


@pytest.mark.parametrize(
    "secret",
    [
        "wdps_test_9aZ0kQ2",
        "wdpt_live_AbC123_x",
        "Bearer eyJhbGciOi.J9-x_y",
        "bearer AAAABBBBCCCC",
        "Basic d2RwOnNlY3JldA==",
    ],
)
def test_secrets_are_masked_wherever_they_stand(secret):
    value = secret.split()[-1].removeprefix("wdps_").removeprefix("wdpt_")

    for text in (secret, f"Authorization: {secret}", f"{{'a': '{secret}'}}", f"https://x/?t={secret}&b=1"):
        line = line_of(text)
        assert value not in line
        assert "***" in line


def test_of_an_exception_the_line_tells_kind_and_place_but_not_its_text():
    try:
        try:
            raise KeyError("canary one")
        except KeyError as cause:
            raise ValueError("canary two\nforged") from cause
    except ValueError:
        line = line_of("failed", exc_info=sys.exc_info())

    here = f"{__file__}:[0-9]+ test_of_an_exception_the_line_tells_kind_and_place_but_not_its_text"
    assert re.search(rf"failed \| ValueError at {here} from KeyError at {here}$", line)
    assert "canary" not in line
