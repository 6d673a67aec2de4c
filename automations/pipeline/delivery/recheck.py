"""Checks delayed runs once more when they are due, against the record as it is then. Part of: claim."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule, rule_from
from automations.engine.wording.wording import joined
from automations.messages.store_formats import formats_of
from automations.models.tables.automation import Version
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import CANCELLED, WAITING, Run
from automations.models.tables.store import Store
from automations.pipeline.delivery.second_look import SecondLook
from automations.pipeline.evaluation import action_timing
from automations.pipeline.records import current_records
from automations.pipeline.records.current_records import Present


@dataclass(frozen=True, slots=True)
class _Waited:
    """A run that did not follow straight away, or was held, with what is needed to check it once more."""

    run: Run
    store: Store
    timing: action_timing.Timing
    rule: Rule
    occurrence: Occurrence
    #: The record as it is now; None if it is gone.
    present: Present | None


def recheck_runs(session: Session, runs: sa.ColumnElement[bool], now: dt.datetime) -> dict[int, Present]:
    """Cancel runs whose conditions no longer hold, postpone those whose date moved on.

    Return run id -> the record as it is now, for the others. `runs` selects the claimed runs that had to
    wait. Only a first try is cancelled or postponed: what was begun is finished.
    """
    records: dict[int, Present] = {}
    for waited in _waited(session, runs):
        values = _decision(session, waited, now) if waited.run.tries == 0 else {}
        for name, value in values.items():
            setattr(waited.run, name, value)
        if not values and waited.present:
            records[waited.run.id] = waited.present
    session.flush()
    return records


def _waited(session: Session, runs: sa.ColumnElement[bool]) -> list[_Waited]:
    columns = (Run, Version, Occurrence)
    query = sa.select(*columns).join(Run.evaluation).join(Evaluation.version).join(Evaluation.occurrence)
    fresh = query.where(runs).order_by(Run.id).execution_options(populate_existing=True)
    waited = []
    for run, version, occurrence in session.execute(fresh).all():
        asked = version.definition["actions"][run.position].get("timing") or {}
        store = session.get_one(Store, run.store_id)
        rule = rule_from(version.id, version.definition)
        present = current_records.present(session, occurrence.subject, store, occurrence.record_id)
        waited.append(_Waited(run, store, asked, rule, occurrence, present))
    return waited


def _decision(session: Session, waited: _Waited, now: dt.datetime) -> dict[str, Any]:
    """Return the new values of the run's columns, none where it may leave."""
    present, zone = waited.present, ZoneInfo(waited.store.timezone)
    if present is None:
        return _cancelled("The record is not there any more.", now)
    asked = (session, waited.store, waited.rule, waited.occurrence)
    look = SecondLook(*asked, present.row, present.snapshot, now.astimezone(zone))
    why = _no_longer(look) if _is_asked_again(waited) else ""
    if why:
        return _cancelled(why, now)
    if waited.timing.get("when") != "date" or waited.run.hastened_at:
        return {}
    custom = fields_of(session, waited.store.id, removed=True).get(waited.rule.subject)
    fields = SUBJECTS[waited.rule.subject].with_custom(custom).fields
    try:
        before, meant = (
            action_timing.meant_at(waited.timing, fields, record, zone)
            for record in (waited.occurrence.snapshot, present.snapshot)
        )
        if meant < before:
            formats = formats_of(waited.store.language)
            action_timing.not_too_late(waited.timing, meant, now.astimezone(zone), formats)
    except ValueError as problem:
        return _cancelled(str(problem), now)
    moved_on = meant > max(before, now)
    return {"state": WAITING, "due_at": meant, "workflow_id": None} if moved_on else {}


def _is_asked_again(waited: _Waited) -> bool:
    """Whether the conditions have to hold still; always if it was to follow at once and a manager held it."""
    if waited.timing.get("when") not in action_timing.LATER:
        return waited.run.held_at is not None
    return action_timing.rechecks(waited.timing)


def _no_longer(look: SecondLook) -> str:
    """Return why the automation would not fire again, as a sentence; "" if it would."""
    try:
        failed = look.failures()
    except ValueError as problem:
        return f"When it was due, its conditions could not be looked at: {problem}"
    return f"When it was due, its conditions no longer held: {joined(failed)}." if failed else ""


def _cancelled(reason: str, now: dt.datetime) -> dict[str, Any]:
    return {"state": CANCELLED, "reason": reason, "finished_at": now}
