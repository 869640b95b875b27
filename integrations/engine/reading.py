"""The first half of a sync: ask for every mapped person's balances, and keep a plan.

Nothing is written yet.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

from django.db import transaction
from django.db.models import QuerySet

from integrations.connectors import PROVIDERS
from integrations.connectors.base import (
    Balance,
    KeyRefused,
    ProviderError,
    Throttled,
    Types,
    Unavailable,
    WrongDomain,
)
from integrations.destination import Account
from integrations.engine.planning import Known, plan_person, unit_note
from integrations.engine.step import Step
from integrations.failpoints import failpoint
from integrations.models import Link, Record, Sync, TypeMapping
from integrations.services.people import store_sources
from portal.runs.services import RunError

BATCH = 150  # people whose balances are kept in one go, and fetched again at most when a worker dies
READING = "Reading balances"
Asked = Future[list[Balance]] | None  # None: has left, so nobody is asked


def start(step: Step, sync: Sync) -> None:
    """Checks the mappings against the provider's types, and who is still there."""
    failpoint("reading_started")
    types = step.ask(step.connector.types)
    people = step.ask(lambda: list(step.connector.people()))
    with transaction.atomic():
        step.progress.report(0, links_of(sync).count(), READING)
        if stop_mappings(list(step.integration.mappings.all()), types):
            raise RunError("Every mapped time-off type is stopped. Open “Map time-off types” to see why.")
        store_sources(step.integration, people)
        there = links_of(sync).filter(source__is_present=True, source__is_leaver=False)
        sync.people, sync.phase = there.count(), Sync.Phase.READ
        sync.save(update_fields=["people", "phase"])
    failpoint("people_read")


def stop_mappings(mappings: Sequence[TypeMapping], types: Types) -> bool:
    """Stops those whose type has gone or changed its unit, lets the others run. True when none is left."""
    by_id = {one.id: one for one in types.types}
    for mapping in mappings:
        found, why = by_id.get(mapping.source_id), ""
        if found is None:
            why = f"{mapping.source_name} is not among the active time-off types any more."
        elif found.unit != mapping.source_unit:
            why = unit_note(mapping.source_name, found.unit, mapping.source_unit)
        if why != mapping.stopped:
            mapping.stopped = why
            mapping.save(update_fields=["stopped"])
    return all(mapping.stopped for mapping in mappings)


def read(step: Step, sync: Sync) -> None:
    """Plans batch after batch; the next one is asked for while one is being kept."""
    mappings = list(step.integration.mappings.all())
    total = links_of(sync).count()
    done = links_of(sync).filter(pk__lte=sync.cursor).count()
    ahead: deque[tuple[list[Link], list[Asked]]] = deque()
    for batch in _batches(sync):
        ahead.append((batch, [_ask(step, link) for link in batch]))
        if len(ahead) > 1:
            done = _keep(step, sync, mappings, *ahead.popleft(), done, total)
            step.check_time()
    while ahead:
        done = _keep(step, sync, mappings, *ahead.popleft(), done, total)


def links_of(sync: Sync) -> QuerySet[Link]:
    """The confirmed links this sync is about: all, or those of records that failed before."""
    links: QuerySet[Link] = Link.objects.filter(integration_id=sync.integration_id, is_confirmed=True)
    if sync.retry_of_id is not None:
        failed = Record.objects.filter(sync_id=sync.retry_of_id, outcome=Record.Outcome.FAILED)
        links = links.filter(pk__in=failed.values("link_id"))
    return links


def _batches(sync: Sync) -> Iterator[list[Link]]:
    last = sync.cursor
    while True:
        rows = links_of(sync).filter(pk__gt=last).select_related("source", "target").order_by("pk")
        batch = list(rows[:BATCH])
        if not batch:
            return
        last = batch[-1].pk
        yield batch


def _ask(step: Step, link: Link) -> Asked:
    if link.source.is_leaver or not link.source.is_present:
        return None
    return step.pool.submit(step.connector.balances, link.source.external_id)


def _keep(
    step: Step,
    sync: Sync,
    mappings: Sequence[TypeMapping],
    batch: Sequence[Link],
    asked: Sequence[Asked],
    done: int,
    total: int,
) -> int:
    known = _known(step, mappings, batch)
    answers = [None if one is None else _answer(step, one) for one in asked]
    _check_outage(answers)
    failpoint("balances_read")
    pairs, name = _pairs(sync, batch), PROVIDERS[step.integration.provider].name
    records = [
        record
        for link, answer in zip(batch, answers, strict=True)
        for record in plan_person(sync, link, mappings, answer, known, provider=name)
        if pairs is None or (record.link_id, record.mapping_id) in pairs
    ]
    done += len(batch)
    with transaction.atomic():
        step.progress.report(done, total, READING)
        Record.objects.bulk_create(records, batch_size=500)
        sync.cursor, sync.pauses = batch[-1].pk, 0
        sync.save(update_fields=["cursor", "pauses"])
    failpoint("plan_kept")
    return done


def _answer(step: Step, asked: Future[list[Balance]]) -> list[Balance] | ProviderError:
    """One person's fault is theirs alone; a refused key or a request for quiet is everybody's."""
    try:
        return step.wait(asked)
    except (KeyRefused, Throttled, WrongDomain):
        raise
    except ProviderError as error:
        return error


def _check_outage(answers: Sequence[object]) -> None:
    """Raises when more than half of at least five people got no answer: then it is no fault of theirs."""
    away = [one for one in answers if isinstance(one, Unavailable)]
    if len(away) >= 5 and len(away) * 2 > len(answers):
        raise away[0]


def _pairs(sync: Sync, batch: Sequence[Link]) -> set[tuple[int | None, int | None]] | None:
    """Of a retry: which balances of these people failed."""
    if sync.retry_of_id is None:
        return None
    failed = Record.objects.filter(
        sync_id=sync.retry_of_id, outcome=Record.Outcome.FAILED, link_id__in=[link.pk for link in batch]
    )
    return set(failed.values_list("link_id", "mapping_id"))


def _known(step: Step, mappings: Sequence[TypeMapping], batch: Sequence[Link]) -> Known:
    people = [link.target.external_id for link in batch]
    types = [mapping.target_id for mapping in mappings]
    found: list[Account] = step.tell(
        step.destination.accounts, people, types, on=step.integration.tenant.today()
    )
    accounts: dict[tuple[str, str], list[Account]] = defaultdict(list)
    for account in found:
        accounts[account.employee_id, account.type_id].append(account)
    return Known(accounts, step.tell(step.destination.balances, [account.id for account in found]))
