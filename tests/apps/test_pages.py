"""The pages: create, see the secret once, find the app again, replace and delete its credentials."""

from __future__ import annotations

import html
import json
import re
import subprocess

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from apps import services
from apps.models import App
from tests.apps.conftest import basic
from tests.apps.test_services import dump_database

SECRET = re.compile(r"wdps_live_[0-9A-Za-z]{38}")


def url(name, app=None):
    return reverse(f"apps:{name}", args=[app.public_id] if app else [])


def shown_secrets(answer) -> set[str]:
    return set(SECRET.findall(answer.content.decode()))


def test_create_shows_the_credentials_once(client, dev):
    client.force_login(dev)
    answer = client.post(url("create"), {"name": "Payroll", "description": "Exports hours"})

    app, (secret,) = App.objects.get(), shown_secrets(answer)
    page = answer.content.decode()
    assert (answer.status_code, app.created_by) == (200, dev)
    for value in (app.public_id, app.client_id, secret):
        assert f'data-copy="{value}"' in page
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Location" not in answer.headers

    later = [client.get(url("list")), client.get(url("edit", app)), client.get(reverse("home"))]
    assert [shown_secrets(page) for page in later] == [set(), set(), set()]
    assert app.public_id in later[0].content.decode()
    sessions = json.dumps([session.get_decoded() for session in Session.objects.all()])
    assert secret not in sessions + dump_database() + repr(client.cookies)


def test_the_curl_pair_gets_a_token(client, dev, oauth, tmp_path):
    """The first line is run by a real shell against a curl that hands its arguments over."""
    client.force_login(dev)
    page = html.unescape(client.post(url("create"), {"name": "Payroll"}).content.decode())
    first, second = (
        re.search(rf'id="curl-{name}">(.*?)</code>', page, re.S)[1] for name in ("token", "call")
    )

    curl = tmp_path / "curl"
    curl.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/sent\ncat {tmp_path}/answer\n')
    curl.chmod(0o755)
    client_id, secret = re.search(r"-u '([^:]+):([^']+)'", first).groups()
    headers = {"Authorization": basic(client_id, secret)}
    answer = oauth("/oauth2/token", headers=headers, grant_type="client_credentials")
    (tmp_path / "answer").write_bytes(answer.body)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["sh", "-ec", f"{first}\n{second}"], env=environment, check=True, capture_output=True)

    sent = (tmp_path / "sent").read_text()
    assert f"Authorization: Bearer {answer.json['access_token']}\n" in sent
    assert "http://127.0.0.1:8000/sandbox/workforce/v1/search/employees\n" in sent


def test_a_name_twice_is_explained_and_makes_no_second_app(client, issued, dev):
    client.force_login(dev)
    answer = client.post(url("create"), {"name": "PAYROLL", "description": ""})
    assert (answer.status_code, App.objects.count(), shown_secrets(answer)) == (200, 1, set())
    assert "You already have an app named" in answer.content.decode()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\0b"])
def test_a_name_that_cannot_be_used_is_refused(client, dev, name):
    client.force_login(dev)
    assert client.post(url("create"), {"name": name}).status_code == 200
    assert App.objects.count() == 0


def test_edit_saves_and_never_shows_the_secret(client, issued, dev):
    client.force_login(dev)
    page = client.get(url("edit", issued.app)).content.decode()
    assert issued.client_id in page
    assert f">{issued.secret[-4:]}</code>" in page
    assert issued.secret not in page

    answer = client.post(url("edit", issued.app), {"name": "Payroll 2", "description": "<script>"})
    assert (answer.status_code, answer.headers["Location"]) == (302, url("list"))
    listed = client.get(url("list")).content.decode()
    assert "Payroll 2" in listed
    assert "<script>" not in listed.split("<main", 1)[1]


def test_regenerate_shows_new_credentials_and_the_second_click_is_told(client, issued, dev):
    client.force_login(dev)
    asked = client.get(url("regenerate", issued.app)).content.decode()
    assert "Generate new credentials for Payroll?" in asked
    assert '<input type="hidden" name="epoch" value="1"' in asked
    first = client.post(url("regenerate", issued.app), {"epoch": "1"})
    second = client.post(url("regenerate", issued.app), {"epoch": "1"})

    (secret,) = shown_secrets(first)
    assert secret != issued.secret
    assert "no-store" in first.headers["Cache-Control"]
    assert (second.status_code, shown_secrets(second)) == (409, set())
    assert App.objects.get().secret_hint == secret[-4:]


