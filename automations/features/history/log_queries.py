"""Queries of the log, each by key through the index that fits the filter: record, trigger or outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from automations.engine.fields.subjects import SUBJECTS
from automations.features.figures import outcomes
from automations.features.figures.standings import of_waiting, rank_of, rank_of_run
from automations.features.history.id_by_date import id_range
from automations.features.history.log_filter import LogFilter, OccurrencePage
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import (
    CANCELLED,
    FAILED,
    HELD,
    QUEUED,
    RUNNING,
    SKIPPED,
    SUCCEEDED,
    UNKNOWN,
    WAITING,
    Run,
)
from automations.pipeline.records.record_kinds import KINDS

#: The states of the runs that may have an outcome; what waits has one of several.
_STATES = {
    outcomes.SENT: (SUCCEEDED,),
    outcomes.WAITING: (WAITING, QUEUED, RUNNING),
    outcomes.SKIPPED: (SKIPPED,),
    outcomes.HELD: (HELD, WAITING),
    outcomes.FAILING: (WAITING,),
    outcomes.FAILED: (FAILED,),
    outcomes.UNKNOWN: (UNKNOWN,),
    outcomes.DROPPED: (CANCELLED,),
}


def occurrences(
    session: Session,
    store_id: int,
    filters: LogFilter,
    before: int | None,
    limit: int,
    pairs: Sequence[tuple[str, str]] = (),
) -> OccurrencePage:
    """Return the store's occurrences, newest first, whatever their outcome; `pairs` are (subject,
    trigger).
    """
    query = sa.select(Occurrence.id).where(Occurrence.store_id == store_id)
    query = _between(query, session, _dated(Occurrence, store_id), Occurrence.id, filters)
    if before is not None:
        query = query.where(Occurrence.id < before)
    if filters.number:
        records = records_numbered(session, store_id, filters)
        parts = [query.where(Occurrence.subject == name, Occurrence.record_id == id) for name, id in records]
    else:
        wanted = pairs or [(filters.subject, trigger) for trigger in _triggers(filters.subject)]
        parts = [query.where(Occurrence.subject == name, Occurrence.trigger == key) for name, key in wanted]
        parts = parts if wanted else [query]
    ids = _newest(session, parts, Occurrence.id, limit + 1)
    return _found(session, ids[:limit], ids[limit - 1] if len(ids) > limit else None)


def evaluated(
    session: Session, store_id: int, filters: LogFilter, before: int | None, limit: int
) -> OccurrencePage:
    """Return the occurrences with an evaluation of the wanted outcome, read through the evaluations."""
    with_outcome = sa.and_(Evaluation.store_id == store_id, Evaluation.outcome == filters.outcome)
    query = sa.select(Evaluation.id).where(with_outcome)
    if filters.automation_id:
        query = query.where(Evaluation.automation_id == filters.automation_id)
    query = _of_occurrence(query, session, store_id, filters, Evaluation.occurrence_id)
    query = _between(query, session, _dated(Evaluation, store_id), Evaluation.id, filters)
    if before is not None:
        query = query.where(Evaluation.id < before)
    ids = _newest(session, [query], Evaluation.id, limit + 1)
    of = sa.select(Evaluation.occurrence_id).where(Evaluation.id.in_(ids[:limit])).distinct()
    return _found(session, session.scalars(of).all(), ids[limit - 1] if len(ids) > limit else None)


def acted(
    session: Session, store_id: int, filters: LogFilter, before: int | None, limit: int
) -> OccurrencePage:
    """Return the occurrences on which something fired with the wanted outcome, read through the runs."""
    parts = []
    for outcome, state in _states(filters.outcome):
        query = sa.select(Run.id).where(Run.store_id == store_id, Run.state == state, _is_worst(outcome))
        query = query.where(of_waiting(outcome)) if WAITING in _STATES[outcome] else query
        if filters.automation_id or filters.number or filters.subject or filters.since or filters.until:
            query = query.join(Evaluation, Evaluation.id == Run.evaluation_id)
        if filters.automation_id:
            query = query.where(Evaluation.automation_id == filters.automation_id)
        query = _of_occurrence(query, session, store_id, filters, Evaluation.occurrence_id)
        query = query.where(*_instants(Evaluation.at, filters))
        parts.append(query.where(Run.id < before) if before is not None else query)
    ids = _newest(session, parts, Run.id, limit + 1)
    evaluations = sa.select(Run.evaluation_id).where(Run.id.in_(ids[:limit]))
    of = sa.select(Evaluation.occurrence_id).where(Evaluation.id.in_(evaluations)).distinct()
    return _found(session, session.scalars(of).all(), ids[limit - 1] if len(ids) > limit else None)


def _states(outcome: str) -> list[tuple[str, str]]:
    """Return the outcomes that are meant, each with each state that a run of it may be in."""
    meant = outcomes.GOES_WRONG if outcome == outcomes.WRONG else (outcome,)
    return [(one, state) for one in meant for state in _STATES[one]]


def _is_worst(outcome: str) -> sa.ColumnElement[bool]:
    """Whether no run of the same evaluation is worse than one of `outcome`, or as bad and earlier."""
    other = aliased(Run)
    rank = rank_of_run(other)
    before = sa.and_(rank == rank_of(outcome), other.id < Run.id)
    return ~sa.exists().where(
        other.evaluation_id == Run.evaluation_id, sa.or_(rank > rank_of(outcome), before)
    )


def records_numbered(session: Session, store_id: int, filters: LogFilter) -> list[tuple[str, int]]:
    """Return the (subject, id) of every record with the wanted number, of one subject if the filter names
    one.
    """
    records: list[tuple[str, int]] = []
    for name, kind in KINDS.items():
        if filters.subject in ("", name):
            query = sa.select(kind.table.c.id).where(kind.table.c.store_id == store_id)
            ids = session.scalars(query.where(kind.table.c.number == filters.number.strip()))
            records += [(name, id) for id in ids]
    return records


def _triggers(subject: str) -> list[str]:
    kind = SUBJECTS.get(subject)
    # Not every occurrence is a trigger: "created" of a customer and any "changed" are in the log too.
    return list(dict.fromkeys([*kind.triggers, "created", "changed"])) if kind else []


def _of_occurrence(
    query: sa.Select[int], session: Session, store_id: int, filters: LogFilter, column: Any
) -> sa.Select[int]:
    if not filters.number and not filters.subject:
        return query
    query = query.join(Occurrence, Occurrence.id == column)
    if not filters.number:
        return query.where(Occurrence.subject == filters.subject)
    records = records_numbered(session, store_id, filters)
    same = [sa.and_(Occurrence.subject == name, Occurrence.record_id == id) for name, id in records]
    return query.where(sa.or_(sa.false(), *same))


def _dated(table: Any, store_id: int) -> sa.Select[*tuple[Any, ...]]:
    # Evaluations have no index of store and id: SQLite would sort all of the store's for each step.
    store = table.store_id + 0 if table is Evaluation else table.store_id
    return sa.select(table.id, table.at).where(store == store_id)


def _between(
    query: sa.Select[int], session: Session, rows: sa.Select[*tuple[Any, ...]], key: Any, filters: LogFilter
) -> sa.Select[int]:
    ids = id_range(session, rows, key, filters.since, filters.until)
    if ids is None:
        return query
    at = Evaluation.at if key is Evaluation.id else Occurrence.at
    return query.where(key.between(*ids), *_instants(at, filters))


def _instants(at: Any, filters: LogFilter) -> list[sa.ColumnElement[bool]]:
    bounds = [at >= filters.since] if filters.since else []
    return [*bounds, at < filters.until] if filters.until else bounds


def _newest(session: Session, parts: Sequence[sa.Select[int]], key: Any, limit: int) -> list[int]:
    """Return the highest ids of several queries. Each is limited first, so that each walks its own index."""
    if not parts:
        return []
    if len(parts) == 1:
        return list(session.scalars(parts[0].order_by(key.desc()).limit(limit)))
    limited = [part.order_by(key.desc()).limit(limit).subquery() for part in parts]
    together = sa.union_all(*(sa.select(query.c.id) for query in limited)).subquery()
    return list(session.scalars(sa.select(together.c.id).order_by(together.c.id.desc()).limit(limit)))


def _found(session: Session, ids: Sequence[int], next: int | None) -> OccurrencePage:
    query = sa.select(Occurrence).where(Occurrence.id.in_(ids)).order_by(Occurrence.id.desc())
    return OccurrencePage(tuple(session.scalars(query)) if ids else (), next)
