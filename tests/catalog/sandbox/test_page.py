"""The page of a tenant's sandbox, and its reset."""

from __future__ import annotations

from catalog.queries import sandbox_counts

SEARCH = "/sandbox/workforce/v1/search/employees"


def test_a_developer_sees_what_it_holds_and_puts_it_back(client, dev, gateway, token_for, workforce):
    gateway("POST", SEARCH, token=token_for(dev), body={})
    first = sandbox_counts(dev.tenant, "workforce")
    from catalog.models import SandboxRow

    SandboxRow.objects.of(dev.tenant).filter(collection="employees").delete()
    client.force_login(dev)
    page = client.get("/catalog/workforce/sandbox/").content.decode()
    answer = client.post("/catalog/workforce/sandbox/", follow=True).content.decode()

    assert '<code class="mono">employees</code>' not in page
    assert "back to the data it began with" in answer
    assert sandbox_counts(dev.tenant, "workforce") == first
    assert first["employees"] >= 250


def test_a_viewer_may_not(client, vic, workforce):
    client.force_login(vic)

    assert client.post("/catalog/workforce/sandbox/").status_code == 403


def test_an_api_without_data_has_no_such_page(client, dev, workforce):
    client.force_login(dev)

    assert client.get("/catalog/nothing/sandbox/").status_code == 404
