"""Calls that generated ones have found to break something."""

from __future__ import annotations


def test_ids_of_any_length_in_a_list_are_read(api):
    query = {"fromDate": "2026-06-15", "toDate": "2026-06-15"}

    assert api.answer("getScheduleDetails", query=query | {"agentIds": "0" * 5000}).status == 400
    assert api.answer("getScheduleDetails", query=query | {"agentIds": "000101"}).status == 200


def test_a_day_of_another_name_is_passed_over(api):
    kept = api("getServiceQueue", serviceQueueId=6)
    days = {**kept["days"], "someday": {}, "": [], "never": None}

    answer = api.answer("updateServiceQueue", {**kept, "days": days}, serviceQueueId=6)
    assert answer.status == 200, answer.body
