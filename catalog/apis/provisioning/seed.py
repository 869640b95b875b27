"""The organisation a fresh sandbox starts with, rebuilt the same for the same day."""

import random
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from catalog.apis.provisioning.rules import user_rules, work_type_rules

Row = dict[str, Any]

SEED = 20_261
UNASSIGNED = 6  # people without a team
ALWAYS_ONLINE = 3  # of each team, so that there is somebody to transfer to
LANGUAGES = {"Leeds": "18", "Dresden": "19", "Denver": "20"}  # site to the skill its people have
LEVELS = {2: ("low", "high"), 3: ("low", "medium", "high"), 5: ("lowest", "low", "medium", "high", "highest")}
MESSAGES = ("Welcome", 12), ("All agents are busy", 18), ("Calls are recorded", 9)
DATA = Path(__file__).parent / "data" / "organisation.yaml"


def rows(today: date) -> dict[str, list[Row]]:
    data, dice = _data(), random.Random(SEED)  # noqa: S311 - invented people, not secrets
    users = _Staff(data, dice, today).hire()
    teams = [_team(one, data["organization"]["id"], users) for one in data["teams"]]
    work_types = [_work_type(one, data, users, today) for one in data["workTypes"]]
    return {
        "organizations": [dict(data["organization"])],
        "users": users,
        "userRules": [user_rules(row, number) for number, row in enumerate(users)],
        "teams": teams,
        "workTypes": work_types,
        "workTypeRules": [work_type_rules(row) for row in work_types],
        "audioMessageLists": [_audio(row, today) for row in work_types],
        "workTypeGroups": [_thing("workTypeGroup", one) for one in data["workTypeGroups"]],
        **_handling(data, today),
        **_mail(data, today),
        "systemExternals": [_external(one, today) for one in data["systemExternals"]],
        "workHandlerStatusReasons": [
            _thing("workHandlerStatus", one, category=one["category"], active=None)
            for one in data["workHandlerStatusReasons"]
        ],
    }


@cache
def _data() -> Any:
    return yaml.safe_load(DATA.read_text(encoding="utf-8"))


def named(text: str, locale: str = "en-US") -> list[Row]:
    return [{"locale": locale, "value": text}]


def moment(today: date, days: int, clock: str = "09:00:00.000") -> str:
    """So many days before today."""
    return f"{today - timedelta(days=days)}T{clock}Z"


def _thing(kind: str, one: Row, **more: Any) -> Row:
    """What all entities have; a property given as None is left out."""
    row = {"active": one.get("active", True), "kind": f"via#{kind}", "id": one["id"]}
    row |= {"friendlyName": named(one["name"]), **more}
    return {name: value for name, value in row.items() if value is not None}


class _Staff:
    """Everybody of every team, then a few people without one."""

    def __init__(self, data: Row, dice: random.Random, today: date) -> None:
        self.data, self.dice, self.today = data, dice, today
        self.taken: set[str] = set()

    def hire(self) -> list[Row]:
        users: list[Row] = []
        for team in self.data["teams"]:
            for place in range(team["members"]):
                users.append(self._user(len(users), team, place))
        return [*users, *(self._user(len(users) + number, None, 0) for number in range(UNASSIGNED))]

    def _user(self, number: int, team: Row | None, place: int) -> Row:
        first, last = self._name()
        organization, key = (
            self.data["organization"]["id"],
            f"{0x192E14FAB + number * 4099:x}{17122 + number}",
        )
        online = self.dice.random() < 0.4
        row = {
            "kind": "via#user",
            "id": key,
            "user": f"{first}.{last}@meridian.example".lower().replace("'", ""),
            "userReference": {"organizationId": organization, "userId": key},
            "firstName": first,
            "lastName": last,
            "preferredName": named(f"{first} {last}"),
            "description": f"{'Team lead' if place == 0 else 'Agent'}, {team['site']}" if team else "Planner",
            "creationTime": moment(self.today, 400 + self.dice.randrange(1500), "08:12:30.250"),
            "lastModifiedTime": moment(self.today, 1 + self.dice.randrange(300), "16:41:07.500"),
            "version": 1 + self.dice.randrange(9),
            "active": place < 4 or self.dice.random() > 0.08,
        }
        if team:
            reference = {"organizationId": organization, "teamId": team["id"]}
            row["memberOf"] = {"teamReference": reference, "name": named(team["name"])}
        row |= {"_teamId": team and team["id"], "_isLead": bool(team) and place == 0}
        row["_online"] = row["active"] and (online or place <= ALWAYS_ONLINE)
        hidden = [{"id": "7KX2QD.107"}] if number % 3 == 0 else []
        return row | {"_hiddenWorkTypes": {"items": hidden}, "_skills": self._skills(number, team)}

    def _name(self) -> tuple[str, str]:
        while True:
            first, last = (
                self.dice.choice(self.data["first_names"]),
                self.dice.choice(self.data["last_names"]),
            )
            if f"{first} {last}" not in self.taken:
                self.taken.add(f"{first} {last}")
                return first, last

    def _skills(self, number: int, team: Row | None) -> Row:
        wanted = {LANGUAGES[team["site"]] if team else "18"}
        wanted |= set(self.dice.sample(["18", "21", "22", "23", "24"], number % 3))
        levels = {one["id"]: one["levels"] for one in self.data["skills"]}
        items = [{"id": one, "levelId": self.dice.choice(levels[one])} for one in sorted(wanted)]
        return {"version": 1, "items": items}


