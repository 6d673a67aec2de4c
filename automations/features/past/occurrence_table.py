"""The recorded occurrences of one store, subject and trigger as columns, read when they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.features.past.arrays import Ints, Mask, np
from automations.features.past.columns import Column, Numbers
from automations.features.past.matches import Matches, microseconds
from automations.features.past.raw_facts import PastOccurrence, raw_of
from automations.models.tables.occurrence import Occurrence

#: Occurrences read at a time, so that their texts are never all in memory.
CHUNK = 2_000
#: Ids before the newest known one that are looked at again: a transaction that began earlier may end later.
LATECOMERS = 2_000
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class TableKey:
    """Whose occurrences they are."""

    store_id: int
    subject: str
    trigger: str


class _Moved(Exception):
    """The occurrences are not those that were known: some were deleted meanwhile."""


class OccurrenceTable:
    """All that is kept of these occurrences, oldest first. Hold `lock` while using it."""

    def __init__(self, key: TableKey) -> None:
        self.key = key
        self.lock = threading.RLock()
        self.columns: dict[str, Column] = {}
        self._ids, self._record_ids, self._ats = (Numbers(np.int64) for _ in range(3))

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def ids(self) -> Ints:
        ids: Ints = self._ids.array
        return ids

    @property
    def ats(self) -> Ints:
        ats: Ints = self._ats.array
        return ats

    @property
    def record_ids(self) -> Ints:
        record_ids: Ints = self._record_ids.array
        return record_ids

    def matches(self, mask: Mask) -> Matches:
        """Return the occurrences where `mask` is true."""
        return Matches(self.ids[mask], self.record_ids[mask], self.ats[mask])

    def bring_up_to_date(
        self, session: Session, needed: Collection[str], custom: Mapping[str, Field] | None
    ) -> None:
        """Read what has come in since, and the columns that are missing among the `needed` facts."""
        try:
            self._take_back_the_end(session)
            self._add_columns(session, [key for key in needed if key not in self.columns], custom)
        except _Moved:
            self.clear(keeping_columns=False)
            self._add_columns(session, needed, custom)
        self._read_on(session)

    def clear(self, keeping_columns: bool = False) -> None:
        """Forget everything that was read."""
        self._keep(np.zeros(len(self), np.bool_))
        if not keeping_columns:
            self.columns.clear()

    @property
    def bytes(self) -> int:
        """How much memory the table takes, about."""
        own = sum(numbers.bytes for numbers in (self._ids, self._record_ids, self._ats))
        return own + sum(column.bytes for column in self.columns.values())

    def _take_back_the_end(self, session: Session) -> None:
        """Forget the end of the table if an occurrence with a lower id has come in since it was read."""
        if not len(self):
            return
        before, last = int(self.ids[-1]) - LATECOMERS, int(self.ids[-1])
        between = sa.and_(Occurrence.id > before, Occurrence.id <= last)
        there = session.scalars(self._of_key(Occurrence.id).where(between).order_by(Occurrence.id)).all()
        known = self.ids[self.ids > before]
        if len(there) != len(known) or (known != np.array(there, np.int64)).any():
            self._keep(self.ids <= before)

    def _add_columns(
        self, session: Session, keys: Collection[str], custom: Mapping[str, Field] | None
    ) -> None:
        if not keys:
            return
        subject = SUBJECTS[self.key.subject]
        new = [Column(key, raw_of(subject, key, custom), custom) for key in keys]
        seen = 0
        for ids, _, _, rows in self._chunks(session, 0, int(self.ids[-1])) if len(self) else ():
            known = self.ids[seen : seen + len(ids)]
            if len(known) != len(ids) or (known != ids).any():
                raise _Moved
            seen += len(ids)
            for column in new:
                column.add(rows)
        if seen != len(self):
            raise _Moved
        self.columns |= {column.key: column for column in new}

    def _read_on(self, session: Session) -> None:
        last = int(self.ids[-1]) if len(self) else 0
        for ids, record_ids, ats, rows in self._chunks(session, last, None):
            for column in self.columns.values():
                column.add(rows)
            self._ids.extend(ids)
            self._record_ids.extend(record_ids)
            self._ats.extend(ats)

    def _chunks(
        self, session: Session, after: int, last: int | None
    ) -> Iterator[tuple[list[int], list[int], list[int], list[PastOccurrence]]]:
        """Yield the occurrences with ids above `after` in chunks: ids, record ids, instants, and rows."""
        while True:
            query = self._of_key(*_READ).where(Occurrence.id > after).order_by(Occurrence.id).limit(CHUNK)
            if last is not None:
                query = query.where(Occurrence.id <= last)
            found = session.execute(query).all()
            if found:
                ids, record_ids, ats = ([row[place] for row in found] for place in range(3))
                yield ids, record_ids, [microseconds(at) for at in ats], [self._row(row) for row in found]
                after = ids[-1]
            if len(found) < CHUNK:
                return

    def _row(self, row: Any) -> PastOccurrence:
        _, _, at, before, after, changed, moment, snapshot = row
        return PastOccurrence(
            self.key.subject, self.key.trigger, at, before, after, changed, moment, _decode(snapshot)
        )

    def _of_key(self, *columns: Any) -> sa.Select[Any]:
        key = self.key
        return sa.select(*columns).where(
            Occurrence.store_id == key.store_id,
            Occurrence.subject == key.subject,
            Occurrence.trigger == key.trigger,
        )

    def _keep(self, mask: Mask) -> None:
        for numbers in (self._ids, self._record_ids, self._ats):
            numbers.keep(mask)
        for column in self.columns.values():
            column.codes.keep(mask)


_READ = (
    Occurrence.id,
    Occurrence.record_id,
    Occurrence.at,
    Occurrence.from_value,
    Occurrence.to_value,
    sa.type_coerce(Occurrence.changed, sa.Text),
    sa.type_coerce(Occurrence.moment, sa.Text),
    sa.type_coerce(Occurrence.snapshot, sa.Text),
)
