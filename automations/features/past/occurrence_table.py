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
from automations.features.past.raw_facts import field_of
from automations.features.past.row_reader import (
    LogState,
    ReadRows,
    TableKey,
    all_ids,
    ids_between,
    log_state,
    read_rows,
)

#: Ids before the newest known one that are looked at again: a transaction that began earlier may end later.
LATECOMERS = 2_000
#: Occurrences looked at together, from the newest on.
_LOOKED_AT = 4_096
#: The memory a table may take per occurrence; a small one may take as much as it likes.
BYTES_EACH, LEAST_BYTES = 150, 16_000_000


class _Moved(Exception):
    """The occurrences are not those that were known: some were deleted meanwhile."""


class OccurrenceTable:
    """All that is kept of these occurrences, oldest first. Hold `lock` while using it."""

    def __init__(self, key: TableKey) -> None:
        self.key = key
        self.lock = threading.RLock()
        self.columns: dict[str, Column] = {}
        self.state = LogState(0, 0, "")
        #: How many occurrences were read from the log, each time one is counted, since it was kept.
        self.read = 0
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

    def first(self, mask: Mask) -> int | None:
        """Return when the oldest one was where `mask` is true."""
        return int(self.ats[mask].min()) if mask.any() else None

    def newest(self, mask: Mask) -> tuple[int, int] | None:
        """Return the highest id where `mask` is true: what it is ordered by, and itself."""
        for last in range(len(mask), 0, -_LOOKED_AT):
            begin = max(0, last - _LOOKED_AT)
            places = np.flatnonzero(mask[begin:last])
            if len(places):
                id = int(self.ids[begin + places[-1]])
                return id, id
        return None

    def bring_up_to_date(
        self, session: Session, needed: Collection[str], custom: Mapping[str, Field] | None
    ) -> None:
        """Read what has come in since, and the columns that are missing among the `needed` facts."""
        self._forget_what_changed(session)
        missing = [key for key in needed if not self._has(key, custom)]
        try:
            self._take_back_the_end(session)
            self._add_columns(session, missing, custom)
        except _Moved:
            self.clear()
            self._add_columns(session, needed, custom)
        self._read_on(session)
        self._make_room(needed)

    def restore(self, state: LogState, numbers: Sequence[Ints], columns: Sequence[Column]) -> None:
        """Take what was kept of an empty table: ids, record ids and instants, and columns."""
        self.state = state
        for kept, given in zip((self._ids, self._record_ids, self._ats), numbers, strict=True):
            kept.extend(given)
        self.columns = {column.key: column for column in columns}

    def clear(self) -> None:
        """Forget everything that was read."""
        self._keep(np.zeros(len(self), np.bool_))
        self.columns.clear()

    def is_rewritten(self, session: Session) -> bool:
        """Return whether it holds values that the log does not have any more."""
        return bool(len(self)) and log_state(session, self.key.store_id).rewrites != self.state.rewrites

    @property
    def bytes(self) -> int:
        """How much memory the table takes, about."""
        own = sum(numbers.bytes for numbers in (self._ids, self._record_ids, self._ats))
        return own + sum(column.bytes for column in self.columns.values())

    def _forget_what_changed(self, session: Session) -> None:
        # Read before the rows: what is changed in between counts as changed later.
        state = log_state(session, self.key.store_id)
        if (state.rewrites, state.currency) != (self.state.rewrites, self.state.currency):
            self.clear()
        elif state.deletions != self.state.deletions and len(self):
            self._keep(np.isin(self.ids, all_ids(session, self.key), assume_unique=True))
        self.state = state

    def _has(self, key: str, custom: Mapping[str, Field] | None) -> bool:
        """Return whether the column is there, and of the field that is called so now."""
        column = self.columns.get(key)
        return column is not None and column.field == field_of(SUBJECTS[self.key.subject], key, custom)

    def _make_room(self, needed: Collection[str]) -> None:
        """Drop the columns that were not asked for the longest, if the table takes too much memory."""
        for key in needed:
            self.columns[key] = self.columns.pop(key)
        most = max(LEAST_BYTES, len(self) * BYTES_EACH)
        for key in [key for key in self.columns if key not in needed]:
            if self.bytes <= most:
                return
            del self.columns[key]

    def _take_back_the_end(self, session: Session) -> None:
        """Forget the end of the table if an occurrence with a lower id has come in since it was read."""
        if not len(self):
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
            self.read += len(read.ids)
            for column in new:
                column.add(read.batch)
        if seen != len(self):
            raise _Moved
        self.columns |= {column.key: column for column in new}

    def _read_on(self, session: Session) -> None:
        last = int(self.ids[-1]) if len(self) else 0
        for read in self._read(session, last, None, list(self.columns.values())):
            self.read += len(read.ids)
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
        return read_rows(session, self.key, after, last, paths, self.state.currency)

    def _keep(self, mask: Mask) -> None:
        for numbers in (self._ids, self._record_ids, self._ats):
            numbers.keep(mask)
        for column in self.columns.values():
            column.codes.keep(mask)
