"""The recorded occurrences of one store, subject and trigger as columns, read when they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy.orm import Session

from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.features.past.arrays import Ints, Mask, np
from automations.features.past.columns import Column, Numbers
from automations.features.past.matches import Matches
from automations.features.past.reading import ReadRows, TableKey, ids_between, read_rows
from automations.models.db.driver import connection_of

#: Ids before the newest known one that are looked at again: a transaction that began earlier may end later.
LATECOMERS = 2_000


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
        # In SQLite one transaction writes after the other.
        if not len(self) or connection_of(session).dialect.name == "sqlite":
            return
        last = int(self.ids[-1])
        before = last - LATECOMERS
        known = self.ids[np.searchsorted(self.ids, before, side="right") :]
        if ids_between(session, self.key, before, last) != (len(known), int(known.sum())):
            self._keep(self.ids <= before)

    def _add_columns(
        self, session: Session, keys: Collection[str], custom: Mapping[str, Field] | None
    ) -> None:
        if not keys:
            return
        subject = SUBJECTS[self.key.subject]
        new = [Column(key, subject, custom) for key in keys]
        seen = 0
        for read in self._read(session, 0, int(self.ids[-1]), new) if len(self) else ():
            known = self.ids[seen : seen + len(read.ids)]
            if len(known) != len(read.ids) or (known != read.ids).any():
                raise _Moved
            seen += len(read.ids)
            for column in new:
                column.add(read.batch)
        if seen != len(self):
            raise _Moved
        self.columns |= {column.key: column for column in new}

    def _read_on(self, session: Session) -> None:
        last = int(self.ids[-1]) if len(self) else 0
        for read in self._read(session, last, None, list(self.columns.values())):
            for column in self.columns.values():
                column.add(read.batch)
            self._ids.extend(read.ids)
            self._record_ids.extend(read.record_ids)
            self._ats.extend(read.ats)

    def _read(
        self, session: Session, after: int, last: int | None, columns: Sequence[Column]
    ) -> Iterator[ReadRows]:
        """Yield the occurrences with ids above `after`, as far as these columns need them."""
        paths = {path for column in columns for path in column.paths}
        return read_rows(session, self.key, after, last, paths)

    def _keep(self, mask: Mask) -> None:
        for numbers in (self._ids, self._record_ids, self._ats):
            numbers.keep(mask)
        for column in self.columns.values():
            column.codes.keep(mask)
