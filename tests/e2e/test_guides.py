"""Every command of the guides, run by a shell with curl against a running portal."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from catalog import bundled
from catalog.openapi.read import read
from tests.e2e.portal import Portal

pytestmark = pytest.mark.e2e
BLOCK = re.compile(r"^```(?:sh|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TOLD = "answered "
# In front of the real one: it says the status of every call, and fails where the call did.
CURL = f"""#!/bin/sh
exec {shutil.which("curl")} --max-time 20 --fail-with-body -w '%{{stderr}}{TOLD}%{{http_code}}\\n' "$@"
"""


def guides(slug: str) -> list[tuple[str, list[str]]]:
    """Each guide and its blocks, in the order in which they are shown."""
    texts = {one.slug: one.text for one in bundled.guides(slug)}
    shown = read(bundled.source(slug)).get("x-guides") or sorted(texts)
    assert set(shown) == set(texts)
    return [(name, BLOCK.findall(texts[name])) for name in shown]


@pytest.fixture(scope="session")
def shell(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """shell(blocks, folder): what each printed and was answered, pasted into one shell in turn."""
    tools = tmp_path_factory.mktemp("tools")
    (tools / "curl").write_text(CURL)
    (tools / "curl").chmod(0o755)
    variables = {
        "PATH": f"{tools}:/usr/bin:/bin",
        "PORTAL": portal.url,
        "TENANT": portal.said(r"Account name\s+(\S+)"),
        "CLIENT_ID": portal.said(r"-u '?(\w+):"),
        "CLIENT_SECRET": portal.said(r"-u '?\w+:(\w+)"),
    }

    def run(blocks: list[str], folder: Path) -> list[tuple[str, list[str]]]:
        script = "set -eu\n" + "printf '\\0'; printf '\\0' >&2\n".join(blocks)
        done = subprocess.run(
            ["sh", "-c", script], env=variables, cwd=folder, capture_output=True, text=True, timeout=90
        )
        assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
        pairs = zip(done.stdout.split("\0"), done.stderr.split("\0"), strict=True)
        return [(out, re.findall(rf"{TOLD}(\d+)", err)) for out, err in pairs]

    return run


@pytest.mark.parametrize("api", bundled.slugs())
def test_every_command_of_the_guides_succeeds(shell, tmp_path, api):
    ran = 0
    for guide, blocks in guides(api):
        for block, (out, statuses) in zip(blocks, shell(blocks, tmp_path), strict=True) if blocks else ():
            assert statuses or "curl" not in block, (guide, block)
            assert all(status.startswith("2") for status in statuses), (guide, block, out)
            assert '"error' not in out, (guide, block, out)
            ran += len(statuses)

    assert ran >= 2  # a token, and what it is for
