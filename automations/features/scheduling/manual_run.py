"""Runs one automation by hand on the records that a person chose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.features.scheduling import due_occurrences
from automations.features.scheduling.single_version import SingleVersionEvaluator
from automations.models.access import audit
from automations.models.tables.automation import Version
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import MANUAL
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.pipeline.evaluation.evaluate import by_hand, live_of
from automations.pipeline.evaluation.loop_guard import Limits
from automations.pipeline.evaluation.outbox import Outbox, Triggered
from automations.pipeline.records import current_records
from automations.pipeline.records.change import Cause

#: Most records of one manual run.
MOST = 500


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record as it is now, and whether the conditions hold for it."""

    id: int
    snapshot: dict[str, Any]
    fires: bool


def preview(
    session: Session, store: Store, version: Version, ids: Collection[int], now: dt.datetime
) -> list[Candidate]:
    """Return the candidates, newest first, each with whether its conditions hold; writes nothing."""
    evaluator = _evaluator(session, store, version, now)
    rows = current_records.rows_of(session, version.subject, store.id, ids)
    snapshots = current_records.snapshots(session, version.subject, store, rows)
    candidates = [
        Candidate(
            row["id"],
            snapshot,
            any(
                not hit.error
                for hit in evaluator.evaluate(OccurrenceFacts(version.subject, MANUAL, snapshot))
            ),
        )
        for row, snapshot in zip(rows, snapshots, strict=True)
    ]
    return candidates[::-1]


def run(
    session: Session, store: Store, version: Version, ids: Collection[int], user: User, now: dt.datetime
) -> int:
    """Write an occurrence per record, evaluated for this automation only; return how many fired.

    Call it inside `write()`, with at most MOST records.
    """
    subject, cause = version.subject, Cause("person", user.name)
    rows = current_records.rows_of(session, subject, store.id, sorted(ids)[:MOST], lock=True)
    limits = Limits(session, store.id, subject, cause, now, [row["id"] for row in rows])
    evaluator = _evaluator(session, store, version, now)
    outbox = Outbox(session, evaluator, store, subject, cause, now, limits)
    snapshots = current_records.snapshots(session, subject, store, rows)
    fired = sum(
        outbox.add(row, snapshot, (Triggered(MANUAL, None, None),), [])
        for row, snapshot in zip(rows, snapshots, strict=True)
    )
    whose: dict[str, Any] = {
        "store_id": store.id,
        "automation_id": version.automation_id,
        "version_id": version.id,
    }
    whose |= {"subject": subject, "due_at": now}
    # The log needs to know which version each of these was meant for.
    dues = [
        whose | {"record_id": row["id"], "occurrence_id": id}
        for row, id in zip(rows, outbox.write(), strict=True)
    ]
    due_occurrences.insert(session, dues)
    about, after = f"automation “{version.name}”", {"records": len(rows), "fired": fired}
    whom = {"store_id": store.id, "user_id": user.id}
    audit.note(session, action="ran by hand", about=about, after=after, at=now, **whom)
    return fired


def _evaluator(session: Session, store: Store, version: Version, now: dt.datetime) -> SingleVersionEvaluator:
    live = live_of(version)
    custom = fields_of(session, store.id, removed=True).get(version.subject)
    return SingleVersionEvaluator(
        replace(live, rule=by_hand(live.rule)),
        store.ruleset,
        now,
        ZoneInfo(store.timezone),
        store.working_hours,
        custom,
    )
