"""What will run next, for which record and when: waiting runs, and the scan's own query into the future."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.engine.fields.subject import Field, Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.calendar import next_times
from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.engine.rules.rule import Rule, Trigger
from automations.engine.rules.trigger_schedule import Scheduled, schedule_from
from automations.features.history.log_phrases import record_words
from automations.features.scheduling import due_occurrences, sql_prefilter
from automations.features.scheduling.due_columns import DueQuery, NoColumn
from automations.features.scheduling.listening_spans import Span, live_spans
from automations.features.scheduling.single_version import SingleVersionEvaluator
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import WAITING, Run
from automations.models.tables.store import Store
from automations.pipeline.evaluation.evaluate import LiveVersion
from automations.pipeline.records import current_records
from automations.pipeline.records.record_kinds import KINDS

#: How far ahead to look.
AHEAD = dt.timedelta(days=60)
#: Records considered for one schedule, whether or not its conditions hold.
LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One upcoming action of an automation for a record. `run_id` is None until the run is written.

    Without a record it is the next time of a schedule, for `count` records as they are now.
    """

    at: dt.datetime
    automation_id: int
    automation: str
    action: str
    subject: str
    record_id: int | None
    record: str
    run_id: int | None = None
    count: int = 1


def upcoming(
    session: Session, store: Store, automation: Automation | None = None, limit: int = 50, *, now: dt.datetime
) -> list[Upcoming]:
    """Return the next `limit` actions, soonest first; those not written yet are evaluated on the records as
    they are now.
    """
    automation_id = automation.id if automation else None
    actions = _waiting(session, store, automation_id, limit)
    names = live_versions(session, store)
    for span in live_spans(session, store.id, automation_id):
        actions += _ahead(session, store, span, names[span.live.automation_id], now, limit)
    return heapq.nsmallest(limit, actions, key=lambda action: (action.at, action.record_id or 0))


def written(session: Session, store: Store, limit: int) -> list[Upcoming]:
    """Return the next `limit` actions that wait for their time, soonest first."""
    return _waiting(session, store, None, limit)


def next_firings(
    trigger: Mapping[str, Any],
    subject: str,
    store: Store,
    now: dt.datetime,
    count: int = 3,
    *,
    session: Session,
) -> list[dt.datetime]:
    """Return when a draft's trigger would next be due, for a schedule or for any record as it is now.

    `trigger` is valid rule data; triggers that do not wait for a time yield nothing.
    """
    kind = SUBJECTS[subject].triggers.get(str(trigger.get("key")))
    schedule = schedule_from(kind.schedule, trigger.get("schedule")) if kind else None
    if schedule is None:
        return []
    zone = ZoneInfo(store.timezone)
    if isinstance(schedule, Scheduled):
        return next_times(schedule, now, zone, count)
    live = LiveVersion(0, 0, Rule(0, subject, Trigger(str(trigger["key"]), schedule=schedule)), ())
    span = Span(0, store.id, subject, str(trigger["key"]), live, zone, now, None, now, on=True)
    instants = sorted({at for at, _ in _due(session, DueQuery.of(span), now)})
    return instants[:count]


def _waiting(session: Session, store: Store, automation_id: int | None, limit: int) -> list[Upcoming]:
    query = sa.select(Run, Version, Occurrence).join(Run.evaluation).join(Evaluation.version)
    query = query.join(Evaluation.occurrence).where(Run.store_id == store.id, Run.state == WAITING)
    query = query.where(Run.prepared.is_(None))
    if automation_id is not None:
        query = query.where(Evaluation.automation_id == automation_id)
    rows = session.execute(query.order_by(Run.due_at, Run.id).limit(limit)).all()
    words = StoreWords(session, store)
    return [_of_run(run, version, occurrence, words) for run, version, occurrence in rows]


def _of_run(run: Run, version: Version, occurrence: Occurrence, words: StoreWords) -> Upcoming:
    return Upcoming(
        at=run.due_at,
        automation_id=version.automation_id,
        automation=version.name,
        action=summary_of(version.definition["actions"][run.position], words.subject(version.subject), words),
        subject=occurrence.subject,
        record_id=occurrence.record_id,
        record=record_words(occurrence.subject, occurrence.snapshot),
        run_id=run.id,
    )


def _ahead(
    session: Session, store: Store, span: Span, version: Version, now: dt.datetime, limit: int
) -> list[Upcoming]:
    if isinstance(span.schedule, Scheduled):
        return _next_time(session, store, span, span.schedule, version, now)
    try:
        due = _due(session, DueQuery.of(span), now)
    except NoColumn:
        return []
    planned: list[Upcoming] = []
    for chunk in iter(lambda: list(islice(due, 100)), []):
        planned += _that_hold(session, store, span, version, chunk)
        if len(planned) >= limit:
            break
    return planned


