"""Runs one automation by hand on the records that a person chose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.engine.occurrence import OccurrenceFacts
from automations.models import audit
from automations.models.automation import Version
from automations.models.custom_field import fields_of
from automations.models.occurrence import MANUAL
from automations.models.people import User
from automations.models.store import Store
from automations.pipeline import present, schedule_write
from automations.pipeline.change import Cause
from automations.pipeline.judge import by_hand, live_of
from automations.pipeline.loops import Limits
from automations.pipeline.outbox import Outbox, Triggered
from automations.pipeline.schedule_judge import OneVersion

#: Most records of one manual run.
MOST = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """One record as it is now, and whether the conditions hold for it."""

    id: int
    snapshot: dict[str, Any]
    fires: bool


def preview(
    session: Session, store: Store, version: Version, ids: Collection[int], now: dt.datetime
) -> list[Choice]:
    """Return the candidates, newest first, each with whether its conditions hold; writes nothing."""
    evaluator = _evaluator(session, store, version, now)
    rows = present.rows_of(session, version.subject, store.id, ids)
    snapshots = present.snapshots(session, version.subject, store, rows)
    candidates = [
        Choice(
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
    rows = present.rows_of(session, subject, store.id, sorted(ids)[:MOST], lock=True)
    limits = Limits(session, store.id, subject, cause, now, [row["id"] for row in rows])
    evaluator = _evaluator(session, store, version, now)
    outbox = Outbox(session, evaluator, store, subject, cause, now, limits)
    snapshots = present.snapshots(session, subject, store, rows)
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
    schedule_write.insert(session, dues)
    about, after = f"automation “{version.name}”", {"records": len(rows), "fired": fired}
    whom = {"store_id": store.id, "user_id": user.id}
    audit.note(session, action="ran by hand", about=about, after=after, at=now, **whom)
    return fired


def _evaluator(session: Session, store: Store, version: Version, now: dt.datetime) -> OneVersion:
    live = live_of(version)
    custom = fields_of(session, store.id, removed=True).get(version.subject)
    return OneVersion(
        replace(live, rule=by_hand(live.rule)),
        store.ruleset,
        now,
        ZoneInfo(store.timezone),
        store.working_hours,
        custom,
    )
