"""Takes in what changed since the last look, a moment after it did: every change leaves an occurrence."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.search.kept_words import keep, locked_progress
from automations.models.db.base import db, run_in_write
from automations.models.tables.occurrence import MANUAL, Occurrence
from automations.models.tables.search_word import SearchProgress
from automations.models.tables.store import Store
from automations.pipeline.records.record_kinds import KINDS

#: Occurrences, and older records, taken in in one transaction.
BATCH = 500
OLDER = 200
#: On Postgres an occurrence with a lower id may still be on its way into the database for so long.
SETTLED = dt.timedelta(seconds=30)
_AGE = sa.text(
    "SELECT coalesce(extract(epoch FROM max(now() - xact_start)), 0) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend'"
    " AND state <> 'idle' AND pid <> pg_backend_pid()"
)

GoOn = Callable[[], bool]
#: When each of some occurrences was, by its id.
_Moments = Mapping[int, dt.datetime]


class _Taken(NamedTuple):
    """What one transaction took in: how many records, up to which occurrence, and what is not settled."""

    read: int
    end: int
    goes_on: bool
    unsettled: _Moments


class CatchingUp:
    """The catching up of one worker; it remembers which occurrences it took in that are not settled.

    Those are not read again each round: on a busy day they are thousands.
    """

    def __init__(self) -> None:
        self._seen: _Moments = {}
        #: Whether older records were left after the last round.
        self.older_is_left = False

    def once(self, now: dt.datetime, go_on: GoOn = lambda: True) -> int:
        """Take in everything that is new, then some of what is older; return how many records were read.

        What comes in meanwhile waits for the next round: on a busy day each order would have one of its own.
        """
        done, after, goes_on = 0, None, self._anything(now)
        while goes_on and go_on():
            taken = run_in_write(partial(self._take, now=now, after=after))
            # Not before it is committed: what is done again after an error has to be read again.
            done, after, goes_on, self._seen = done + taken.read, taken.end, taken.goes_on, taken.unsettled
        self.older_is_left = go_on() and _older_is_left()
        return done + (run_in_write(_take_older) if self.older_is_left else 0)

    def _anything(self, now: dt.datetime) -> bool:
        """Return whether there is an occurrence that was not taken in, or nothing is known yet.

        Many that were taken in and are settled count too: whoever starts next should not read them again.
        """
        session = db.session()
        progress = session.scalars(sa.select(SearchProgress)).one_or_none()
        start = self._all_seen_to(progress.occurrence_id if progress else 0)
        newer = sa.select(Occurrence.id).where(Occurrence.id > start).order_by(Occurrence.id).limit(BATCH)
        ids = session.scalars(newer).all()
        session.rollback()
        if progress is None or len(ids) == BATCH or any(id not in self._seen for id in ids):
            return True
        return len(self._seen) >= BATCH and self._seen[min(self._seen)] <= now - SETTLED

    def _all_seen_to(self, start: int) -> int:
        """Return the highest id up to which each after `start` was taken in."""
        while start + 1 in self._seen:
            start += 1
        return start

    def _take(self, session: Session, now: dt.datetime, after: int | None) -> _Taken:
        """Take in the next occurrences, inside write()."""
        progress = locked_progress(session)
        # Before the rows are read: what is committed meanwhile must not count as settled.
        settled_at = settled(session, now)
        start = max(self._all_seen_to(progress.occurrence_id), after or 0)
        columns = (
            Occurrence.id,
            Occurrence.store_id,
            Occurrence.subject,
            Occurrence.record_id,
            Occurrence.trigger,
            Occurrence.at,
        )
        query = sa.select(*columns).where(Occurrence.id > start).order_by(Occurrence.id).limit(BATCH)
        rows = session.execute(query).all()
        new = [row for row in rows if row.id not in self._seen]
        # A campaign, or running by hand, changes no record.
        _keep(session, [row for row in new if row.trigger != MANUAL])
        end, goes_on = rows[-1].id if rows else start, len(rows) == BATCH
        seen = {**self._seen, **{row.id: row.at for row in new}}
        for id in sorted(seen):
            if seen[id] > settled_at or (goes_on and id > end):
                break
            progress.occurrence_id = max(progress.occurrence_id, id)
        unsettled = {id: at for id, at in seen.items() if id > progress.occurrence_id}
        return _Taken(len(new), end, goes_on, unsettled)


def _older_is_left() -> bool:
    session = db.session()
    progress = session.scalars(sa.select(SearchProgress)).one_or_none()
    left = progress is not None and any(getattr(progress, f"{subject}_id") for subject in KINDS)
    session.rollback()
    return left


def _take_older(session: Session) -> int:
    """Take in the next records that were there before the words were kept, the newest first."""
    progress = locked_progress(session)
    for subject, kind in KINDS.items():
        below = getattr(progress, f"{subject}_id")
        if not below:
            continue
        columns = kind.table.c
        query = sa.select(columns.id, columns.store_id).where(columns.id < below).order_by(columns.id.desc())
        rows = session.execute(query.limit(OLDER)).all()
        setattr(progress, f"{subject}_id", rows[-1].id if len(rows) == OLDER else 0)
        by_store: defaultdict[int, list[int]] = defaultdict(list)
        for row in rows:
            by_store[row.store_id].append(row.id)
        for store_id, ids in by_store.items():
            keep(session, session.get_one(Store, store_id), subject, ids)
        if rows:
            return len(rows)
    return 0


def _keep(session: Session, rows: Sequence[Any]) -> None:
    changed: defaultdict[tuple[int, str], set[int]] = defaultdict(set)
    for row in rows:
        changed[row.store_id, row.subject].add(row.record_id)
    for (store_id, subject), ids in sorted(changed.items()):
        keep(session, session.get_one(Store, store_id), subject, ids)


def settled(session: Session, now: dt.datetime) -> dt.datetime:
    """Return the instant before which every occurrence is in the database: on SQLite all that is seen."""
    if session.get_bind().dialect.name == "sqlite":
        return dt.datetime.max.replace(tzinfo=dt.UTC)
    return now - SETTLED - dt.timedelta(seconds=float(session.scalar(_AGE) or 0))
