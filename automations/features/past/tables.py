"""The tables that this process keeps in memory, shared by its requests and dropped when not used."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from automations.engine.fields.subject import Field
from automations.features.past import kept_columns
from automations.features.past.occurrence_table import OccurrenceTable
from automations.features.past.row_reader import TableKey
from automations.models.db.driver import connection_of

#: Seconds after the last question until a table is dropped.
UNUSED = 300.0
#: Seconds between looks for tables that are not used, or that hold what was erased by another process.
LOOK = 60.0

#: Where large tables are kept for the next start; nowhere if empty.
_folders: list[Path] = []
_tables: dict[tuple[sa.Engine, TableKey], OccurrenceTable] = {}
_used: dict[tuple[sa.Engine, TableKey], float] = {}
_lock = threading.Lock()
_timers: list[threading.Timer] = []


def keep_in(folder: Path | None) -> None:
    """Keep large tables there from now on; None keeps them nowhere."""
    _folders[:] = [folder] if folder else []


def clear() -> None:
    """Forget all tables."""
    with _lock:
        _tables.clear()
        _used.clear()
        while _timers:
            _timers.pop().cancel()


def forget(engine: sa.Engine, store_id: int) -> None:
    """Forget the tables of a store, because what they hold was erased."""
    with _lock:
        for place in [place for place in _tables if place[0] is engine and place[1].store_id == store_id]:
            del _tables[place], _used[place]


def kept() -> list[OccurrenceTable]:
    """Return the tables in memory."""
    with _lock:
        return list(_tables.values())


@contextmanager
def table(
    session: Session, key: TableKey, needed: Collection[str], custom: Mapping[str, Field] | None
) -> Iterator[OccurrenceTable]:
    """Lend the up-to-date table with the columns of the `needed` facts; nobody else has it meanwhile."""
    place = connection_of(session).engine, key
    with _lock:
        is_known = place in _tables
    # Reading a file takes longer than others should wait.
    kept = None if is_known or not _folders else kept_columns.load(session, _folders[0], key)
    with _lock:
        shared = _tables.setdefault(place, kept or OccurrenceTable(key))
        _used[place] = time.monotonic()
        if not _timers:
            _look_later()
    with shared.lock:
        shared.bring_up_to_date(session, needed, custom)
        yield shared
        with _lock:
            # Reading a long past may take longer than a table may be unused.
            _used[place] = time.monotonic()
        if _folders and shared.read >= kept_columns.LEAST:
            kept_columns.save(session, _folders[0], shared)
            shared.read = 0


def look(now: float) -> None:
    """Drop the tables that nobody has asked for a while, and those with values that were erased since."""
    with _lock:
        used = dict(_used)
        tables = dict(_tables)
    for place, shared in tables.items():
        # One that is in use looks for itself what has changed.
        if not shared.lock.acquire(blocking=False):
            continue
        try:
            if now - used[place] > UNUSED or _is_rewritten(place[0], shared):
                with _lock:
                    _tables.pop(place, None)
                    _used.pop(place, None)
        finally:
            shared.lock.release()


def _is_rewritten(engine: sa.Engine, shared: OccurrenceTable) -> bool:
    try:
        with Session(engine) as session:
            return shared.is_rewritten(session)
    except SQLAlchemyError:
        # Not knowing is no reason to keep what may have been erased.
        return True


def _look_later() -> None:
    timer = threading.Timer(LOOK, _look_and_go_on)
    timer.daemon = True
    _timers.append(timer)
    timer.start()


def _look_and_go_on() -> None:
    look(time.monotonic())
    with _lock:
        _timers.clear()
        if _tables:
            _look_later()
