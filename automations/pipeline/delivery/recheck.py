"""Checks delayed runs once more when they are due, against the record as it is then. Part of: claim."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.explain.explanation import explain
from automations.engine.fields.subject import NOW
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.occurrence_facts import EvaluationContext, OccurrenceFacts
from automations.engine.rules.rule import Node, Rule, Trigger, rule_from
from automations.engine.wording.wording import joined, verdict_words
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Version
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import CANCELLED, WAITING, Run
from automations.models.tables.store import Store
from automations.pipeline.evaluation import action_timing
from automations.pipeline.records import current_records

Snapshot = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Waited:
    """A run that did not follow straight away, with what is needed to check it once more."""

    run: Run
    store: Store
    timing: action_timing.Timing
    rule: Rule
    #: As the record was when the automation fired, and as it is now.
    then: Snapshot
    snapshot: Snapshot | None


def recheck_runs(session: Session, runs: sa.ColumnElement[bool], now: dt.datetime) -> dict[int, Snapshot]:
    """Cancel runs whose conditions no longer hold, postpone those whose date moved on.

    Return run id -> snapshot of the record as it is now, for the other runs that had to wait. `runs` selects
    the claimed runs; those that did not have to wait are left alone. Only a first try is cancelled or
    postponed: what was begun is finished.
    """
    snapshots: dict[int, Snapshot] = {}
    for waited in _waited(session, runs):
        values = _decision(session, waited, now) if waited.run.tries == 0 else {}
        for name, value in values.items():
            setattr(waited.run, name, value)
        if not values and waited.snapshot:
            snapshots[waited.run.id] = waited.snapshot
    session.flush()
    return snapshots


def _waited(session: Session, runs: sa.ColumnElement[bool]) -> list[_Waited]:
    columns = (Run, Version, Occurrence)
    query = sa.select(*columns).join(Run.evaluation).join(Evaluation.version).join(Evaluation.occurrence)
    ids = _ids_of_later(session, sa.and_(runs, Run.prepared.is_(None)))
    if not ids:
        return []
    fresh = query.where(Run.id.in_(ids)).order_by(Run.id).execution_options(populate_existing=True)
    waited = []
    for run, version, occurrence in session.execute(fresh).all():
        asked = version.definition["actions"][run.position]["timing"]
        store = session.get_one(Store, run.store_id)
        rule = rule_from(version.id, version.definition)
        snapshot = _present(session, store, occurrence.subject, occurrence.record_id)
        waited.append(_Waited(run, store, asked, rule, occurrence.snapshot, snapshot))
    return waited


def _ids_of_later(session: Session, runs: sa.ColumnElement[bool]) -> list[int]:
    """Return the ids of the runs that had to wait. Most did not, so each version is read only once."""
    query = sa.select(Run.id, Run.position, Evaluation.version_id).join(Run.evaluation).where(runs)
    rows = session.execute(query).all()
    wanted = Version.id.in_({version_id for *_, version_id in rows})
    versions = session.execute(sa.select(Version.id, Version.definition).where(wanted))
    actions = {id: definition["actions"] for id, definition in versions}
    return [id for id, position, version_id in rows if _is_later(actions[version_id][position])]


def _is_later(action: Mapping[str, Any]) -> bool:
    return (action.get("timing") or {}).get("when") in action_timing.LATER


def _present(session: Session, store: Store, subject: str, record_id: int) -> Snapshot | None:
    rows = current_records.rows_of(session, subject, store.id, [record_id])
    return next(iter(current_records.snapshots(session, subject, store, rows)), None)


def _decision(session: Session, waited: _Waited, now: dt.datetime) -> dict[str, Any]:
    """Return the new values of the run's columns, none where it may leave."""
    snapshot, zone = waited.snapshot, ZoneInfo(waited.store.timezone)
    if snapshot is None:
        return _cancelled("The record is not there any more.", now)
    why = (
        _no_longer(session, waited, snapshot, now.astimezone(zone))
        if action_timing.rechecks(waited.timing)
        else ""
    )
    if why:
        return _cancelled(why, now)
    if waited.timing["when"] != "date" or waited.run.hastened_at:
        return {}
    custom = fields_of(session, waited.store.id, removed=True).get(waited.rule.subject)
    fields = SUBJECTS[waited.rule.subject].with_custom(custom).fields
    try:
        meant, later = (
            action_timing.run_at(waited.timing, fields, record, now, zone)
            for record in (waited.then, snapshot)
        )
    except ValueError as problem:
        return _cancelled(str(problem), now)
    return {"state": WAITING, "due_at": later, "workflow_id": None} if later > meant else {}


def _no_longer(session: Session, waited: _Waited, snapshot: Snapshot, now: dt.datetime) -> str:
    """Return why the conditions no longer hold, as a sentence; "" if they do."""
    rule = _of_the_record(waited.rule)
    custom = fields_of(session, waited.store.id, removed=True).get(rule.subject)
    occurrence = OccurrenceFacts(rule.subject, rule.trigger.key, snapshot, context=EvaluationContext(now))
    try:
        tree = explain(rule, occurrence.read(rule.fields, custom), custom).tree
    except ValueError as problem:
        return f"When it was due, its conditions could not be looked at: {problem}"
    words = StoreWords(session, waited.store)
    subject = SUBJECTS[rule.subject].with_custom(custom)
    failed = [verdict_words(verdict, subject, words) for verdict in tree if not verdict.holds]
    return f"When it was due, its conditions no longer held: {joined(failed)}." if failed else ""


def _of_the_record(rule: Rule) -> Rule:
    """Return the rule without conditions on the change or its moment: those do not become false later."""
    kept = tuple(node for node in rule.conditions if not _is_of_the_past(rule, node))
    return Rule(rule.id, rule.subject, Trigger(rule.trigger.key), kept)


def _is_of_the_past(rule: Rule, node: Node) -> bool:
    looked_at = Rule(rule.id, rule.subject, Trigger(rule.trigger.key), (node,)).fields
    return any(key.startswith(NOW) or key.endswith(("@from", "@to")) for key in looked_at)


def _cancelled(reason: str, now: dt.datetime) -> dict[str, Any]:
    return {"state": CANCELLED, "reason": reason, "finished_at": now}