def _team(one: Row, organization: str, users: list[Row]) -> Row:
    members = [row for row in users if row["_teamId"] == one["id"]]
    owners = [row["id"] for row in members if row["_isLead"]] or [users[0]["id"]]
    return _thing(
        "team",
        one,
        teamReference={"organizationId": organization, "teamId": one["id"]},
        _memberIds=[row["id"] for row in members if not row["_isLead"]],
        _ownerIds=owners,
    )


def _work_type(one: Row, data: Row, users: list[Row], today: date) -> Row:
    direction = "outreach" if one["class"].startswith("Outreach") else "inbound"
    channel = one["class"].removeprefix("Inbound").removeprefix("Outreach").lower()
    handlers = [
        {"id": row["id"]}
        for team in one["handlers"]
        for row in users
        if row["_teamId"] == team and row["active"]
    ]
    changed, externals = moment(today, 20 + one["sla"] % 60), data["systemExternals"]
    types = {template["id"]: template["type"] for template in data["emailTemplates"]}
    templates = [
        {"id": key, **({"_acknowledges": True} if types[key] == "acknowledgement" else {})}
        for key in one.get("templates", ())
    ]
    return _thing(
        "workType",
        one,
        version=3,
        dispPlanId=one["plan"],
        channel={"channelType": channel},
        direction=direction,
        emailAddress=one.get("address", ""),
        dailyServiceLevel=direction == "outreach",
        workTypeClassification=f"{one['class']}WorkType",
        serviceLevelFormulaId="ServiceLevel1",
        serviceLevelWindow=30,
        shortCallInterval=5,
        serviceLevelThreshold=one["sla"],
        targetServiceLevelPercentage=80.0 if channel == "voice" else 92.5,
        workTypeGroupId=one["group"],
        state=one["state"],
        contactDataDefId=one["cdd"],
        transcriptionType="postcall" if channel == "voice" else "none",
        language=one.get("language", "en-US"),
        **_outreach(one, channel, direction),
        _queueType=one["queue"],
        _systemExternalIds=[row["id"] for row in externals[: one.get("externals", 0)]],
        _workHandlers={"lastModifiedTime": changed, "version": 3, "items": handlers},
        _emailTemplates={"lastModifiedTime": changed, "version": 2, "items": templates},
    )


def _outreach(one: Row, channel: str, direction: str) -> Row:
    if direction == "inbound":
        return {}
    found: Row = {
        "maxCallBackDays": one.get("callback", 0),
        "canCallBackWorkType": "callback" in one,
        "canCallBackSelf": "callback" in one,
        "mustDisplayPastCallBackWarning": True,
    }
    if channel == "sms":
        found |= {
            "defaultServiceProviderId": 7,
            "defaultServiceProviderAccountId": 12345,
            "defaultCallerId": 1,
            "serviceProviderShortCode": 12234456678,
            "vsn": "texts@meridian",
        }
    if channel == "email":
        found |= {"fromName": one["from"][0], "fromAddress": one["from"][1]}
    return found


