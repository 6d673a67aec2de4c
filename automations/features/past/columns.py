"""One fact of many occurrences: a code for each, and the distinct values the codes stand for."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from automations.engine.fields.subject import Field
from automations.features.past.arrays import Codes, Ints, Mask, np
from automations.features.past.raw_facts import Known, PastOccurrence, Raw

#: The numbers of a missing value, and of one that cannot be read: its rules are in error, never a silent no.
MISSING, UNREADABLE = 0, 1
#: Plain values remembered so that each is read once; where hardly any repeats, remembering them costs memory.
REMEMBERED = 20_000
#: Answers of conditions kept per column.
ANSWERS = 64
_GROWTH = 1.125


class Numbers:
    """An array that grows at its end; what was handed out before stays as it was."""

    def __init__(self, dtype: Any) -> None:
        self._array: Any = np.empty(0, dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def array(self) -> Any:
        """The numbers so far."""
        return self._array[: self._size]

    @property
    def bytes(self) -> int:
        return int(self._array.nbytes)

    def extend(self, numbers: Sequence[int] | Ints, dtype: Any = None) -> None:
        """Add numbers at the end, in a wider type if given."""
        size = self._size + len(numbers)
        wider = dtype is not None and self._array.dtype != dtype
        if wider or size > len(self._array):
            room = np.empty(
                max(size, int(size * _GROWTH) if self._size else size), dtype or self._array.dtype
            )
            room[: self._size] = self.array
            self._array = room
        self._array[self._size : size] = numbers
        self._size = size

    def keep(self, mask: Mask) -> None:
        """Keep only the numbers where `mask` is true."""
        self._array = self.array[mask]
        self._size = len(self._array)


class Column:
    """The codes of one fact, parallel to the occurrences of its table."""

    def __init__(self, key: str, raw: Raw, custom: Mapping[str, Field] | None) -> None:
        self.key = key
        self.codes = Numbers(np.uint8)
        #: By code; that of UNREADABLE stands for nothing.
        self.values: list[Known] = [None, None]
        #: Whether any value cannot be read.
        self.has_unreadable = False
        self._raw = raw
        self._custom = custom
        self._by_raw: dict[Hashable, int] = {None: MISSING}
        self._by_value: dict[Known, int] = {None: MISSING}
        self._answers: OrderedDict[Hashable, Mask] = OrderedDict()
        self._bytes_of_values = 0

    def add(self, rows: Sequence[PastOccurrence]) -> None:
        """Add these occurrences at the end."""
        raw, known, new = self._raw, self._by_raw, self._new
        codes = []
        for row in rows:
            key = raw(row)
            code = known.get(key)
            codes.append(new(row, key) if code is None else code)
        self.codes.extend(codes, _width(len(self.values)))
        for memory in (self._by_raw, self._by_value):
            if len(memory) > REMEMBERED:
                memory.clear()
                memory[None] = MISSING

    def where(self, answer: Mask) -> Mask:
        """Return for each occurrence what `answer` says of its code."""
        codes: Codes = self.codes.array
        return answer[codes]

    def unreadable(self) -> Mask:
        """Return the occurrences whose value cannot be read."""
        return np.asarray(self.codes.array == UNREADABLE)

    def answers(self, condition: Hashable, holds: Callable[[Any], bool]) -> Mask:
        """Return by code whether a condition holds, asking it about each value once."""
        kept = self._answers.get(condition)
        known = 0 if kept is None else len(kept)
        if kept is None or known < len(self.values):
            values = self.values[known:]
            answered = np.fromiter(map(holds, values), np.bool_, len(values))
            if not known:
                answered[UNREADABLE] = False
            kept = answered if kept is None else np.concatenate([kept, answered])
        self._answers[condition] = kept
        self._answers.move_to_end(condition)
        if len(self._answers) > ANSWERS:
            self._answers.popitem(last=False)
        return kept

    @property
    def bytes(self) -> int:
        """How much memory the column takes, about."""
        answers = sum(answer.nbytes for answer in self._answers.values())
        memory = 120 * (len(self._by_raw) + len(self._by_value))
        return int(self.codes.bytes + self._bytes_of_values + answers + memory)

    def _new(self, row: PastOccurrence, key: Hashable) -> int:
        code = self._read(row)
        self._by_raw[key] = code
        return code

    def _read(self, row: PastOccurrence) -> int:
        try:
            value = row.read(self.key, self._custom)
        except ValueError:
            self.has_unreadable = True
            return UNREADABLE
        code = self._by_value.get(value)
        if code is None:
            code = self._by_value[value] = len(self.values)
            self.values.append(value)
            self._bytes_of_values += sys.getsizeof(value) + 8
        return code


def _width(values: int) -> Any:
    return np.uint8 if values <= 1 << 8 else np.uint16 if values <= 1 << 16 else np.uint32
