"""Counts evaluations once, each for its day, and looks again at those that may still come to stand otherwise.

A worker does it every few seconds, so nothing that writes the log waits for a counter: the evaluations are
their own insert-only notes of what is to be counted.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from automations.features.figures.standings import OPEN, with_standing
from automations.models.db.base import db, run_in_write
from automations.models.tables.day_figure import CountedTo, DayFigure, OpenFigure
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.store import Store

#: Evaluations counted in one transaction: an order that arrives meanwhile waits a few milliseconds.
BATCH = 500
#: Evaluations younger than this wait: one with a lower id may still be on its way into the database, and
#: most runs come to their end meanwhile.
SETTLED = dt.timedelta(minutes=1)
#: Open ones looked at again in one round.
LOOKED_AT_AGAIN = 5_000

GoOn = Callable[[], bool]
#: (store, automation, day, standing)
Key = tuple[int, int, dt.date, str]


class FigureCounting:
    """The counting of one worker; it remembers how far it looked through what is open."""

    def __init__(self) -> None:
        self._looked_to = 0

    def once(self, now: dt.datetime, go_on: GoOn = lambda: True) -> int:
        """Count what is new, then look at some of what is open; return how many were counted or moved."""
        done = 0
        while go_on() and (more := count_batch(now)):
            done += more
        for _ in range(LOOKED_AT_AGAIN // BATCH):
            if not go_on():
                break
            moved, last = look_again(self._looked_to)
            done, self._looked_to = done + moved, last
            if not last:
                break
        return done


def count_batch(now: dt.datetime) -> int:
    """Count the next evaluations that are settled; return how many. Needs an application context."""
    session = db.session()
    anything = _next(session, _settled(session, now))
    session.rollback()
    return run_in_write(partial(_count, now=now)) if anything else 0


def look_again(after: int) -> tuple[int, int]:
    """Move the open ones above `after` that stand otherwise now; return how many, and where to continue.

    0 says that none is left. Needs an application context.
    """
    session = db.session()
    ids = list(session.scalars(_above(after)))
    stale = _stale(session, ids)
    session.rollback()
    moved = run_in_write(partial(_move, ids=[row.open_id for row in stale])) if stale else 0
    return moved, ids[-1] if len(ids) == BATCH else 0


def forget(session: Session, evaluation_ids: Sequence[int]) -> None:
    """Stop looking at evaluations that are about to be deleted, inside write(); they stay counted."""
    if evaluation_ids:
        gone = sa.delete(OpenFigure).where(OpenFigure.evaluation_id.in_(evaluation_ids))
        session.execute(gone, execution_options={"synchronize_session": False})


def open_again(session: Session, store: Store, evaluation_ids: sa.Select[int]) -> None:
    """Look again at evaluations whose cancelled runs are about to go on, inside write().

    `evaluation_ids` selects them; those that are not counted yet, or still open, need nothing.
    """
    mark = session.scalar(sa.select(CountedTo).where(CountedTo.store_id == store.id).with_for_update())
    if mark is None:
        return
    is_open = sa.select(OpenFigure.evaluation_id)
    counted = Evaluation.id <= mark.evaluation_id
    where = [Evaluation.id.in_(evaluation_ids), counted, Evaluation.id.not_in(is_open)]
    now = with_standing(Evaluation.automation_id, Evaluation.at, where=where)
    rows = [
        {"store_id": store.id, "evaluation_id": row.id, "automation_id": row.automation_id}
        | {"day": row.at.astimezone(ZoneInfo(mark.zone)).date(), "standing": row.standing}
        for row in session.execute(sa.select(now).order_by(now.c.id))
    ]
    if rows:
        session.execute(sa.insert(OpenFigure), rows)


def _count(session: Session, now: dt.datetime) -> int:
    settled = _settled(session, now)
    marks = _marks(session)
    rows = _next(session, settled, marks)
    if not rows:
        return 0
    last = rows[-1].id
    counted: Counter[Key] = Counter()
    opened: list[dict[str, Any]] = []
    # A store that was added this moment has no mark yet, and is counted from its beginning later.
    known = [row for row in rows if row.store_id in marks]
    new = {row.id: row for row in known if row.id > marks[row.store_id].evaluation_id}
    for one in session.execute(sa.select(_standing_of(list(new)))):
        row = new[one.id]
        day = row.at.astimezone(ZoneInfo(marks[row.store_id].zone)).date()
        counted[row.store_id, row.automation_id, day, one.standing] += 1
        if one.standing in OPEN:
            due = {"first_due_at": one.first_due_at, "last_due_at": one.last_due_at}
            about = {"store_id": row.store_id, "automation_id": row.automation_id, "evaluation_id": row.id}
            opened.append(about | {"day": day, "standing": one.standing} | due)
    _add(session, counted)
    if opened:
        session.execute(sa.insert(OpenFigure), opened)
    for mark in marks.values():
        mark.evaluation_id = max(mark.evaluation_id, last)
    return len(rows)


def _marks(session: Session) -> Mapping[int, CountedTo]:
    """Return how far each store is counted, locked; a store whose days have changed begins anew."""
    query = sa.select(CountedTo).order_by(CountedTo.store_id).with_for_update()
    marks = {mark.store_id: mark for mark in session.scalars(query)}
    for store_id, zone in session.execute(sa.select(Store.id, Store.timezone).order_by(Store.id)):
        mark = marks.get(store_id)
        if mark is None:
            mark = marks[store_id] = CountedTo(store_id=store_id, zone=zone, evaluation_id=0)
            session.add(mark)
        elif mark.zone != zone:
            for table in (OpenFigure, DayFigure):
                session.execute(sa.delete(table).where(table.store_id == store_id))
            mark.zone, mark.evaluation_id = zone, 0
    return marks


def _next(
    session: Session, settled: dt.datetime, marks: Mapping[int, CountedTo] | None = None
) -> Sequence[Any]:
    """Return the evaluations to count next, in order, up to the first that is not settled."""
    if marks is None:
        stale = sa.or_(CountedTo.id.is_(None), CountedTo.zone != Store.timezone)
        place = sa.case((stale, 0), else_=CountedTo.evaluation_id)
        joined = sa.select(sa.func.min(place)).select_from(Store)
        lowest = session.scalar(joined.outerjoin(CountedTo, CountedTo.store_id == Store.id)) or 0
    else:
        lowest = min((mark.evaluation_id for mark in marks.values()), default=0)
    columns = (Evaluation.id, Evaluation.store_id, Evaluation.automation_id, Evaluation.at)
    query = sa.select(*columns).where(Evaluation.id > lowest).order_by(Evaluation.id)
    rows = session.execute(query.limit(BATCH)).all()
    end = next((place for place, row in enumerate(rows) if row.at > settled), len(rows))
    return rows[:end]


def _settled(session: Session, now: dt.datetime) -> dt.datetime:
    """Return the instant before which every evaluation is in the database or never will be."""
    if session.get_bind().dialect.name == "sqlite":
        return now - SETTLED
    # A transaction that is still open may hold lower ids; what it writes is dated after it began.
    age = sa.text(
        "SELECT coalesce(extract(epoch FROM max(now() - xact_start)), 0) FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_type = 'client backend'"
        " AND state <> 'idle' AND pid <> pg_backend_pid()"
    )
    return now - SETTLED - dt.timedelta(seconds=float(session.scalar(age) or 0))


def _above(after: int) -> sa.Select[int]:
    return sa.select(OpenFigure.id).where(OpenFigure.id > after).order_by(OpenFigure.id).limit(BATCH)


def _standing_of(evaluation_ids: Sequence[int]) -> sa.Subquery:
    return with_standing(where=[Evaluation.id.in_(evaluation_ids)])


def _stale(session: Session, ids: Sequence[int]) -> Sequence[Any]:
    """Return those of the open ones that are counted under another standing, or due otherwise, than now."""
    if not ids:
        return ()
    evaluations = sa.select(OpenFigure.evaluation_id).where(OpenFigure.id.in_(ids))
    now = with_standing(where=[Evaluation.id.in_(evaluations)])
    other = sa.or_(
        now.c.standing != OpenFigure.standing,
        now.c.first_due_at.is_distinct_from(OpenFigure.first_due_at),
        now.c.last_due_at.is_distinct_from(OpenFigure.last_due_at),
    )
    query = sa.select(OpenFigure.id.label("open_id"), now).join(now, now.c.id == OpenFigure.evaluation_id)
    return session.execute(query.where(other, OpenFigure.id.in_(ids))).all()


def _move(session: Session, ids: Sequence[int]) -> int:
    # Locked in order of id: another worker may be looking at the same ones.
    locked = sa.select(OpenFigure).where(OpenFigure.id.in_(ids)).order_by(OpenFigure.id).with_for_update()
    rows = {row.id: row for row in session.scalars(locked)}
    moved: Counter[Key] = Counter()
    for now in _stale(session, list(rows)):
        row = rows[now.open_id]
        moved[row.store_id, row.automation_id, row.day, row.standing] -= 1
        moved[row.store_id, row.automation_id, row.day, now.standing] += 1
        row.standing, row.first_due_at, row.last_due_at = now.standing, now.first_due_at, now.last_due_at
        if now.standing not in OPEN:
            session.delete(row)
    session.flush()
    _add(session, moved)
    return len(rows)


def _add(session: Session, counted: Mapping[Key, int]) -> None:
    """Add to the figures, always in the same order, so that two workers cannot deadlock."""
    insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    rows = list(_rows(counted))
    if rows:
        made = insert(DayFigure).values(rows)
        summed = {"count": DayFigure.count + made.excluded.count}
        session.execute(
            made.on_conflict_do_update(index_elements=["automation_id", "day", "standing"], set_=summed)
        )


def _rows(counted: Mapping[Key, int]) -> Iterable[dict[str, Any]]:
    for (store_id, automation_id, day, standing), count in sorted(counted.items()):
        if count:
            whose = {"store_id": store_id, "automation_id": automation_id}
            yield whose | {"day": day, "standing": standing, "count": count}
