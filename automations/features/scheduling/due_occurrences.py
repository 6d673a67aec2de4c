"""Writes what is due: occurrences, evaluated at once, and the instants as processed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.features.scheduling.listening_spans import Span
from automations.features.scheduling.single_version import SingleVersionEvaluator
from automations.models.db import bulk_write
from automations.models.db.id_allocation import reserve
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.schedule_progress import Due
from automations.models.tables.shadow import ShadowDue
from automations.models.tables.store import Store
from automations.pipeline.evaluation.loop_guard import Limits
from automations.pipeline.evaluation.outbox import Outbox, Triggered
from automations.pipeline.records import current_records
from automations.pipeline.records.change import Cause
from automations.pipeline.records.record_kinds import Row

DUE_TABLE = Due.metadata.tables["due"]
SHADOW_DUE_TABLE = ShadowDue.metadata.tables["shadow_due"]
CAUSE = Cause("schedule", "the clock")
#: The log shows it: what is late is not late because of the worker.
CAUSE_LATE = Cause("schedule", "the clock, at once: the time was over when the date was set")

#: A record and the instant at which it is due.
Item = tuple[Row, dt.datetime]


def written(
    session: Session, span: Span, ids: Collection[int], low: dt.datetime, high: dt.datetime
) -> set[tuple[int, dt.datetime]]:
    """Return the (record, instant) pairs in (low, high] that are processed already."""
    table = _table(span)
    of_span = table.c.automation_id == span.live.automation_id
    if span.live.shadow_since:
        of_span = table.c.version_id == span.live.version_id
    query = sa.select(table.c.record_id, table.c.due_at).where(of_span, table.c.subject == span.subject)
    of_records = query.where(table.c.record_id.in_(ids))
    rows = session.execute(of_records.where(table.c.due_at > low, table.c.due_at <= high))
    return {(id, due_at) for id, due_at in rows}


def write_due(
    session: Session,
    span: Span,
    items: Sequence[Item],
    now: dt.datetime,
    only_fired: bool = False,
    cause: Cause = CAUSE,
    errors_once: bool = False,
) -> int:
    """Write one occurrence per item, or only for those that fire, and return how many. Call it inside
    `write()`.

    With `errors_once`, a version that cannot be evaluated on a record for a reason that is written already
    does not write it again.
    """
    if not items:
        return 0
    store = session.get_one(Store, span.store_id)
    custom = fields_of(session, store.id, removed=True).get(span.subject)
    evaluator = SingleVersionEvaluator(span.live, store.ruleset, now, span.zone, store.working_hours, custom)
    limits = Limits(session, store.id, span.subject, cause, now, {row["id"] for row, _ in items})
    outbox = Outbox(session, evaluator, store, span.subject, cause, now, limits)
    snapshots = current_records.snapshots(session, span.subject, store, [row for row, _ in items])
    dues = []
    told = _told(session, span, [row["id"] for row, _ in items]) if errors_once else frozenset()
    for (row, due_at), snapshot in zip(items, snapshots, strict=True):
        evaluated = evaluator.evaluate(OccurrenceFacts(span.subject, span.trigger, snapshot))
        if any((row["id"], each.error) in told for each in evaluated):
            continue
        if evaluated or not only_fired:
            outbox.add(row, snapshot, (Triggered(span.trigger, None, None),), [])
            dues.append(_due(span, row["id"], due_at))
    for due, occurrence_id in zip(dues, outbox.write(), strict=True):
        due["occurrence_id"] = occurrence_id
    insert(session, dues, _table(span))
    return len(dues)


def _told(session: Session, span: Span, ids: Collection[int]) -> frozenset[tuple[int, str | None]]:
    """Return the records and the reasons for which this version could not be evaluated on them before."""
    table = _table(span)
    of_occurrence = sa.and_(
        Evaluation.occurrence_id == table.c.occurrence_id, Evaluation.version_id == span.live.version_id
    )
    of_records = sa.and_(
        table.c.automation_id == span.live.automation_id,
        table.c.version_id == span.live.version_id,
        table.c.subject == span.subject,
        table.c.record_id.in_(ids),
        Evaluation.error.is_not(None),
    )
    told = sa.select(table.c.record_id, Evaluation.error).join_from(table, Evaluation, of_occurrence)
    return frozenset((id, error) for id, error in session.execute(told.where(of_records).distinct()))


def insert(session: Session, dues: Sequence[dict[str, Any]], table: sa.Table = DUE_TABLE) -> None:
    """Mark instants as processed."""
    for id, due in zip(reserve(session, table.name, len(dues)), dues, strict=True):
        due["id"] = id
    bulk_write.insert(session, table, dues)


def _table(span: Span) -> sa.Table:
    return SHADOW_DUE_TABLE if span.live.shadow_since else DUE_TABLE


def _due(span: Span, record_id: int, due_at: dt.datetime) -> dict[str, Any]:
    live = span.live
    whose = {"store_id": span.store_id, "automation_id": live.automation_id, "version_id": live.version_id}
    return whose | {"subject": span.subject, "record_id": record_id, "due_at": due_at}
