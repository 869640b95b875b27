"""What imports can fill, and the same as a file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from catalog.apis.calabrio_one.imports import FIELDS, NEEDED, kind_of
from catalog.apis.calabrio_one.seen import NEVER, Row, agents, visible
from catalog.sandbox import Call, Reply, reply

TEXT = {"code": "Text", "description": "Text", "format": "Sample"}
WHOLE = {"code": "Integer", "description": "Number", "format": "1, 2, 3"}
TRUTH = {"code": "TrueFalse", "description": "true/false", "format": "true"}
DAYS = [
    {"code": "MM/DD/YYYY", "description": "US Date", "format": "07/31/2026"},
    {"code": "DD/MM/YYYY", "description": "European Date", "format": "31/07/2026"},
]
TYPES = {
    "id": [WHOLE],
    "personId": [WHOLE],
    "productivityCompilation": [TRUTH],
    "enableScheduling": [TRUTH],
    "isReconcileOnly": [TRUTH],
    "scopetenant": [TRUTH],
    **dict.fromkeys("activatedDate deactivatedDate activated deactivated".split(), DAYS),
    **dict.fromkeys("companyStartDate companyEndDate departmentStartDate".split(), DAYS),
}
LISTS = frozenset("roles scopegroups scopeteams".split())
HEADERS = {
    "groups": ["Group ID", "Name", "Activated Date", "Deactivated Date"],
    "teams": [
        "Team ID",
        "Name",
        "Activated Date",
        "Deactivated Date",
        "Parent Group ID",
        "Productivity Compilation",
    ],
}
AGENT = """ACD ID,Active,AgentID,EmployeeNumber,CompanyStartDate,DepartmentStartDate,TerminationDate,
FirstName,LastName,MainTeam,MultiskillGroupID,ReadOnly,Services,Settings,SkillMappings,Teams,ServiceQueueID,
WorkConditionProfileID""".replace("\n", "").split(",")
BASIC = ["AgentID", "FirstName", "LastName", "EmployeeNumber"]


def describe_import(call: Call) -> Reply:
    kind = kind_of(call)
    labels = dict(zip(FIELDS[kind], HEADERS.get(kind, FIELDS[kind]), strict=True))
    needed = NEEDED if kind == "persons" else FIELDS[kind]
    some = needed if call.query.get("basicInfo") else FIELDS[kind]
    return reply(
        {
            "fields": [
                {
                    "key": key,
                    "label": labels[key],
                    "required": key in needed,
                    "multivalued": key in LISTS,
                    "types": TYPES.get(key, [TEXT]),
                }
                for key in some
            ]
        }
    )


def export_model(call: Call) -> Reply:
    kind = kind_of(call)
    head, rows = (_persons if kind == "persons" else _places)(call, kind)
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    return Reply(200, out.getvalue().encode(), [("Content-Type", "text/csv; charset=utf-8")])


def _places(call: Call, kind: str) -> tuple[list[str], list[list[str]]]:
    names = {row["id"]: row["name"] for row in call.state.all("groups")}
    rows = []
    for row in visible(call, kind):
        cells = [str(row["id"]), row["name"], _day(call, row["activated"]), _day(call, row["deactivated"])]
        if kind == "teams":
            cells += [names.get(row["parentGroupId"], ""), str(row["productivityCompilation"]).upper()]
        rows.append(cells)
    return HEADERS[kind], rows


def _day(call: Call, moment: int) -> str:
    if moment >= NEVER:
        return "12/31/2999"
    day = datetime.fromtimestamp(moment / 1000, UTC).astimezone(call.zone)
    return f"{day.month}/{day.day}/{day.year}"


def _persons(call: Call, kind: str) -> tuple[list[str], list[list[str]]]:
    head = BASIC if call.query.get("basicInfo") else AGENT
    wanted = call.query.get("acdId")
    some = [row for row in agents(call) if wanted is None or row["person"]["acdServerId"] == wanted]
    return head, [[_cells(call, row)[name] for name in head] for row in some]


def _cells(call: Call, row: Row) -> dict[str, str]:
    person = row["person"]
    team = call.state.get("teams", str(person["groupId"]))
    return {
        "ACD ID": person["acdId"],
        "Active": str(row["active"]).upper(),
        "AgentID": str(row["id"]),
        "EmployeeNumber": row["employeeNumber"],
        "CompanyStartDate": row["companyStartDate"],
        "DepartmentStartDate": row["departmentStartDate"],
        "TerminationDate": "",
        "FirstName": person["firstName"],
        "LastName": person["lastName"],
        "MainTeam": team["name"] if team else "",
        "MultiskillGroupID": "1",
        "ReadOnly": "FALSE",
        "Services": ";".join(map(str, row["services"])),
        "Settings": f"/api/rest/scheduling/agent/{row['id']}/settings",
        "SkillMappings": ";".join(map(str, row["skillMappings"])),
        "Teams": str(person["groupId"]),
        "ServiceQueueID": str(row["services"][0]) if row["services"] else "",
        "WorkConditionProfileID": "1",
    }