def _audio(row: Row, today: date) -> Row:
    """Only voice work types play messages; the others have an empty list."""
    messages = MESSAGES if row["channel"]["channelType"] == "voice" else ()
    return {
        "_workTypeId": row["id"],
        "kind": "via#audioMessagesList",
        "lastModifiedTime": moment(today, 75),
        "version": 2,
        "audioMessages": [
            {
                "kind": "via#audiomessage",
                "id": str(53 + number),
                "language": row["language"],
                "duration": seconds,
                "friendlyName": named(text),
            }
            for number, (text, seconds) in enumerate(messages)
        ],
    }


def _handling(data: Row, today: date) -> dict[str, list[Row]]:
    """What is recorded of a contact, and what people can do."""
    return {
        "dispositions": [_disposition(one, today) for one in data["dispositions"]],
        "dispositionRoutingPlans": [
            _thing(
                "dispositionRoutingPlan", one, channels=_channels(one), _dispositionIds=one["dispositions"]
            )
            for one in data["dispositionRoutingPlans"]
        ],
        "contactDataDefReservedWords": [
            _thing("contactDataDefReservedWord", one, channel={"channelType": one["channel"]}, active=None)
            for one in data["contactDataDefReservedWords"]
        ],
        "contactDataDefs": [_contact_data_def(one) for one in data["contactDataDefs"]],
        "skills": [_thing("skill", one, skillLevels=_levels(one)) for one in data["skills"]],
    }


def _channels(one: Row) -> list[Row]:
    return [{"channelType": channel} for channel in one["channels"]]


def _disposition(one: Row, today: date) -> Row:
    return _thing(
        "disposition",
        one,
        sourceKey=one["id"].replace("_", ".").split(".")[-1],
        description=f"{one['name']}, chosen by {'agents' if one.get('own') else 'the system'}",
        creationTime=moment(today, 900),
        lastModifiedTime=moment(today, 90),
        version=2,
        dispositionCode=one["code"],
        dispositionType="userDefined" if one.get("own") else "systemDefined",
        contactClass=one.get("contact", "livePerson"),
        channels=_channels(one),
        attributes={
            "reporting": ["contact"] if one.get("own") else ["abandon"],
            "callOutcome": [one["outcome"]],
            "routing": one["routing"],
        },
    )


def _contact_data_def(one: Row) -> Row:
    details = [
        {
            "kind": "via#contactDataDefDetails",
            "contactDataDefReservedWordId": word,
            "readOnly": read_only,
            "fieldOrder": place,
            "label": label,
            "maskType": mask,
            "maskSize": size,
        }
        for place, (word, label, read_only, mask, size) in enumerate(one["fields"], start=1)
    ]
    listed = {"kind": "via#contactDataDefDetailCollection", "details": details, "totalItems": len(details)}
    return _thing(
        "contactDataDef",
        one,
        active=None,
        channel={"channelType": one["channel"]},
        description=f"What agents see of a contact: {one['name']}",
        version=2,
        contactDataDefDetail=[listed],
    )


def _levels(one: Row) -> list[Row]:
    priorities = LEVELS[len(one["levels"])]
    return [
        {"kind": "via#skillLevel", "id": key, "friendlyName": named(word.title()), "levelPriority": word}
        for key, word in zip(one["levels"], priorities, strict=True)
    ]


def _mail(data: Row, today: date) -> dict[str, list[Row]]:
    changed = moment(today, 40, "11:05:00.000")
    return {
        "signatures": [
            _thing("signature", one, contents=one["contents"], lastModifiedTime=changed, version=2)
            for one in data["signatures"]
        ],
        "emailTemplates": [
            _thing(
                "emailTemplate",
                one,
                subject=one["subject"],
                body=one["body"],
                templateType=one["type"],
                signatureId=one["signature"],
                lastModifiedTime=changed,
                version=2,
            )
            for one in data["emailTemplates"]
        ],
    }


def _external(one: Row, today: date) -> Row:
    return _thing(
        "systemExternal",
        one,
        creationTime=moment(today, 700),
        lastModifiedTime=moment(today, 55),
        version=2,
        systemExternal=one["number"],
    )
