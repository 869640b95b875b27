"""One sync: what is read, planned, written and told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from integrations.models import Record, Sync
from integrations.services import connecting, syncing
from portal.runs.models import State
from tests.integrations.conftest import sync, work_off

pytestmark = pytest.mark.django_db


def test_a_sync_writes_every_balance_once(ready, company, wfm):
    done = sync(ready)

    assert (done.run.state, done.run.message) == (State.DONE, "Balances: 24 created.")
    assert (done.run.done, done.run.total) == (24, 24)
    assert len(wfm.applied) == 24
    assert wfm.duplicates() == []
    first = company.employees[0]["eeid"]
    assert Decimal(wfm.balances[wfm.account("-1000", "1")]) == Decimal(company.balances[first]["78"])
    assert Decimal(wfm.balances[wfm.account("-1000", "2")]) == Decimal(company.balances[first]["79"])


def test_a_second_sync_writes_only_what_changed(ready, company, wfm):
    sync(ready)
    company.balances["103"]["79"] = "12.25"
    done = sync(ready)

    assert done.run.message == "Balances: 1 updated, 23 unchanged."
    changed = [record for record in done.records if record.outcome == Record.Outcome.UPDATE]
    assert [(one.person, one.new, one.raw, one.raw_unit) for one in changed] == [
        ("First3 Last3", Decimal("12.25"), "12.25", "hours")
    ]
    assert changed[0].as_of is not None
    assert len(wfm.applied) == 25


def test_a_dry_run_lists_everything_and_writes_nothing(ready, wfm):
    wfm.balances[wfm.account("-1001", "1")] = "3.00"
    done = sync(ready, is_dry=True)

    assert done.run.message == "Balances: 23 would be created, 1 would be updated."
    assert wfm.applied == []
    update = next(one for one in done.records if one.outcome == Record.Outcome.UPDATE)
    assert (update.person, update.old, update.type_name) == ("First1 Last1", Decimal("3.00"), "Vacation")


def test_unlimited_is_not_zero(read, ada, company, wfm):
    from integrations.services import mapping, people, scheduling

    pairs = [mapping.Pair("81", "1", "days", read.hours_per_day)]
    mapping.save_mappings(integration=read, pairs=pairs, by=ada)
    people.confirm_people(integration=read, by=ada)
    scheduling.save_schedule(integration=read, interval=None, start=None, by=ada)
    done = sync(read)

    assert {(one.outcome, one.reason) for one in done.records} == {("skipped", "Unlimited in BambooHR.")}
    assert wfm.applied == []


@pytest.mark.parametrize("bad", ["NaN", "1e400", "9" * 40, "", "12,5", "٣", "Infinity", "1000000"])
def test_a_bad_number_fails_alone(ready, company, wfm, bad):
    company.balances["100"]["78"] = bad
    done = sync(ready)

    assert done.run.state == State.PARTIAL
    assert [(one.person, one.type_name) for one in done.records if one.outcome == "failed"] == [
        ("First0 Last0", "Vacation")
    ]
    assert len(wfm.applied) == 23


def test_leavers_and_the_unknown_are_skipped(ready, company, bamboo, wfm):
    company.employees[0]["status"] = "Inactive"
    del company.balances["101"]
    bamboo.board.ledger.clear()
    done = sync(ready)

    skipped = [(one.person, one.reason) for one in done.records if one.outcome == "skipped"]
    gone = "BambooHR does not know this person any more, or hides them from the key."
    left = "Has left, or is not listed in BambooHR any more."
    assert skipped == [("First0 Last0", left), ("First1 Last1", gone), ("First1 Last1", gone)]
    assert bamboo.board.asked("/100/") == []
    assert done.run.state == State.DONE


def test_days_become_hours(ready, company, wfm):
    ready.mappings.filter(source_id="78").update(
        source_id="80", source_unit="hours", hours_per_day=Decimal("7.5")
    )
    company.balances["100"]["80"] = "10"
    sync(ready)

    assert wfm.balances[wfm.account("-1000", "1")] == "1.33"


def test_a_changed_unit_stops_that_mapping_alone(ready, company, wfm):
    company.types[0]["units"] = "hours"
    done = sync(ready)

    assert ready.mappings.get(source_id="78").stopped == (
        "Vacation is counted in hours now, in days when it was mapped."
    )
    assert done.run.message == "Balances: 12 created, 12 skipped."
    assert {account for account, _, _ in wfm.applied} == {
        one["id"] for one in wfm.accounts.values() if one["accountTypeId"] == "2"
    }


def test_far_fewer_people_are_held_until_somebody_says_yes(ready, company, wfm, ada):
    sync(ready)
    before = len(wfm.applied)
    for one in company.employees[:4]:
        one["status"] = "Inactive"
    company.balances["111"]["78"] = "1.00"
    held = sync(ready)

    assert held.run.state == State.HELD
    assert held.run.message == "Only 8 of the 12 people of the last sync were found. Nothing is written yet."
    assert len(wfm.applied) == before
    syncing.release(sync=held.sync, by=ada)
    work_off()
    held.run.refresh_from_db()
    assert held.run.state == State.DONE
    assert len(wfm.applied) == before + 1
    assert sync(ready).run.state == State.DONE  # the eight are what is expected from now on


def test_an_empty_list_is_held(ready, bamboo, wfm):
    from integrations.simulators.switches import Fault

    sync(ready)
    before = dict(wfm.balances)
    bamboo.board.faults = [Fault("empty", "/datasets/")]
    held = sync(ready)

    assert held.run.state == State.HELD
    assert wfm.balances == before
    assert ready.links.count() == 12


def test_mostly_zeros_are_held_and_can_be_refused(ready, company, wfm, ada):
    sync(ready)
    before = dict(wfm.balances)
    for held in company.balances.values():
        held["78"] = "0.00"
    done = sync(ready)

    assert done.run.state == State.HELD
    assert "would set a balance to zero" in done.run.message
    syncing.discard(sync=done.sync, by=ada)
    done.run.refresh_from_db()
    assert done.run.state == State.FAILED
    assert wfm.balances == before


def test_retry_takes_the_failed_ones_alone(ready, company, bamboo, wfm, ada):
    company.balances["104"]["78"] = "nonsense"
    done = sync(ready)
    assert done.run.state == State.PARTIAL
    company.balances["104"]["78"] = "4.50"
    bamboo.board.ledger.clear()
    again = syncing.retry_failed(sync=done.sync, by=ada)
    work_off()

    assert [(one.person, one.outcome, one.new) for one in again.records.all()] == [
        ("First4 Last4", "create", Decimal("4.50"))
    ]
    assert len(bamboo.board.asked("calculator")) == 1


def test_a_refused_key_stops_at_once_and_asks_for_attention(ready, bamboo, company, wfm):
    company.key = "another"
    bamboo.board.ledger.clear()
    done = sync(ready)
    ready.refresh_from_db()

    assert done.run.state == State.FAILED
    assert [entry.status for entry in bamboo.board.asked()] == [401]
    assert ready.needs_reconnect
    assert "did not accept the API key" in ready.trouble
    with pytest.raises(Exception, match="Test it again on the Connect page"):
        sync(ready)


def test_a_changed_app_asks_for_new_credentials(ready, wfm, ada):
    wfm.credentials_work = False
    done = sync(ready)
    ready.refresh_from_db()

    assert done.run.state == State.FAILED
    assert "credentials were changed" in ready.trouble
    wfm.credentials_work = True
    connecting.renew_credentials(integration=ready, by=ada)
    ready.refresh_from_db()
    assert ready.trouble == ""
    assert sync(ready).run.state == State.DONE


def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(ready, wfm):
    wfm.faults = [("lost", None)]
    done = sync(ready)

    assert done.run.state == State.QUEUED  # it waits for the other side to come back
    assert done.run.resume_at is not None
    done.run.__class__.objects.update(resume_at=None)
    work_off()
    done.run.refresh_from_db()
    assert done.run.state == State.DONE
    assert [one for one in wfm.calls if one[0] == "PUT"] == []  # no second one: the balances were there
    assert len(wfm.applied) == 24
    assert wfm.duplicates() == []


def test_a_limit_of_the_workforce_api_is_waited_for(ready, wfm):
    wfm.faults = [("busy", 7)]
    done = sync(ready)

    assert done.run.state == State.QUEUED
    assert done.run.message.startswith("The workforce API asks us to slow down. Going on by itself at ")
    done.run.__class__.objects.update(resume_at=None)
    work_off()
    assert len(wfm.applied) == 24
    assert wfm.duplicates() == []


def test_an_item_the_workforce_api_refuses_fails_alone(ready, wfm, monkeypatch):
    from integrations.engine import writing

    account = wfm.account("-1005", "1")

    def lose(name):
        if name == "marked_sending":
            wfm.accounts.pop(account, None)

    monkeypatch.setattr(writing, "failpoint", lose)
    done = sync(ready)

    assert done.run.state == State.PARTIAL
    assert [one.reason for one in done.records if one.outcome == "failed"] == ["No such account."]
    assert len(wfm.applied) == 23


def test_only_recent_syncs_list_what_did_not_change(ready):
    runs = [sync(ready) for _ in range(6)]

    assert [one.sync.records.count() for one in runs] == [24, 0, 0, 24, 24, 24]
    assert Sync.objects.filter(unchanged_count=24).count() == 5
