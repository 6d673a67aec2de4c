"""What is coming for one customer: what dated automations will send about them, their orders and events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.change_data import ChangeData
from automations.engine.rules.calendar import next_times
from automations.engine.rules.trigger_schedule import Scheduled
from automations.features.history.log_phrases import record_words
from automations.features.history.upcoming_runs import AHEAD, holding, live_versions, summary_of
from automations.features.scheduling import due_occurrences, sql_prefilter
from automations.features.scheduling.due_columns import DueQuery, NoColumn
from automations.features.scheduling.listening_spans import Span, live_spans
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Version
from automations.models.tables.store import Store
from automations.pipeline.evaluation import action_timing
from automations.pipeline.evaluation.evaluate import LiveAction
from automations.pipeline.evaluation.quiet_hours import after_quiet_hours
from automations.pipeline.records import current_records
from automations.pipeline.records.record_kinds import KINDS

#: The newest orders, and the newest events, that are looked at.
NEWEST = 100


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """One message that an automation will begin, if the record stays as it is."""

    at: dt.datetime
    automation_id: int
    automation: str
    #: What it does, as a phrase: "email the customer".
    action: str
    marketing: bool
    subject: str
    record_id: int
    record: str
    number: str
    #: Whether it is for others than the customer; else how they get it, "Email" or "Text", if that is all.
    is_elsewhere: bool
    by: str


def planned(
    session: Session, store: Store, customer_id: int, now: dt.datetime, limit: int
) -> list[PlannedMessage]:
    """Return the next `limit` messages that no run waits for yet, soonest first, at most AHEAD from now."""
    spans = live_spans(session, store.id)
    versions, words = live_versions(session, store) if spans else {}, StoreWords(session, store)
    ids = {name: _records(session, store, name, customer_id) for name in {span.subject for span in spans}}
    messages: list[PlannedMessage] = []
    for span in spans:
        due = _due(session, span, ids[span.subject], now)
        version = versions.get(span.live.automation_id)
        if due and version:
            for at, id, snapshot in holding(session, store, span, due):
                messages += _messages(store, span, version, words, (at, id, snapshot))
    return sorted(messages, key=lambda message: (message.at, message.record_id))[:limit]


def _records(session: Session, store: Store, subject: str, customer_id: int) -> list[int]:
    if subject == "customer":
        return [customer_id]
    table = KINDS[subject].table
    theirs = sa.and_(table.c.customer_id == customer_id, table.c.store_id + 0 == store.id)
    # Sums, or the databases may walk the whole store to find few rows of one customer.
    newest = sa.select(table.c.id).where(theirs).order_by((table.c.id + 0).desc())
    return list(session.scalars(newest.limit(NEWEST)))


def _due(
    session: Session, span: Span, ids: Collection[int], now: dt.datetime
) -> list[tuple[dt.datetime, int]]:
    """Return the (instant, record) pairs at which these records will be due, soonest first."""
    if not ids:
        return []
    if isinstance(span.schedule, Scheduled):
        return _next_time(session, span, span.schedule, ids, now)
    try:
        query = DueQuery.of(span)
    except NoColumn:
        return []
    until = now + AHEAD
    rows = current_records.rows_of(session, span.subject, span.store_id, ids)
    due = [(at, row["id"]) for row in rows for at in query.instants(row, now, until)]
    if not due:
        return []
    done = due_occurrences.written(session, span, {id for _, id in due}, now, until)
    return sorted((at, id) for at, id in due if (id, at) not in done)


def _next_time(
    session: Session, span: Span, schedule: Scheduled, ids: Collection[int], now: dt.datetime
) -> list[tuple[dt.datetime, int]]:
    table = KINDS[span.subject].table
    clauses = sql_prefilter.clauses(span.live.rule, table)
    chosen = list(session.scalars(sa.select(table.c.id).where(table.c.id.in_(ids), *clauses)))
    times = next_times(schedule, now, span.zone, 1) if chosen else []
    return [(at, id) for at in times if at <= now + AHEAD for id in sorted(chosen)]


def _messages(
    store: Store,
    span: Span,
    version: Version,
    words: StoreWords,
    due: tuple[dt.datetime, int, Mapping[str, Any]],
) -> list[PlannedMessage]:
    fires_at, id, snapshot = due
    subject = words.subject(span.subject)
    record, number = record_words(span.subject, snapshot), str(snapshot.get("number", ""))
    messages = []
    for data, action in zip(version.definition["actions"], span.live.actions, strict=True):
        at = _at(store, span, action, words, (fires_at, snapshot))
        if at is not None and data["kind"] != ChangeData.key:
            what = summary_of(data, subject, words)
            by = (at, version.automation_id, version.name, what, action.marketing)
            messages.append(PlannedMessage(*by, span.subject, id, record, number, *_receivers(data)))
    return messages


def _receivers(data: Mapping[str, Any]) -> tuple[bool, str]:
    """Return whether an action is for others than the customer, and how the customer gets it."""
    kind, settings = ACTIONS.get(data["kind"]), data["settings"]
    return (not kind.contacts_customer(settings), kind.verb_to_customer(settings)) if kind else (False, "")


def _at(
    store: Store,
    span: Span,
    action: LiveAction,
    words: StoreWords,
    fired: tuple[dt.datetime, Mapping[str, Any]],
) -> dt.datetime | None:
    """Return when an action is done if it fires at that moment; None if it is skipped then."""
    fires_at, snapshot = fired
    fields = words.subject(span.subject).fields
    try:
        at = action_timing.run_at(action.timing, fields, snapshot, fires_at, span.zone, store.working_hours)
    except ValueError:
        return None
    return after_quiet_hours(at, span.zone, store.quiet_hours) if action.marketing else at
