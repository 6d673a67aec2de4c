"""Holds the runs of a version that fires far more than its past says, for a manager. Part of: relay.

Every run passes the relay, and only one worker relays at a time: here each firing is counted before anything
of it is queued, so not one more than the limit allows can leave. A sale and a claim ask nothing for it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.fast_select import Lookup, Row
from automations.models.tables.occurrence import MANUAL, Evaluation, Occurrence
from automations.models.tables.run import HELD, KEPT_WORD, WAITING, Run, in_order
from automations.models.tables.surge_hold import SurgeHold
from automations.pipeline.runs import surge_counts
from automations.pipeline.runs.surge_counts import Found

REASON = KEPT_WORD + "its automation fired far more than usual. A manager decides whether it goes."
_OPEN = Lookup(lambda _: sa.select(SurgeHold.id).where(SurgeHold.ended_at.is_(None)))
#: How long a count is good for that left room.
COUNTED_FOR = dt.timedelta(seconds=10)


@dataclass(slots=True)
class _Room:
    """How many more firings of a version may pass before it is counted anew."""

    at: dt.datetime
    left: int


_rooms: dict[tuple[sa.Engine, int], _Room] = {}


def forget_counts() -> None:
    """Count every version anew."""
    _rooms.clear()


def hold_back(session: Session, now: dt.datetime) -> None:
    """Hold what else fired of the versions that are held, also what is due later. Inside write()."""
    for id in _open_ids(session):
        _hold(session, session.get_one(SurgeHold, id), now)


def asked(runs: sa.Select[Any]) -> sa.Select[Any]:
    """Add to a query of runs, with their evaluations and occurrences, what `held` wants to know."""
    columns = (Run.evaluation_id, Evaluation.version_id, Evaluation.automation_id)
    return runs.add_columns(*columns, _may_be_held().label("may_be_held"))


def held(session: Session, due: Sequence[Row], now: dt.datetime) -> set[int]:
    """Hold those of the due runs that are too many, and return their ids. Inside write()."""
    rows = [row for row in due if row["may_be_held"]]
    firings: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row in rows:
        firings[row["version_id"], row["automation_id"]].add(row["evaluation_id"])
    passed_to, are_any_open = {}, bool(firings and _open_ids(session))
    for (version_id, automation_id), ids in sorted(firings.items()):
        is_held = _open(session, version_id) if are_any_open else None
        hold = is_held or _begun(session, version_id, automation_id, ids, now)
        if hold:
            _hold(session, hold, now)
            passed_to[version_id] = hold.passed_to
    of_held = [row for row in rows if row["version_id"] in passed_to]
    return {row["id"] for row in of_held if row["evaluation_id"] > passed_to[row["version_id"]]}


def _begun(
    session: Session, version_id: int, automation_id: int, ids: set[int], now: dt.datetime
) -> SurgeHold | None:
    """Return the hold that begins with one of these firings; None if they are not too many."""
    key = (session.get_bind().engine, version_id)
    room = _rooms.get(key)
    if room and room.left >= len(ids) and dt.timedelta() <= now - room.at < COUNTED_FOR:
        room.left -= len(ids)
        return None
    limits = surge_counts.limits_of(session, automation_id)
    if limits is None:
        return None
    counted = surge_counts.count(session, version_id, min(ids), limits)
    if counted.found is None:
        _rooms[key] = _Room(now, counted.room)
        return None
    _rooms.pop(key, None)
    return _begin(session, version_id, automation_id, counted.found, now)


def _begin(
    session: Session, version_id: int, automation_id: int, found: Found, now: dt.datetime
) -> SurgeHold:
    first = session.get_one(Evaluation, found.first_id)
    surge, window = found.surge, found.surge.window
    figures = {"fired": surge.fired, "limit": surge.limit, "per_day": found.per_day}
    figures |= {"seconds": int(window.total_seconds()) if window else None}
    hold = SurgeHold(store_id=first.store_id, automation_id=automation_id, version_id=version_id, at=now)
    hold.first_id, hold.passed_to, hold.figures, hold.decisions = found.first_id, found.passed_to, figures, []
    session.add(hold)
    session.flush()
    return hold


def _open_ids(session: Session) -> list[int]:
    return [row["id"] for row in _OPEN.rows(session)]


def _open(session: Session, version_id: int) -> SurgeHold | None:
    query = sa.select(SurgeHold).where(SurgeHold.version_id == version_id, SurgeHold.ended_at.is_(None))
    return session.scalars(query).first()


def _may_be_held() -> sa.ColumnElement[bool]:
    """Whether a run may still be held: not one that was begun, that a person sent, or that tells managers."""
    not_begun = sa.and_(Run.tries == 0, Run.deaths.is_(None), Run.prepared.is_(None))
    return sa.and_(not_begun, Run.hastened_at.is_(None), Occurrence.trigger != MANUAL)


def _hold(session: Session, hold: SurgeHold, now: dt.datetime) -> None:
    query = sa.select(Run.id).join(Run.evaluation).join(Evaluation.occurrence)
    query = query.where(Run.store_id == hold.store_id, Run.state == WAITING, _may_be_held())
    ids = query.where(Evaluation.version_id == hold.version_id, Evaluation.id > hold.passed_to)
    session.execute(
        sa.update(Run).where(in_order(ids)).values(state=HELD, held_at=now, reason=REASON),
        execution_options={"synchronize_session": False},
    )
