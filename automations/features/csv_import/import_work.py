"""What the worker does with uploaded files: one after the other, in chunks that each commit how far it is.

What a worker had begun before it died is gone on with from the last chunk: at once by one of the same name,
by another after LEASE.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.operators.value_types import counts_written
from automations.features.csv_import.csv_text import UnreadableCsv
from automations.features.csv_import.file_checking import FileChecking
from automations.features.csv_import.taking import RecordTaking
from automations.messages.store_formats import formats_of
from automations.models.db.base import db, run_in_write
from automations.models.tables.csv_import import CHECKING, FAILED, IMPORTING, WORKING, CsvImport
from automations.models.tables.store import Store

log = logging.getLogger("automations.csv_import")

LEASE = dt.timedelta(minutes=2)
#: Seconds between two chunks: an order that arrives meanwhile has its turn.
PAUSE = 0.01
FAILURE = "It stopped because of an error, which is in the program’s log. What was imported stays."

Now = Callable[[], dt.datetime]
#: Waits some seconds, and returns whether to go on.
Wait = Callable[[float], bool]


class Work(Protocol):
    """One pass over a file."""

    def chunk(self, session: Session) -> Any:
        """Read what the next chunk needs; None if nothing is left."""

    def write(self, session: Session, one: CsvImport, chunk: Any, now: dt.datetime) -> None:
        """Write a chunk, or the end, inside write()."""


_WORKS: dict[str, Callable[[int], Work]] = {CHECKING: FileChecking, IMPORTING: RecordTaking}


def work_all(now: Now, worker: str, wait: Wait) -> int:
    """Do what waits; return how many passes ended. Needs an application context."""
    ended = 0
    while wait(0):
        claimed = run_in_write(partial(_claim, worker=worker, now=now()))
        if claimed is None:
            break
        ended += _do(*claimed, worker, now, wait)
    db.session.rollback()
    return ended


def _claim(session: Session, worker: str, now: dt.datetime) -> tuple[int, str] | None:
    """Take the oldest import that nobody does."""
    free = sa.or_(CsvImport.claim.is_(None), CsvImport.claim == worker, CsvImport.claimed_until < now)
    waiting = sa.select(CsvImport).where(CsvImport.state.in_(WORKING), free).order_by(CsvImport.id).limit(1)
    one = session.scalar(waiting.with_for_update(skip_locked=True))
    if one is None:
        return None
    one.claim, one.claimed_until = worker, now + LEASE
    one.started_at = one.started_at or now
    return one.id, one.state


def _do(import_id: int, state: str, worker: str, now: Now, wait: Wait) -> bool:
    """Go on with one pass; return whether it ended."""
    store = db.session.get_one(Store, db.session.get_one(CsvImport, import_id).store_id)
    with counts_written(formats_of(store.language).number):
        return _go_on(import_id, state, worker, now, wait)


def _go_on(import_id: int, state: str, worker: str, now: Now, wait: Wait) -> bool:
    try:
        work = _WORKS[state](import_id)
        while wait(PAUSE):
            chunk = work.chunk(db.session())
            db.session.rollback()
            written = partial(_write, import_id=import_id, worker=worker, state=state, now=now())
            if not run_in_write(partial(written, work=work, chunk=chunk)):
                return False
            if chunk is None:
                return True
    except sa.exc.DBAPIError:
        raise
    except Exception as error:
        log.exception("import %s", import_id)
        db.session.rollback()
        sentence = str(error) if isinstance(error, UnreadableCsv) else FAILURE
        run_in_write(partial(_fail, import_id=import_id, worker=worker, sentence=sentence, now=now()))
        return True
    return False


def _write(
    session: Session, import_id: int, worker: str, state: str, now: dt.datetime, work: Work, chunk: Any
) -> bool:
    """Write a chunk unless the import was stopped, or is another worker's by now; return whether it was."""
    one = session.get(CsvImport, import_id, with_for_update=True, populate_existing=True)
    if one is None or one.state != state or one.claim != worker:
        return False
    one.claimed_until = now + LEASE
    work.write(session, one, chunk, now)
    session.flush()
    return True


def _fail(session: Session, import_id: int, worker: str, sentence: str, now: dt.datetime) -> None:
    one = session.get(CsvImport, import_id, with_for_update=True)
    if one is not None and one.state in WORKING and one.claim == worker:
        one.state, one.problem, one.finished_at, one.claim = FAILED, sentence, now, None
