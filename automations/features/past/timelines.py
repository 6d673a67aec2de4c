"""What each record was, from one entry of its log to the next: read in one pass over the log, in pages.

Every change of a record raises its revision by one, so a revision that is missing is an entry that retention
has deleted: a hole in what is known about the record. It ends with the next entry, or with the record as it
is now, which has been like this since it last changed.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.column_types import JsonColumn
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from automations.pipeline.records import current_records
from automations.pipeline.records.record_kinds import CHUNK, KINDS, LASTING, Row

#: Entries read at a time.
PAGE = 5000
#: The columns of a record that its timeline has in any case.
ROW = ("id", "revision", "created_at", "updated_at")
BEGINNING = dt.datetime.min.replace(tzinfo=dt.UTC)
END = dt.datetime.max.replace(tzinfo=dt.UTC)

_TABLE = Occurrence.metadata.tables["occurrence"]
_COLUMNS = _TABLE.c
#: Decoded only where it is needed: most snapshots never are.
_TEXTS = [sa.type_coerce(_COLUMNS[name], sa.Text) for name in ("changed", "moment", "snapshot")]


@dataclass(slots=True)
class Entry:
    """One entry of a record's log, and with it what the record was from then on."""

    #: 0 for a record as it is now, whose last change the log no longer has.
    id: int
    record_id: int
    at: dt.datetime
    revision: int
    trigger: str
    changed_text: str | None
    moment_text: str | None
    snapshot_text: str
    #: Whether changes just before it are no longer kept.
    after_hole: bool = False
    #: Until when the record is known to have been like this; that instant itself is not.
    until: dt.datetime = END
    _snapshot: dict[str, Any] | None = None

    @property
    def snapshot(self) -> dict[str, Any]:
        if self._snapshot is None:
            self._snapshot = msgspec.json.decode(self.snapshot_text)
        return self._snapshot

    @property
    def changed(self) -> Collection[str]:
        """The columns that it changed."""
        return msgspec.json.decode(self.changed_text) if self.changed_text else ()

    @property
    def previous(self) -> Mapping[str, Any]:
        """The plain values before it, by the key of each field it changed."""
        moment = msgspec.json.decode(self.moment_text) if self.moment_text else {}
        return moment.get("previous") or {}


@dataclass(slots=True)
class Timeline:
    """The entries of one record in order, and its row as it is now."""

    record_id: int
    row: Mapping[str, Any]
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        for before, entry in zip([None, *self.entries], self.entries, strict=False):
            entry.after_hole = entry.revision > (before.revision + 1 if before else 1)
            if before:
                before.until = before.at if entry.after_hole else entry.at

    def place_at(self, instant: dt.datetime) -> int | None:
        """Return the place of the newest entry at or before an instant; None if that is not known."""
        place = bisect_right(self.entries, instant, key=lambda entry: entry.at) - 1
        if place < 0:
            return None
        entry = self.entries[place]
        return place if instant < entry.until or instant == entry.at else None

    def holes(self) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """Yield the stretches in which changes are missing."""
        begun = self.row["created_at"]
        for entry in self.entries:
            if entry.after_hole:
                yield begun, entry.at
            begun = entry.at


def timelines(
    session: Session, store: Store, subject: str, until: dt.datetime, columns: Sequence[str] = ()
) -> Iterator[list[Timeline]]:
    """Yield the timelines of all records up to `until`, in lists; their rows have these columns and ROW."""
    of_subject = [_COLUMNS.store_id == store.id, _COLUMNS.subject == subject, _COLUMNS.at < until]
    pending: list[Entry] = []
    for page in _pages(session, of_subject):
        # The last record of a page may go on in the next one.
        pending += page
        whole = [entry for entry in pending if entry.record_id != pending[-1].record_id]
        pending = pending[len(whole) :]
        if whole:
            yield _lines(session, store, subject, whole, until, columns)
    if pending:
        yield _lines(session, store, subject, pending, until, columns)
    for ids in _never_logged(session, store, subject, until):
        yield _lines(session, store, subject, [], until, columns, ids)


def timelines_of(
    session: Session,
    store: Store,
    subject: str,
    until: dt.datetime,
    columns: Sequence[str],
    record_ids: Sequence[int],
) -> Iterator[list[Timeline]]:
    """Yield the timelines of some records as `timelines` does."""
    for start in range(0, len(record_ids), CHUNK):
        ids = record_ids[start : start + CHUNK]
        found = entries_of(session, store.id, subject, ids, until)
        entries = [entry for id in ids for entry in found.get(id, ())]
        yield _lines(session, store, subject, entries, until, columns, ids)


