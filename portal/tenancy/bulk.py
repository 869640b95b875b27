"""Many invitations at once: a pasted list or a CSV file in, an outcome for every line out."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from portal.tenancy.errors import InviteRefused, TenancyError
from portal.tenancy.invitations import invite
from portal.tenancy.models import Role, Tenant, User

MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class Outcome:
    line: Line
    is_done: bool
    words: str


def pasted(text: str, role: str) -> list[Line]:
    """Addresses parted by line breaks, commas, semicolons or blanks; `Ada <ada@…>` is read too."""
    found = []
    for number, row in enumerate(text.splitlines(), 1):
        for piece in re.split(r"[,;]", row):
            inside = re.search(r"<([^<>]*)>", piece)
            words = [inside[1]] if inside else piece.split()
            found += [Line(number, word.strip(), role) for word in words if word.strip()]
    return found


def from_csv(text: str, role: str) -> list[Line]:
    """Raises TenancyError when the text is not CSV."""
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text.replace("\0", "")), delimiter=delimiter))
    except csv.Error:
        raise TenancyError("The file could not be read as CSV.") from None
    head = [cell.strip().casefold() for cell in rows[0]] if rows else []
    at = next(
        (place for place, name in enumerate(head) if name in ("email", "e-mail", "mail", "address")), None
    )
    role_at = head.index("role") if at is not None and "role" in head else None
    found = []
    for number, row in enumerate(rows, 1):
        if not any(cell.strip() for cell in row) or (number == 1 and at is not None):
            continue
        place = at or 0
        email = row[place].strip() if place < len(row) else ""
        own = row[role_at].strip().lower() if role_at is not None and role_at < len(row) else ""
        found.append(Line(number, email, own or role))
    return found


def invite_all(*, tenant: Tenant, lines: list[Line], by: User) -> list[Outcome]:
    """Each line on its own: a bad one does not stop the others. Raises TenancyError for too many."""
    if len(lines) > MOST_LINES:
        raise TenancyError(f"At most {MOST_LINES} addresses at once; these are {len(lines)}.")
    outcomes: list[Outcome] = []
    seen: set[str] = set()
    for line in lines:
        key = line.email.lower()
        if key in seen:
            outcomes.append(Outcome(line, False, "Is in this list twice."))
            continue
        seen.add(key)
        outcomes.append(_invite(tenant, line, by))
    return outcomes


def _invite(tenant: Tenant, line: Line, by: User) -> Outcome:
    try:
        made = invite(tenant=tenant, email=line.email, role=line.role, by=by)
    except InviteRefused as refused:
        return Outcome(line, False, str(refused))
    role = Role(line.role).label.lower()
    words = f"May sign in now, as {role}." if isinstance(made, User) else f"Invited as {role}."
    return Outcome(line, True, words)
