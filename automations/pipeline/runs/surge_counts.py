"""Reads what decides about a surge: when a version fired, what its trigger listened to, what is usual."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.surge.surge import LATEST, Counting, Surge, SurgeLimits
from automations.engine.surge.usual import Usual
from automations.models.db.fast_select import Lookup
from automations.models.tables.automation import Automation, Version
from automations.models.tables.occurrence import MANUAL, Evaluation, Occurrence
from automations.models.tables.surge_hold import SurgeHold, UsualPace
from automations.pipeline.records.evaluation_context import occurrence_triggers

FIRED = "fired"
_LIMITS = Lookup(
    lambda _: (
        sa.select(Automation.hold_limit, Automation.hold_off, UsualPace.figures)
        .outerjoin(UsualPace, UsualPace.automation_id == Automation.id)
        .where(Automation.id == sa.bindparam("automation_id"))
    )
)


@dataclass(frozen=True, slots=True)
class Found:
    """A surge of a version: the evaluation that was the first too many, and the last one before it."""

    surge: Surge
    first_id: int
    passed_to: int
    per_day: float | None


@dataclass(frozen=True, slots=True)
class Counted:
    """What counting a version came to: a surge, or how many more may fire until it is counted anew."""

    found: Found | None
    room: int


def limits_of(session: Session, automation_id: int) -> SurgeLimits | None:
    """Return what an automation is measured by; None if a manager said that it is never held."""
    (row,) = _LIMITS.rows(session, automation_id=automation_id)
    if row["hold_off"] is not None:
        return None
    return SurgeLimits(Usual.from_data(row["figures"]) if row["figures"] else None, row["hold_limit"])


def count(session: Session, version_id: int, since_id: int, limits: SurgeLimits) -> Counted:
    """Count the firings of a version, those before evaluation `since_id` only as part of what was then."""
    first = session.get(Evaluation, since_id)
    begin = (first.at if first else dt.datetime.now(dt.UTC)) - limits.reach
    fired = _fired(session, version_id, begin)
    place = next((at for at, (id, *_) in enumerate(fired) if id >= since_id), len(fired))
    if place == len(fired):
        return Counted(None, 0)
    counting = Counting([at for _, at, _ in fired], limits)
    if limits.most_of_latest() is not None:
        counting.changes = _changes(session, version_id, fired[place][2])
    surge = counting.surge(place)
    if surge is None:
        return Counted(None, counting.room)
    first_id = fired[surge.place][0]
    before = [id for id, *_ in fired[: surge.place]]
    usual = limits.usual if limits.usual and limits.usual.is_known else None
    passed_to = max(before, default=first_id - 1)
    return Counted(Found(surge, first_id, passed_to, usual.per_day if usual else None), 0)


def _fired(session: Session, version_id: int, begin: dt.datetime) -> list[tuple[int, dt.datetime, int]]:
    """Return (id, instant, occurrence) of what fired, in order, without what a person decided about."""
    version = session.get_one(Version, version_id)
    query = sa.select(Evaluation.id, Evaluation.at, Evaluation.occurrence_id).join(Evaluation.occurrence)
    query = query.where(
        Evaluation.automation_id == version.automation_id,
        Evaluation.at > begin,
        Evaluation.version_id == version_id,
        Evaluation.outcome == FIRED,
        Occurrence.trigger != MANUAL,
    )
    decided = _decided(session, version_id, begin)
    # Ordered here: asked for the order, Postgres may walk through all evaluations by their ids.
    rows = sorted(session.execute(query), key=lambda row: row.id)
    kept = [row for row in rows if not any(after < row.id <= to for after, to in decided)]
    # Transactions that overlap may number their firings in another order than that of their clocks.
    instants = sorted(row.at for row in kept)
    return [(row.id, at, row.occurrence_id) for row, at in zip(kept, instants, strict=True)]


def _decided(session: Session, version_id: int, begin: dt.datetime) -> list[tuple[int, int]]:
    holds = sa.select(SurgeHold.decisions).where(SurgeHold.version_id == version_id)
    recent = sa.or_(SurgeHold.ended_at.is_(None), SurgeHold.ended_at > begin)
    decisions: list[Any] = [one for row in session.scalars(holds.where(recent)) for one in row]
    return [(0 if one["all"] else one["after"], one["to"]) for one in decisions]


def _changes(session: Session, version_id: int, occurrence_id: int) -> list[dt.datetime]:
    """Return when the changes happened that a version listens to, from LATEST before an occurrence on."""
    version = session.get_one(Version, version_id)
    triggers = occurrence_triggers(version.trigger)
    asked = sa.select(Occurrence.at).where(
        Occurrence.store_id == version.store_id,
        Occurrence.subject == version.subject,
        Occurrence.trigger.in_(triggers),
    )
    before = asked.where(Occurrence.id < occurrence_id).order_by(Occurrence.id.desc()).limit(LATEST)
    since = asked.where(Occurrence.id >= occurrence_id).order_by(Occurrence.id)
    instants = [*reversed(session.scalars(before).all()), *session.scalars(since)]
    in_order = all(one <= other for one, other in pairwise(instants))
    return instants if in_order else sorted(instants)