@pytest.mark.parametrize("epoch", ["", "0", "x", "9" * 30])
def test_regenerate_with_a_mangled_form_does_nothing(client, issued, dev, epoch):
    client.force_login(dev)
    assert client.post(url("regenerate", issued.app), {"epoch": epoch}).status_code == 409
    assert App.objects.get().client_id == issued.client_id


def test_delete_asks_first_and_names_the_app(client, issued, dev):
    client.force_login(dev)
    asked = client.get(url("delete", issued.app))
    assert "Delete Payroll" in asked.content.decode()
    assert App.objects.living().count() == 1

    assert client.post(url("delete", issued.app)).headers["Location"] == url("list")
    assert App.objects.living().count() == 0
    assert client.get(url("edit", issued.app)).status_code == 404
    assert "No apps yet" in client.get(url("list")).content.decode()


CHANGES = [
    (method, name) for method in ("get", "post") for name in ("create", "edit", "regenerate", "delete")
]


@pytest.mark.parametrize(("method", "name"), CHANGES)
def test_a_viewer_changes_nothing(client, issued, vic, method, name):
    client.force_login(vic)
    before = App.objects.values().get()
    app = None if name == "create" else issued.app
    assert getattr(client, method)(url(name, app), {"name": "X", "epoch": "1"}).status_code == 403
    assert App.objects.values().get() == before


def test_a_viewer_sees_the_list_without_buttons(client, issued, vic):
    client.force_login(vic)
    page = client.get(url("list")).content.decode()
    assert "Payroll" in page
    assert not re.search(r'href="/apps/[^"]+/(edit|delete)/"|href="/apps/create/"', page)


@pytest.mark.parametrize(("method", "name"), [change for change in CHANGES if change[1] != "create"])
def test_a_stranger_finds_nothing(client, issued, mallory, method, name):
    services.create_app(name="Mine", description="", by=mallory)
    client.force_login(mallory)
    before = App.objects.values().get(pk=issued.app.pk)
    assert getattr(client, method)(url(name, issued.app), {"name": "X", "epoch": "1"}).status_code == 404
    assert App.objects.values().get(pk=issued.app.pk) == before
    assert "Payroll" not in client.get(url("list"), {"q": "Payroll"}).content.decode().replace(
        'value="Payroll"', ""
    )


def test_list_searches_sorts_and_pages_in_a_fixed_number_of_queries(client, ada, django_assert_num_queries):
    for number in range(30):
        services.create_app(name=f"App {number:02}", description="odd" if number % 2 else "even", by=ada)
    client.force_login(ada)

    def names(**query):
        with django_assert_num_queries(4):  # session, person, count, rows
            page = client.get(url("list"), query).content.decode()
        return re.findall(r"<th scope=\"row\"[^>]*><a[^>]*>(.*?)</a>", page)

    everything = [f"App {number:02}" for number in range(30)]
    assert names() == everything[:25]
    assert names(page="2") == everything[25:]
    assert names(sort="-name") == everything[::-1][:25]
    assert names(sort="-created", q="odd") == everything[1::2][::-1]
    assert names(sort="nonsense", page="x") == everything[:25]
    assert names(q="App 07\0") == ["App 07"]


def test_a_search_without_a_match_says_so(client, issued, dev):
    client.force_login(dev)
    assert "No app matches your search" in client.get(url("list"), {"q": "zzz"}).content.decode()


def test_operators_see_apps_but_no_secret(client, issued, django_user_model):
    operator = django_user_model.objects.create_superuser("op@portal.example", "a long enough password")
    client.force_login(operator)
    page = client.get(reverse("admin:apps_app_change", args=[issued.app.pk])).content.decode()
    assert issued.client_id in page
    assert App.objects.get().client_secret not in page
    assert client.get("/operator/oauth2_provider/").status_code == 404
    assert client.get(reverse("apps:list")).status_code == 404