def entries_of(
    session: Session, store_id: int, subject: str, record_ids: Collection[int], until: dt.datetime
) -> dict[int, list[Entry]]:
    """Return the entries of some records before `until`, in order, by the id of the record."""
    found: dict[int, list[Entry]] = {}
    ids = sorted(record_ids)
    for start in range(0, len(ids), CHUNK):
        whose = [_COLUMNS.record_id.in_(ids[start : start + CHUNK]), _COLUMNS.at < until]
        of_subject = [_COLUMNS.store_id == store_id, _COLUMNS.subject == subject, *whose]
        for page in _pages(session, of_subject):
            for entry in page:
                found.setdefault(entry.record_id, []).append(entry)
    return found


def _never_logged(
    session: Session, store: Store, subject: str, until: dt.datetime
) -> Iterator[Sequence[int]]:
    """Yield the ids of the records of which no entry is kept, in pages."""
    table, after = KINDS[subject].table, 0
    of_record = [_COLUMNS.store_id == store.id, _COLUMNS.subject == subject, _COLUMNS.record_id == table.c.id]
    logged = sa.exists().where(*of_record, _COLUMNS.at < until)
    query = sa.select(table.c.id).where(table.c.store_id == store.id, table.c.created_at < until, ~logged)
    while ids := session.scalars(query.where(table.c.id > after).order_by(table.c.id).limit(PAGE)).all():
        yield ids
        after = ids[-1]


def _pages(session: Session, where: Sequence[sa.ColumnElement[bool]]) -> Iterator[list[Entry]]:
    names = ("id", "record_id", "at", "revision", "trigger")
    query = sa.select(*(_COLUMNS[name] for name in names), *_TEXTS).where(*where)
    query = query.order_by(_COLUMNS.record_id, _COLUMNS.id).limit(PAGE)
    after: tuple[int, int] = (0, 0)
    while True:
        further = sa.tuple_(_COLUMNS.record_id, _COLUMNS.id) > after
        page = [Entry(*row) for row in session.execute(query.where(further))]
        if page:
            yield page
            after = (page[-1].record_id, page[-1].id)
        if len(page) < PAGE:
            return


def _lines(
    session: Session,
    store: Store,
    subject: str,
    entries: Sequence[Entry],
    until: dt.datetime,
    columns: Sequence[str],
    ids: Sequence[int] = (),
) -> list[Timeline]:
    """Return the timelines of these entries, or of the records with these ids, which have none."""
    of_record: dict[int, list[Entry]] = {id: [] for id in ids}
    for entry in entries:
        of_record.setdefault(entry.record_id, []).append(entry)
    # A record that is gone has nothing that could be due.
    rows = _rows(session, store, subject, of_record, (*ROW, *columns))
    ids = [id for id, row in rows.items() if row["updated_at"] < until and _is_behind(row, of_record[id])]
    behind = current_records.rows_of(session, subject, store.id, ids) if ids else []
    for row, snapshot in zip(behind, current_records.snapshots(session, subject, store, behind), strict=True):
        of_record[row["id"]].append(_as_it_is(row, snapshot))
    return [Timeline(id, rows[id], of_record[id]) for id in of_record if id in rows]


def _rows(
    session: Session, store: Store, subject: str, ids: Collection[int], columns: Sequence[str]
) -> dict[int, Row]:
    """Return some columns of the records that there are by their ids: most of a record is not asked for."""
    table = KINDS[subject].table
    query = sa.select(*(table.c[name] for name in columns)).where(table.c.id.in_(ids))
    found = session.execute(query.where(table.c.store_id == store.id).order_by(table.c.id)).mappings()
    return {row["id"]: dict(row) for row in found}


def _is_behind(row: Row, entries: Sequence[Entry]) -> bool:
    """Whether the last change of a record is no longer kept."""
    return not entries or entries[-1].revision < row["revision"]


def _as_it_is(row: Row, snapshot: dict[str, Any]) -> Entry:
    """Return an entry, which no log has, of a record that has been as it is since it last changed."""
    entered = [name for name in LASTING if row.get(f"{name}_since") == row["updated_at"]]
    changed = JsonColumn.stored(entered)
    return Entry(0, row["id"], row["updated_at"], row["revision"], "", changed, None, "", _snapshot=snapshot)
