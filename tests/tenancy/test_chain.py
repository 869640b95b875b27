"""The audit log: its chain, its page and what people take along of it."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from portal.tenancy import audit, chain, people
from portal.tenancy.audit_pages import cell
from portal.tenancy.models import AuditHead, AuditLine, User


@pytest.fixture
def lines(ada, mallory):
    """Five lines of Northwind after the first one; some of Contoso between them."""
    for number in range(5):
        with transaction.atomic():
            audit.record(
                "app.updated",
                target=ada,
                by=ada,
                tenant=ada.tenant,
                changes={"name": [f"old {number}", "né"]},
            )
            audit.record("app.created", target=mallory, by=mallory, tenant=mallory.tenant)
    return [*AuditLine.objects.of(ada.tenant).order_by("sequence")]


def problems(tenant):
    return [(defect.sequence, defect.line, defect.problem) for defect in chain.verify(tenant).defects]


def test_every_line_follows_the_one_before(ada, mallory, lines):
    assert [line.sequence for line in lines] == [1, 2, 3, 4, 5, 6]
    assert [line.previous_hash for line in lines] == ["", *(line.hash for line in lines[:-1])]
    for tenant in (ada.tenant, mallory.tenant, None):
        assert problems(tenant) == []
    assert chain.verify(ada.tenant).lines == 6


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        ({"action": "app.deleted"}, "was edited"),
        ({"target": "app 9"}, "was edited"),
        ({"request_id": "x"}, "was edited"),
        ({"at": datetime(2026, 1, 1, tzinfo=UTC)}, "was edited"),
        ({"actor_ref": "user 0"}, "was edited"),
        ({"actor_label": "mallory@contoso.example"}, "had its actor label edited"),
        ({"target_label": "x"}, "had its target label edited"),
        ({"changes": {}}, "had its changes edited"),
        ({"address": "192.0.2.1"}, "had its address edited"),
        ({"seals": {}}, "has lost a seal"),
    ],
)
def test_an_edited_line_is_named(ada, lines, edit, problem):
    AuditLine.objects.filter(pk=lines[2].pk).update(**edit)

    assert (3, lines[2].pk, problem) in problems(ada.tenant)
    assert {line for _, line, _ in problems(ada.tenant)} == {lines[2].pk}


def test_a_line_edited_with_its_hash_made_anew_breaks_the_next(ada, lines):
    line = lines[2]
    line.action = "app.deleted"
    line.hash = chain.digest(line)
    line.save()

    assert problems(ada.tenant) == [(4, lines[3].pk, "does not follow the row before it")]


def test_a_deleted_line_is_missed_wherever_it_stood(ada, lines):
    lines[2].delete()
    assert problems(ada.tenant) == [(3, None, "number 3 is missing: a row was deleted")]
    lines[5].delete()
    assert problems(ada.tenant)[1:] == [(6, None, "rows up to number 6 are missing at the end")]


def test_swapped_lines_are_found(ada, lines):
    third, fourth = lines[2], lines[3]
    AuditLine.objects.filter(pk=third.pk).update(sequence=4)
    AuditLine.objects.filter(pk=fourth.pk).update(sequence=3)

    assert {line for _, line, _ in problems(ada.tenant)} >= {third.pk, fourth.pk}


def test_a_line_put_in_from_outside_is_found(ada, lines):
    forged = AuditLine.objects.create(
        tenant=ada.tenant, actor_label="x", action="app.created", target="app 1"
    )
    assert problems(ada.tenant) == [(0, forged.pk, "is outside the chain")]
    AuditLine.objects.filter(pk=forged.pk).update(sequence=6)
    assert (6, forged.pk, "its number is used twice") in problems(ada.tenant)


def test_a_head_put_back_is_found(ada, lines):
    AuditHead.objects.filter(tenant=ada.tenant).update(sequence=F("sequence") - 1)
    assert problems(ada.tenant) == [
        (6, None, "the head of the chain was changed, or rows were put behind it")
    ]
    AuditHead.objects.filter(tenant=ada.tenant).delete()
    assert problems(ada.tenant) == [(6, None, "the chain has lost its head")]


def test_a_line_cannot_lose_its_names_while_nobody_was_removed(ada, lines):
    line = lines[2]
    line.seals["actor_label"] = chain.without_salt(line.seals["actor_label"])
    line.actor_label = "somebody"
    line.save()

    assert problems(ada.tenant) == [(3, line.pk, "has no actor label, and no person was removed since")]


def test_removing_a_person_leaves_the_chain_whole(ada, dev, lines):
    with transaction.atomic():
        audit.record("user.signed_in", target=dev, by=dev, tenant=ada.tenant)
    people.remove(person=dev, heir=None, by=ada)

    assert problems(ada.tenant) == []
    assert [*AuditLine.objects.filter(actor_ref=f"user {dev.pk}").values_list("actor_label", flat=True)] == [
        f"removed person {dev.pk}"
    ]


def test_a_line_undone_with_its_change_leaves_no_gap(ada, lines):
    with transaction.atomic():
        audit.record("app.created", target=ada, by=ada, tenant=ada.tenant)
        transaction.set_rollback(True)
    with transaction.atomic():
        audit.record("app.created", target=ada, by=ada, tenant=ada.tenant)

    assert problems(ada.tenant) == []


def test_lines_written_at_once_make_one_chain(threads, ada):
    def write():
        for _ in range(5):
            with transaction.atomic():
                audit.record("app.created", target=ada, by=ada, tenant=ada.tenant)

    AuditHead.objects.all().delete()
    AuditLine.objects.all().delete()
    results = threads([write] * 8)

    assert results == [None] * 8
    assert (chain.verify(ada.tenant).lines, problems(ada.tenant)) == (40, [])


def test_the_command_names_the_row(ada, lines, capsys):
    call_command("verify_audit")
    assert "northwind: whole, 6 lines" in capsys.readouterr().out
    AuditLine.objects.filter(pk=lines[2].pk).update(action="app.deleted")
    with pytest.raises(CommandError, match="1 defect found"):
        call_command("verify_audit", "northwind")
    assert f"number 3 (row {lines[2].pk}): was edited" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no account"):
        call_command("verify_audit", "nobody")


# ---------------------------------------------------------------- the page and the files


def times(answer):
    return [entry.line.sequence for entry in answer.context["entries"]]


def test_the_period_is_of_the_accounts_own_days(client, ada):
    for moment in ("2026-03-02T03:00:00Z", "2026-03-02T12:00:00Z", "2026-03-03T04:59:00Z"):  # New York: UTC-5
        with time_machine.travel(moment, tick=False), transaction.atomic():
            audit.record("app.created", target=ada, by=ada, tenant=ada.tenant)
    client.force_login(ada)

    assert times(client.get("/admin/audit/?since=2026-03-02&until=2026-03-02")) == [4, 3]
    assert times(client.get("/admin/audit/?until=2026-03-01")) == [2]
    assert len(times(client.get("/admin/audit/?since=nonsense&until=0000-00-00"))) == 4


def body(answer):
    return b"".join(answer.streaming_content).decode()


def test_the_log_is_taken_along_as_csv_and_json(client, ada, lines):
    client.force_login(ada)
    rows = [*csv.reader(io.StringIO(body(client.get("/admin/audit/export.csv?action=app.updated"))))]
    told = json.loads(body(client.get("/admin/audit/export.json")))

    assert rows[0][:4] == ["number", "time", "actor", "action"]
    assert [(row[0], row[3], json.loads(row[6])["name"]) for row in rows[1:]] == [
        (str(number + 2), "app.updated", [f"old {number}", "né"]) for number in range(5)
    ]
    assert [line["number"] for line in told] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert (told[0]["actor"], told[7]["action"]) == ("system", "audit.exported")
    assert told[5]["hash"] == lines[5].hash


@pytest.mark.parametrize(
    "payload", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\0=1", " =1", "＝1", "＠x"]
)
def test_no_text_becomes_a_formula(payload):
    assert cell(payload) == f"'{payload}"


@pytest.mark.parametrize("value", [5, -5, "plain", "a=b", "", "2026-03-02T03:00:00+00:00"])
def test_plain_values_stay_as_they_are(value):
    assert cell(value) == value


def test_a_formula_in_a_name_is_quoted_in_the_file(client, ada):
    User.objects.filter(pk=ada.pk).update(first_name="=cmd|' /C calc'!A0", last_name="")
    ada.refresh_from_db()
    with transaction.atomic():
        audit.record("app.created", target=ada, by=ada, tenant=ada.tenant)
    client.force_login(ada)
    rows = [*csv.reader(io.StringIO(body(client.get("/admin/audit/export.csv?action=app.created"))))]

    assert rows[1][5] == "'=cmd|' /C calc'!A0"
