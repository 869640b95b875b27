"""Categories, phrases, and where they stand in texts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from catalog.apis.calabrio_one.seen import Row, found, fresh
from catalog.sandbox import Call, Refused, Reply, reply

CONFIDENCE = 60


def _envelope(categories: Iterable[Row], phrases: Iterable[Row]) -> Reply:
    return reply({"categories": list(categories), "phrases": list(phrases), "confidence": CONFIDENCE})


def list_phrases(call: Call) -> Reply:
    return _envelope(call.state.all("categories"), call.state.all("phrases"))


def create_category(call: Call) -> Reply:
    new = {"id": fresh(call, "categories"), "description": "", "languageId": "en-us"}
    row = {**new, **_known(call, "category description languageId")}
    call.state.put("categories", row)
    return _envelope([row], [])


def _known(call: Call, names: str) -> Row:
    return {name: call.body[name] for name in names.split() if name in call.body}


def update_category(call: Call) -> Reply:
    row = found(call, "categories", call.body["id"], "category", "body.id")
    row = {**row, **_known(call, "category description languageId")}
    call.state.put("categories", row)
    return _envelope([row], [one for one in call.state.all("phrases") if one["categoryId"] == row["id"]])


def delete_category(call: Call) -> Reply:
    for one in call.state.by("phrases", "categoryId", call.query["id"]):
        call.state.delete("phrases", str(one["id"]))
    return reply({"deleted": int(call.state.delete("categories", str(call.query["id"])))})


def create_phrase(call: Call) -> Reply:
    new = {
        "id": fresh(call, "phrases"),
        "phonetic": "",
        "soundslike": "",
        "confidence": CONFIDENCE,
        "state": 1,
    }
    return _stored(call, new)


def update_phrase(call: Call) -> Reply:
    return _stored(call, found(call, "phrases", call.body["id"], "phrase", "body.id"))


def _stored(call: Call, before: Row) -> Reply:
    row = {**before, **_known(call, "phrase phonetic soundslike confidence categoryId state")}
    category = call.state.get("categories", str(row["categoryId"]))
    if category is None:
        raise Refused(400, "referenceNotFound", "There is no such category.", "body.categoryId")
    call.state.put("phrases", row)
    return _envelope([category], [row])


def delete_phrase(call: Call) -> Reply:
    return reply({"deleted": int(call.state.delete("phrases", str(call.query["id"])))})


def hits(call: Call, text: str) -> list[Row]:
    """Where phrases in use stand in a text, without regard to case."""
    names = {row["id"]: row["category"] for row in call.state.all("categories")}
    some = [
        {
            "position": match.start(),
            "length": len(match[0]),
            "phrase": row["phrase"],
            "category": names.get(row["categoryId"], ""),
        }
        for row in call.state.all("phrases")
        if row["state"]
        for match in re.finditer(re.escape(row["phrase"]), text, re.IGNORECASE)
    ]
    return sorted(some, key=lambda one: one["position"])
