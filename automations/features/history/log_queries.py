"""Queries of the log, each by key through the index that fits the filter: record, trigger or outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from automations.engine.fields.subjects import SUBJECTS
from automations.features.figures import outcomes
from automations.features.figures.standings import FIRED, rank_of, rank_of_run
from automations.features.history.id_by_date import id_range
from automations.features.history.log_filter import LogFilter, OccurrencePage
from automations.features.history.log_walk import LogWalk, newest_ids
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
    outcomes.STAYED: (SUCCEEDED,),
    outcomes.DONE: (SUCCEEDED,),
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
    by_hand: Sequence[tuple[str, str]] = (),
) -> OccurrencePage:
    """Return the store's occurrences, newest first, whatever their outcome.

    `pairs` are (subject, trigger); of those of `by_hand`, campaigns are left out, which are many and began
    no other automation.
    """
    query = sa.select(Occurrence.id).where(Occurrence.store_id == store_id)
    query = query.where(*_instants(Occurrence.at, filters))
    [query] = _between([query], session, _dated(Occurrence, store_id), Occurrence.id, filters)
    if before is not None:
        query = query.where(Occurrence.id < before)
    if filters.number:
        records = records_numbered(session, store_id, filters)
        parts = [query.where(Occurrence.subject == name, Occurrence.record_id == id) for name, id in records]
    else:
        wanted = pairs or [(filters.subject, trigger) for trigger in _triggers(filters.subject)]
        parts = [query.where(Occurrence.subject == name, Occurrence.trigger == key) for name, key in wanted]
        parts = parts if wanted else [query]
        not_sent = query.where(Occurrence.cause_kind != "campaign")
        parts += [
            not_sent.where(Occurrence.subject == name, Occurrence.trigger == key) for name, key in by_hand
        ]
    ids = newest_ids(session, parts, Occurrence.id, limit + 1)
    return _found(session, ids[:limit], ids[limit - 1] if len(ids) > limit else None)


def evaluated(
    session: Session, store_id: int, filters: LogFilter, before: int | None, limit: int
) -> OccurrencePage:
    """Return the occurrences with an evaluation of the wanted outcome, read through the evaluations."""
    with_outcome = sa.and_(Evaluation.store_id == store_id, Evaluation.outcome == filters.outcome)
    parts = _evaluations_of(session, store_id, filters) or [sa.select(Evaluation.id).where(with_outcome)]
    conditions = [Evaluation.outcome == filters.outcome, *_of_evaluation(session, store_id, filters)]
    walk = LogWalk(
        _between(parts, session, _dated(Evaluation, store_id), Evaluation.id, filters), Evaluation.id
    )
    return _walked(session, walk, sa.select(Evaluation.id).where(*conditions), before, limit)


def acted(
    session: Session, store_id: int, filters: LogFilter, before: int | None, limit: int
) -> OccurrencePage:
    """Return the occurrences on which something fired with the wanted outcome.

    Those of one automation or record are read through their evaluations, all others through the runs.
    """
    conditions = _of_evaluation(session, store_id, filters)
    meant = outcomes.GOES_WRONG if filters.outcome == outcomes.WRONG else (filters.outcome,)
    if (parts := _evaluations_of(session, store_id, filters)) is not None:
        worst = sa.select(sa.func.max(rank_of_run())).where(Run.evaluation_id == Evaluation.id)
        conditions.append(worst.scalar_subquery().in_([rank_of(one) for one in meant]))
        parts = _between(parts, session, _dated(Evaluation, store_id), Evaluation.id, filters)
        query = sa.select(Evaluation.id).where(Evaluation.outcome == FIRED, *conditions)
        return _walked(session, LogWalk(parts, Evaluation.id), query, before, limit)
    states = dict.fromkeys(state for one in meant for state in _STATES[one])
    parts = [sa.select(Run.id).where(Run.store_id == store_id, Run.state == state) for state in states]
    # Runs of all stores are written in order of time, as their evaluations are.
    dated = sa.select(Run.id, Evaluation.at).join(Evaluation, Evaluation.id == Run.evaluation_id)
    walk = LogWalk(_between(parts, session, dated, Run.id, filters), Run.id)
    query = sa.select(Run.id).where(sa.or_(*(_is_worst(one) for one in meant)))
    if conditions:
        query = query.join(Evaluation, Evaluation.id == Run.evaluation_id).where(*conditions)
    return _walked(session, walk, query, before, limit)


def _evaluations_of(session: Session, store_id: int, filters: LogFilter) -> list[sa.Select[int]] | None:
    """Select the evaluations of the record or the automation that is meant, if one is, to walk through."""
    if filters.number:
        of_store = sa.select(Occurrence.id).where(Occurrence.store_id == store_id)
        records = records_numbered(session, store_id, filters)
        logs = [
            of_store.where(Occurrence.subject == name, Occurrence.record_id == id) for name, id in records
        ]
        return [sa.select(Evaluation.id).where(Evaluation.occurrence_id.in_(log)) for log in logs]
    if filters.automation_id:
        of_it = sa.and_(Evaluation.store_id == store_id, Evaluation.automation_id == filters.automation_id)
        return [sa.select(Evaluation.id).where(of_it)]
    return None


def _of_evaluation(session: Session, store_id: int, filters: LogFilter) -> list[sa.ColumnElement[bool]]:
    """Return what an evaluation has to be, whatever way led to it."""
    conditions = _instants(Evaluation.at, filters)
    if filters.automation_id:
        conditions.append(Evaluation.automation_id == filters.automation_id)
    if filters.subject and not filters.number:
        of = sa.select(Occurrence.subject).where(Occurrence.id == Evaluation.occurrence_id)
        conditions.append(of.scalar_subquery() == filters.subject)
    return conditions


def _walked(
    session: Session, walk: LogWalk, wanted: sa.Select[int], before: int | None, limit: int
) -> OccurrencePage:
    found = walk.take(session, wanted, before, limit)
    evaluations: Any = found.ids
    if walk.key is Run.id:
        evaluations = sa.select(Run.evaluation_id).where(Run.id.in_(found.ids))
    of = sa.select(Evaluation.occurrence_id).where(Evaluation.id.in_(evaluations)).distinct()
    page = _found(session, session.scalars(of).all() if found.ids else (), found.next)
    if not found.stopped:
        return page
    at = sa.select(Evaluation.at)
    if walk.key is Run.id:
        at = at.join(Run, Run.evaluation_id == Evaluation.id)
    return replace(page, looked_to=session.scalar(at.where(walk.key == found.next)))


@cache
def _is_worst(outcome: str) -> sa.ColumnElement[bool]:
    """Whether a run has the outcome and no run of the same evaluation is worse, or as bad and earlier."""
    other = aliased(Run)
    rank = rank_of_run(other)
    before = sa.and_(rank == rank_of(outcome), other.id < Run.id)
    worse = sa.exists().where(
        other.evaluation_id == Run.evaluation_id, sa.or_(rank > rank_of(outcome), before)
    )
    return sa.and_(rank_of_run() == rank_of(outcome), ~worse)


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


def _dated(table: Any, store_id: int) -> sa.Select[*tuple[Any, ...]]:
    # Evaluations have no index of store and id: SQLite would sort all of the store's for each step.
    store = table.store_id + 0 if table is Evaluation else table.store_id
    return sa.select(table.id, table.at).where(store == store_id)


def _between(
    parts: Sequence[sa.Select[int]],
    session: Session,
    rows: sa.Select[*tuple[Any, ...]],
    key: Any,
    filters: LogFilter,
) -> list[sa.Select[int]]:
    """Return the queries for the ids that the filter's dates leave; the instants are still to be compared."""
    ids = id_range(session, rows, key, filters.since, filters.until)
    return [part if ids is None else part.where(key.between(*ids)) for part in parts]


def _instants(at: Any, filters: LogFilter) -> list[sa.ColumnElement[bool]]:
    bounds = [at >= filters.since] if filters.since else []
    return [*bounds, at < filters.until] if filters.until else bounds


def _found(session: Session, ids: Sequence[int], next: int | None) -> OccurrencePage:
    query = sa.select(Occurrence).where(Occurrence.id.in_(ids)).order_by(Occurrence.id.desc())
    return OccurrencePage(tuple(session.scalars(query)) if ids else (), next)
