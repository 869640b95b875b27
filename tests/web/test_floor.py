"""Health, addresses, and the files that browsers load."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from portal import valkey as line
from portal.web.address import client_address


def test_alive_asks_nothing_of_anybody(client):
    answer = client.get("/healthz")  # the database is out of bounds in this test

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_when_everything_is_there(client, db):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"ready": True, "away": []})


def test_not_ready_names_what_is_away(client, db, settings):
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    line.hang_up()
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"ready": False, "away": ["valkey"]})


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "192.0.2.1"),
        (0, "198.51.100.9", "192.0.2.1"),
        (1, "203.0.113.5, 198.51.100.9", "198.51.100.9"),
        (2, "203.0.113.5, 198.51.100.9", "203.0.113.5"),
        (1, "", "192.0.2.1"),
        (1, "not an address", None),
        (1, "fe80::1%eth0", "fe80::1"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies

    assert client_address("192.0.2.1", forwarded) == address


def test_a_client_on_a_socket_has_no_address():
    assert client_address("") is None


def test_only_the_named_files_of_a_package_are_served():
    assert Path(finders.find("vendor/htmx.min.js")).name == "htmx-2.min.js"
    assert Path(finders.find("vendor/plotly.min.js")).name == "plotly.min.js"
    assert finders.find("vendor/htmx-2.js") is None
    assert finders.find("vendor/../plotly/__init__.py") is None


def test_collected_files_carry_their_hash_and_a_compressed_twin(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    finders.get_finder.cache_clear()
    call_command("collectstatic", interactive=False, verbosity=0)
    finders.get_finder.cache_clear()
    (sheet,) = (tmp_path / "css").glob("forms.*.css")
    (module,) = (tmp_path / "js").glob("portal.*.js")

    assert 'url("../brand/select.' in sheet.read_text()
    assert "select.svg" not in sheet.read_text()
    assert '"./drawer.js"' not in module.read_text()
    assert gzip.decompress((tmp_path / "css" / f"{sheet.name}.gz").read_bytes()) == sheet.read_bytes()
