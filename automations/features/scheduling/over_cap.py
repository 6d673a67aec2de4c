"""Which records a manual run would do nothing for, because the automation's own limits hold them back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.scheduling.manual_run import Candidate
from automations.models.tables.automation import Version
from automations.models.tables.customer_merge import CustomerMerge
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.store import Store
from automations.pipeline.evaluation.frequency_caps import (
    HOUR,
    ONCE,
    customer_of,
    customer_words,
    hourly_words,
)
from automations.pipeline.records.record_kinds import KINDS


def over_cap(
    session: Session,
    store: Store,
    version: Version,
    candidates: Sequence[Candidate],
    now: dt.datetime,
    *,
    together: bool,
) -> dict[int, str]:
    """Return why those get nothing whom a limit holds back, by id; in a few statements for all of them.

    `together` says that all of them run at once: then they count against each other as well.
    """
    caps: Mapping[str, Any] = version.definition.get("caps") or {}
    days, limit = int(caps.get("once_per_customer_days") or 0), int(caps.get("per_hour") or 0)
    if not candidates or not (caps.get("once_per_record") or days or limit):
        return {}
    ids = [candidate.id for candidate in candidates]
    customers = {candidate.id: customer_of(version.subject, candidate.snapshot) for candidate in candidates}
    fired = sa.and_(Evaluation.automation_id == version.automation_id, Evaluation.outcome == "fired")
    ran = set(_records(session, store, version, ids, fired)) if caps.get("once_per_record") else set[int]()
    since = sa.and_(fired, Evaluation.at > now - dt.timedelta(days=days))
    had = set(_customers(session, store, version, customers, since)) if days else set[int]()
    last_hour = sa.select(sa.func.count(Evaluation.id)).where(fired, Evaluation.at > now - HOUR)
    left = limit - (session.scalar(last_hour) or 0) if limit else 0
    found: dict[int, str] = {}
    for id in sorted(ids):
        customer = customers[id]
        if id in ran:
            found[id] = ONCE
        elif customer in had and customer:
            found[id] = customer_words(days)
        elif limit and left <= 0:
            found[id] = hourly_words(limit)
        elif together:
            had |= {customer} if days and customer else set()
            left -= 1
    return found


def _records(
    session: Session, store: Store, version: Version, ids: Collection[int], fired: sa.ColumnElement[bool]
) -> Iterator[int]:
    """Yield those of the records for which it fired; a customer was also whom they were merged from."""
    now_is = {id: id for id in ids}
    if version.subject == "customer" and store.has_merged_customers:
        merged = sa.select(CustomerMerge.merged_id, CustomerMerge.customer_id)
        valid = sa.and_(CustomerMerge.customer_id.in_(ids), CustomerMerge.undone_at.is_(None))
        now_is |= dict(session.execute(merged.where(valid)).all())
    of = sa.and_(Occurrence.subject == version.subject, Occurrence.record_id.in_(now_is))
    query = sa.select(Occurrence.record_id).join(Evaluation, Evaluation.occurrence_id == Occurrence.id)
    for id in session.scalars(query.where(of, fired).distinct()):
        yield now_is[id]


def _customers(
    session: Session,
    store: Store,
    version: Version,
    customers: Mapping[int, int | None],
    fired: sa.ColumnElement[bool],
) -> Iterator[int]:
    """Yield those of the customers for whom it fired."""
    wanted = {customer for customer in customers.values() if customer}
    if version.subject == "customer":
        yield from _records(session, store, version, wanted, fired)
        return
    table = KINDS[version.subject].table
    query = sa.select(table.c.customer_id).join(Occurrence, Occurrence.record_id == table.c.id)
    query = query.join(Evaluation, Evaluation.occurrence_id == Occurrence.id)
    of = sa.and_(Occurrence.subject == version.subject, table.c.customer_id.in_(wanted))
    yield from session.scalars(query.where(of, fired).distinct())