def _due(session: Session, watch: DueQuery, now: dt.datetime) -> Iterator[tuple[dt.datetime, int]]:
    """Return (instant, record) pairs that will be due, soonest first."""
    until = now + AHEAD
    ids = {id for page in watch.soonest(session, now, until, LOOKED_AT) for id in page}
    rows = current_records.rows_of(session, watch.span.subject, watch.span.store_id, ids)
    processed = due_occurrences.written(session, watch.span, ids, now, until)
    due = ((at, row["id"]) for row in rows for at in watch.instants(row, now, until))
    return iter(sorted((at, id) for at, id in due if (id, at) not in processed))


def _that_hold(
    session: Session, store: Store, span: Span, version: Version, due: Sequence[tuple[dt.datetime, int]]
) -> list[Upcoming]:
    actions, planned = _actions(version, StoreWords(session, store)), []
    for at, id, snapshot in holding(session, store, span, due):
        record = record_words(span.subject, snapshot)
        planned += [_planned(span, version, at, action, id, record) for action in actions]
    return planned


def holding(
    session: Session, store: Store, span: Span, due: Sequence[tuple[dt.datetime, int]]
) -> list[tuple[dt.datetime, int, dict[str, Any]]]:
    """Return those of the (instant, record) pairs at which the version would fire, each with a snapshot."""
    rows = current_records.rows_of(session, span.subject, store.id, {id for _, id in due})
    custom = _custom(session, span)
    snapshots = {
        snapshot["id"]: snapshot for snapshot in current_records.snapshots(session, span.subject, store, rows)
    }
    kept = []
    for at, id in due:
        occurrence = OccurrenceFacts(span.subject, span.trigger, snapshots[id])
        if _evaluator(store, span, at, custom).evaluate(occurrence):
            kept.append((at, id, snapshots[id]))
    return kept


def _next_time(
    session: Session, store: Store, span: Span, schedule: Scheduled, version: Version, now: dt.datetime
) -> list[Upcoming]:
    """Return the next time of a schedule, with the number of records it would fire for now."""
    table = KINDS[span.subject].table
    clauses = sql_prefilter.clauses(span.live.rule, table)
    ids = sa.select(table.c.id).where(table.c.store_id == store.id, *clauses).order_by(table.c.id)
    rows = current_records.rows_of(
        session, span.subject, store.id, session.scalars(ids.limit(LOOKED_AT)).all()
    )
    planned, custom = [], _custom(session, span)
    for at in next_times(schedule, now, span.zone, 1):
        evaluator = _evaluator(store, span, at, custom)
        occurrences = (
            OccurrenceFacts(span.subject, span.trigger, snapshot)
            for snapshot in current_records.snapshots(session, span.subject, store, rows)
        )
        count = sum(bool(evaluator.evaluate(occurrence)) for occurrence in occurrences)
        for action in _actions(version, StoreWords(session, store)):
            planned.append(_planned(span, version, at, action, None, _counted(span.subject, count), count))
    return planned


def _evaluator(
    store: Store, span: Span, at: dt.datetime, custom: Mapping[str, Field] | None
) -> SingleVersionEvaluator:
    return SingleVersionEvaluator(span.live, store.ruleset, at, span.zone, store.working_hours, custom)


def _custom(session: Session, span: Span) -> Mapping[str, Field] | None:
    return fields_of(session, span.store_id, removed=True).get(span.subject)


def _planned(
    span: Span, version: Version, at: dt.datetime, action: str, id: int | None, record: str, count: int = 1
) -> Upcoming:
    live = span.live
    return Upcoming(at, live.automation_id, version.name, action, span.subject, id, record, None, count)


def live_versions(session: Session, store: Store) -> dict[int, Version]:
    """Return the live versions of the store by the id of their automation."""
    active = sa.select(Version).join(Automation, Automation.active_version_id == Version.id)
    return {
        automation.automation_id: automation
        for automation in session.scalars(active.where(Automation.store_id == store.id))
    }


def _actions(version: Version, words: StoreWords) -> list[str]:
    subject = words.subject(version.subject)
    return [summary_of(action, subject, words) for action in version.definition["actions"]]


def summary_of(action: Mapping[str, Any], subject: Subject, words: StoreWords) -> str:
    """Return what an action of a version does, as a phrase: "email the customer"."""
    kind = ACTIONS.get(action["kind"])
    if kind is None:
        return str(action["kind"])
    return kind.summary_for(kind.with_present_names(action["settings"], subject.key, words), subject)


def _counted(subject: str, count: int) -> str:
    words = SUBJECTS[subject]
    some = f"{count}+" if count >= LOOKED_AT else str(count)
    return f"{some} {(words.label if count == 1 else words.plural).lower()}"
