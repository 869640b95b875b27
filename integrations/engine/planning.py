"""What one person's balances would become: pure decisions, no questions to anybody."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from integrations.amounts import Unreadable, convert
from integrations.connectors.base import Balance, Gone, Kind
from integrations.destination import Account
from integrations.models import Link, Record, Sync, TypeMapping, Unit

Outcome, Step = Record.Outcome, Record.Step


@dataclass(frozen=True, slots=True)
class Known:
    """What the workforce API holds for a batch of people."""

    accounts: Mapping[tuple[str, str], Sequence[Account]]  # by employee and account type
    balances: Mapping[str, Decimal]  # by account


def plan_person(
    sync: Sync,
    link: Link,
    mappings: Sequence[TypeMapping],
    answer: Sequence[Balance] | Exception | None,
    known: Known,
    *,
    provider: str,
) -> Iterator[Record]:
    """One record per mapping; one in all for somebody who has left. `answer` None: nobody was asked."""
    if answer is None:
        reason = f"Has left, or is not listed in {provider} any more."
        yield _record(sync, link, None, Outcome.SKIPPED, reason=reason)
        return
    for mapping in mappings:
        if mapping.stopped:
            yield _record(sync, link, mapping, Outcome.SKIPPED, reason=mapping.stopped)
        elif isinstance(answer, Exception):
            outcome = Outcome.SKIPPED if isinstance(answer, Gone) else Outcome.FAILED
            yield _record(sync, link, mapping, outcome, reason=str(answer))
        else:
            balance = next((one for one in answer if one.type_id == mapping.source_id), None)
            yield _plan(sync, link, mapping, balance, known, provider)


def _plan(
    sync: Sync, link: Link, mapping: TypeMapping, balance: Balance | None, known: Known, provider: str
) -> Record:
    if balance is None:
        return _record(sync, link, mapping, Outcome.SKIPPED, reason=f"Not one of their types in {provider}.")
    if balance.kind is not Kind.VALUE or balance.amount is None:
        outcome = Outcome.SKIPPED if balance.kind is Kind.NONE else Outcome.FAILED
        return _record(sync, link, mapping, outcome, balance, reason=balance.note)
    accounts = known.accounts.get((link.target.external_id, mapping.target_id), ())
    if len(accounts) != 1:
        outcome = Outcome.FAILED if accounts else Outcome.SKIPPED
        return _record(sync, link, mapping, outcome, balance, reason=_about_accounts(len(accounts), mapping))
    account = accounts[0]
    if account.unit != mapping.unit:
        reason = f"The account is counted in {account.unit}, the mapping in {mapping.unit}."
        return _record(sync, link, mapping, Outcome.FAILED, balance, reason=reason)
    try:
        new = convert(
            balance.amount, unit=balance.unit, into=mapping.unit, hours_per_day=mapping.hours_per_day
        )
    except Unreadable as error:
        return _record(sync, link, mapping, Outcome.FAILED, balance, reason=str(error))
    return _change(_record(sync, link, mapping, Outcome.UNCHANGED, balance), account, known, new)


def _about_accounts(count: int, mapping: TypeMapping) -> str:
    if count:
        return f"Has {count} accounts “{mapping.target_name}” today; which one is meant cannot be told."
    return f"Has no account “{mapping.target_name}” in the workforce API today."


def _change(record: Record, account: Account, known: Known, new: Decimal) -> Record:
    record.account_id, record.old, record.new = account.id, known.balances.get(account.id), new
    if record.old != new:
        record.outcome = Outcome.CREATE if record.old is None else Outcome.UPDATE
        record.step = Step.PLANNED
    return record


def _record(
    sync: Sync,
    link: Link,
    mapping: TypeMapping | None,
    outcome: str,
    balance: Balance | None = None,
    *,
    reason: str = "",
) -> Record:
    return Record(
        tenant_id=sync.tenant_id,
        sync=sync,
        link=link,
        mapping=mapping,
        person=str(link.source)[:250],
        type_name=mapping.target_name if mapping else "",
        outcome=outcome,
        unit=mapping.unit if mapping else "",
        raw=balance.raw if balance else "",
        raw_unit=balance.raw_unit if balance else "",
        as_of=balance.as_of if balance else None,
        reason=reason[:200],
        key=f"hris-{secrets.token_hex(12)}",
    )


def unit_note(name: str, now: str, then: str) -> str:
    """Why a mapping is stopped when the provider's unit is no longer the mapped one."""
    return (
        f"{name} is counted in {Unit(now).label.lower()} now, in {Unit(then).label.lower()} when it "
        f"was mapped."
    )
