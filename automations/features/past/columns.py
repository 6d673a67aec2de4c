"""One fact of many occurrences: a code for each, and the distinct values the codes stand for."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from automations.engine.fields.subject import Field, Subject
from automations.features.past.arrays import Codes, Ints, Mask, np
from automations.features.past.batch import Batch
from automations.features.past.pieces import NULL
from automations.features.past.raw_facts import Known, field_of, is_foreign, keys_of, paths_of, read

#: The numbers of a missing value, and of one that cannot be read: its rules are in error, never a silent no.
MISSING, UNREADABLE = 0, 1
#: Plain values remembered so that each is read once; where hardly any repeats, remembering them costs memory.
REMEMBERED = 20_000
#: Answers of conditions kept per column.
ANSWERS = 64
#: So many values are put in order rather than asked about one by one.
MANY = 256
_GROWTH = 1.125
#: The keys that stand for a missing value in any column.
_ALWAYS: dict[Hashable, int] = {None: MISSING, NULL: MISSING}


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

    def extend(self, numbers: Sequence[int] | Ints | Codes, dtype: Any = None) -> None:
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

    def __init__(self, key: str, subject: Subject, custom: Mapping[str, Field] | None) -> None:
        self.key = key
        self.paths = paths_of(subject, key, custom)
        #: The field it is about, if it is about one.
        self.field = field_of(subject, key, custom)
        self.codes = Numbers(np.uint8)
        #: By code; that of UNREADABLE stands for nothing.
        self.values: list[Known] = [None, None]
        #: Whether any value cannot be read.
        self.has_unreadable = False
        self._keys = keys_of(subject, key, custom)
        self._custom = custom
        self._by_key: dict[Hashable, int] = dict(_ALWAYS)
        self._by_value: dict[Known, int] = {None: MISSING}
        self._answers: OrderedDict[Hashable, Mask] = OrderedDict()
        self._order: tuple[list[Any], Codes] | None = None
        self._bytes_of_values = 0
        #: The codes of amounts that have no order among the others: those in another currency.
        self._foreign: list[int] = []

    @property
    def has_foreign(self) -> bool:
        """Whether any amount is in another currency than the store's."""
        return bool(self._foreign)

    def add(self, batch: Batch) -> None:
        """Add these occurrences at the end."""
        keys, known = self._keys(batch), self._by_key
        codes: list[Any] = list(map(known.get, keys))
        for place in [place for place, code in enumerate(codes) if code is None]:
            key = keys[place]
            if key not in known:
                known[key] = self._read(batch, place)
            codes[place] = known[key]
        self.codes.extend(codes, _width(len(self.values)))
        if len(known) > REMEMBERED:
            self._by_key = dict(_ALWAYS)
        if len(self._by_value) > REMEMBERED:
            self._by_value = {None: MISSING}

    def restore(self, codes: Codes, values: Sequence[Known]) -> None:
        """Take these codes, and the values from the first that is neither missing nor unreadable."""
        self.codes.extend(codes, codes.dtype)
        self._foreign += [place for place, value in enumerate(values, len(self.values)) if is_foreign(value)]
        self.values += values
        self.has_unreadable = bool((codes == UNREADABLE).any())
        self._by_value |= {value: code for code, value in enumerate(self.values) if code > UNREADABLE}
        self._bytes_of_values = sum(sys.getsizeof(value) + 8 for value in values)

    def where(self, answer: Mask) -> Mask:
        """Return for each occurrence what `answer` says of its code."""
        codes: Codes = self.codes.array
        return answer[codes]

    def unreadable(self) -> Mask:
        """Return the occurrences whose value cannot be read."""
        return np.asarray(self.codes.array == UNREADABLE)

    def is_there(self) -> Mask:
        """Return the occurrences that have a value, readable or not."""
        return np.asarray(self.codes.array != MISSING)

    def numbers(self) -> Ints:
        """Return the number of each occurrence; 0 where there is none."""
        numbers: Ints = np.array([value or 0 for value in self.values], np.int64)[self.codes.array]
        return numbers

    def answers(
        self, condition: Hashable, holds: Callable[[Any], bool], limits: Collection[Any] | None = None
    ) -> Mask:
        """Return by code whether a condition holds, asking it about each value once.

        `limits` says that the answer changes only at these values: then one value between two of them is
        asked for all.
        """
        kept = self._answers.get(condition)
        known = 0 if kept is None else len(kept)
        if kept is None and limits is not None and len(self.values) > MANY:
            kept = self._between(holds, limits)
        elif kept is None or known < len(self.values):
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

    def _between(self, holds: Callable[[Any], bool], limits: Collection[Any]) -> Mask:
        values, codes = self._in_order()
        cuts = {cut for limit in limits for cut in (bisect_left(values, limit), bisect_right(values, limit))}
        answered = np.zeros(len(self.values), np.bool_)
        answered[MISSING] = holds(None)
        for first, last in pairwise(sorted({0, len(values), *cuts})):
            answered[codes[first:last]] = holds(values[first])
        for code in self._foreign:
            answered[code] = holds(self.values[code])
        return answered

    def _in_order(self) -> tuple[list[Any], Codes]:
        """Return the values that have an order, and the code of each."""
        count = len(self.values) - UNREADABLE - 1 - len(self._foreign)
        if self._order is None or len(self._order[0]) != count:
            values, foreign = self.values, frozenset(self._foreign)
            codes = [code for code in range(UNREADABLE + 1, len(values)) if code not in foreign]
            present: list[Any] = [values[code] for code in codes]
            places = sorted(range(len(present)), key=present.__getitem__)
            self._order = [present[place] for place in places], np.array(codes, np.uint32)[places]
        return self._order

    @property
    def bytes(self) -> int:
        """How much memory the column takes, about."""
        answers = sum(answer.nbytes for answer in self._answers.values())
        memory = 120 * (len(self._by_key) + len(self._by_value)) + 12 * len(
            self._order[0] if self._order else ()
        )
        return int(self.codes.bytes + self._bytes_of_values + answers + memory)

    def _read(self, batch: Batch, place: int) -> int:
        try:
            value = read(batch, place, self.key, self._custom)
        except ValueError:
            self.has_unreadable = True
            return UNREADABLE
        code = self._by_value.get(value)
        if code is None:
            code = self._by_value[value] = len(self.values)
            if is_foreign(value):
                self._foreign.append(code)
            self.values.append(value)
            self._bytes_of_values += sys.getsizeof(value) + 8
        return code


def _width(values: int) -> Any:
    return np.uint8 if values <= 1 << 8 else np.uint16 if values <= 1 << 16 else np.uint32
