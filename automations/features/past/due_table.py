"""The moments at which records were due as a table that conditions are asked of like recorded occurrences.

Many moments share what was true of a record, so a fact is read once for each such state; what the moment
itself decides, such as the days until a date, is worked out for each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from automations.engine.fields.facts import Reading
from automations.engine.fields.subject import NOW, Subject
from automations.engine.operators.distances import MEASURES
from automations.features.past.arrays import Ints, Mask, np
from automations.features.past.columns import MISSING, UNREADABLE
from automations.features.past.matches import Matches, microseconds, moment_of
from automations.features.past.raw_facts import CUSTOMER_ID, Known, fields_of_lines, is_foreign, is_of_lines
from automations.features.past.timelines import Entry
from automations.models.tables.store import Store
from automations.pipeline.evaluation.action_timing import is_working
from automations.pipeline.records.snapshots import in_currency_of

#: Numbers this close together are put in order with one flag each.
_DENSE = 1 << 20
_MOST_DAYS = dt.date.max.toordinal() + 1


@dataclass(frozen=True, slots=True)
class Then:
    """What was true of a record for a while: its entry, its customer's if newer, and what was bought."""

    entry: Entry
    customer: Entry | None
    totals: Mapping[str, Any]
    #: What the store's amounts are in now.
    currency: str

    @property
    def snapshot(self) -> Mapping[str, Any]:
        """The record as it was."""
        own = in_currency_of(self.entry.snapshot, self.currency)
        if self.customer:
            return {**own, "customer": self.customer.snapshot}
        return {**own, **self.totals} if self.totals else own


@dataclass(frozen=True, slots=True)
class StoreClock:
    """The time in a store, and whether it is open."""

    store: Store

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.store.timezone)

    def now(self, at: int) -> tuple[dt.datetime, bool]:
        """Return both at an instant in microseconds since 1970."""
        moment, zone = moment_of(at), self.zone
        return moment.astimezone(zone), is_working(moment, zone, self.store.working_hours)


@dataclass(frozen=True, slots=True)
class DueColumn:
    """One fact of all moments: a code for each, and the values that the codes stand for."""

    #: By code: missing, one that cannot be read, and the others.
    values: Sequence[Known]
    codes: Ints

    @property
    def has_unreadable(self) -> bool:
        return bool((self.codes == UNREADABLE).any())

    @property
    def has_foreign(self) -> bool:
        """Whether any amount is in another currency than the store's."""
        return any(map(is_foreign, self.values))

    def answers(
        self, condition: Hashable, holds: Callable[[Any], bool], limits: Collection[Any] | None = None
    ) -> Mask:
        """Return by code whether a condition holds."""
        answered = np.fromiter(map(holds, self.values), np.bool_, len(self.values))
        answered[UNREADABLE] = False
        return answered

    def where(self, answer: Mask) -> Mask:
        """Return for each moment what `answer` says of its code."""
        return answer[self.codes]

    def unreadable(self) -> Mask:
        """Return the moments at which the value could not be read."""
        return np.asarray(self.codes == UNREADABLE)

    def is_there(self) -> Mask:
        """Return the moments at which there was a value, readable or not."""
        return np.asarray(self.codes != MISSING)

    def numbers(self) -> Ints:
        """Return the number at each moment; 0 where there is none."""
        numbers: Ints = np.array([value or 0 for value in self.values], np.int64)[self.codes]
        return numbers


class DueTable:
    """Moments at which records were due, record by record."""

    def __init__(
        self,
        subject: Subject,
        clock: StoreClock,
        thens: Sequence[Then],
        then_of: Ints,
        record_ids: Ints,
        ats: Ints,
        due_ats: Ints,
    ) -> None:
        self.record_ids, self.ats, self.due_ats = record_ids, ats, due_ats
        self.columns: Mapping[str, DueColumn] = _Columns(self)
        self._subject, self._clock = subject, clock
        self._thens, self._then_of = thens, then_of

    def __len__(self) -> int:
        return len(self.ats)

    @property
    def ids(self) -> Ints:
        """The entries that say what was true; 0 where the log has none any more."""
        ids: Ints = np.array([then.entry.id for then in self._thens], np.int64)[self._then_of]
        return ids

    def matches(self, mask: Mask) -> Matches:
        """Return the moments where `mask` is true."""
        return Matches(self.ids[mask], self.record_ids[mask], self.ats[mask], by_moment=True)

    def newest(self, mask: Mask) -> tuple[int, int] | None:
        """Return the last moment where `mask` is true and the log has an entry for it, and that entry."""
        ids = self.ids
        places = np.flatnonzero(mask & (ids != 0))
        if not len(places):
            return None
        last = places[::-1][np.argmax(self.ats[places][::-1])]
        return int(self.ats[last]), int(ids[last])

    def first(self, mask: Mask) -> int | None:
        """Return when the oldest entry was told that was true at a moment where `mask` is true."""
        thens = np.unique(self._then_of[mask]).tolist()
        return min((microseconds(self._thens[then].entry.at) for then in thens), default=None)

    def once(self, fires: Mask) -> Mask:
        """Return all moments but those at which one that had fired was looked at again.

        An instant that is over when its date is set counts once, however often that date is set again.
        """
        if (self.ats == self.due_ats).all():
            return np.ones(len(self), np.bool_)
        order = np.lexsort((self.due_ats, self.record_ids))
        record_ids, due_ats = self.record_ids[order], self.due_ats[order]
        again = (record_ids[1:] == record_ids[:-1]) & (due_ats[1:] == due_ats[:-1])
        fired = fires[order].astype(np.int64)
        before = np.cumsum(fired) - fired
        begins = np.concatenate([[0], np.where(again, 0, np.arange(1, len(order)))])
        first = np.empty(len(self), np.bool_)
        first[order] = before == before[np.maximum.accumulate(begins)]
        return first

    def column(self, key: str) -> DueColumn:
        """Return the fact with this key."""
        base, _, derived = key.partition("@")
        if key.startswith(NOW):
            return self._of_the_moment(key)
        return self._distance(base, derived) if derived in MEASURES else self._lasting(key)

    def _lasting(self, key: str) -> DueColumn:
        values, codes = _coded(self._reader(key), self._thens)
        return DueColumn(values, codes[self._then_of])

    def _of_the_moment(self, key: str) -> DueColumn:
        instants, places = self._instants

        def value(at: int) -> Known:
            now, working = self._clock.now(at)
            return self._reading({}, now, working).facts((key,)).get(key)

        values, codes = _coded(value, instants.tolist())
        return DueColumn(values, codes[places])

    def _distance(self, base: str, measure: str) -> DueColumn:
        """Return the distance from the day of each moment to a date, as the judge measures it."""
        instants, places = self._instants
        if not len(instants):
            return DueColumn([None, None], np.empty(0, np.int64))
        now, _ = self._clock.now(int(instants[0]))
        key, today = f"{base}@days", now.toordinal()

        def day(then: Then) -> int | None:
            away = self._reading(then.snapshot, now).facts((key,)).get(key)
            return today + int(away) if isinstance(away, Decimal) else None

        days, codes = _coded(day, self._thens)
        todays = np.array([self._clock.now(at)[0].toordinal() for at in instants.tolist()], np.int64)
        code_of = codes[self._then_of]
        dates, now_days = np.array([value or 0 for value in days], np.int64)[code_of], todays[places]
        is_known = code_of > UNREADABLE
        distances, numbers = _measured(measure, dates, now_days, is_known)
        return DueColumn([None, None, *distances], np.where(is_known, numbers + UNREADABLE + 1, code_of))

    @cached_property
    def _instants(self) -> tuple[Ints, Ints]:
        """The distinct instants, and the place of each moment among them."""
        instants, places = np.unique(self.ats, return_inverse=True)
        return instants, places

    def _reader(self, key: str) -> Callable[[Then], Known]:
        if key == CUSTOMER_ID:
            return lambda then: customer_of(self._subject.key, then.entry)
        if is_of_lines(key):
            fields = fields_of_lines(key)
            return lambda then: tuple(self._reading(then.snapshot).facts(fields).values())
        return lambda then: self._reading(then.snapshot).facts((key,)).get(key)

    def _reading(
        self, snapshot: Mapping[str, Any], now: dt.datetime | None = None, working: bool | None = None
    ) -> Reading:
        return Reading(self._subject.fields, self._subject.line_fields, snapshot, now, working)


class _Columns(dict[str, DueColumn]):
    """Columns that are made when they are asked for."""

    def __init__(self, table: DueTable) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, key: str) -> DueColumn:
        column = self[key] = self._table.column(key)
        return column


def customer_of(subject: str, entry: Entry) -> int | None:
    """Return the customer that a record was about; None if it had none."""
    if subject == "customer":
        return entry.record_id
    person = entry.snapshot.get("customer")
    return int(person["id"]) if isinstance(person, Mapping) else None


def _coded(read: Callable[[Any], Known], of: Iterable[Any]) -> tuple[list[Known], Ints]:
    """Return the distinct values with their codes' places, and the code of each."""
    values: list[Known] = [None, None]
    known: dict[Known, int] = {None: MISSING}
    codes = []
    for each in of:
        try:
            value = read(each)
        except ValueError:
            codes.append(UNREADABLE)
            continue
        code = known.setdefault(value, len(values))
        if code == len(values):
            values.append(value)
        codes.append(code)
    return values, np.array(codes, np.int64)


def _measured(measure: str, dates: Ints, todays: Ints, is_known: Mask) -> tuple[list[Decimal], Ints]:
    """Return the distinct distances of days from today, and the place of each among them."""
    if measure == "days":
        distinct, numbers = _numbered(np.where(is_known, dates - todays, 0))
        return list(map(Decimal, distinct.tolist())), numbers
    # A day and a today make one number, so that each pair is measured once.
    pairs = np.where(is_known, dates, todays) * _MOST_DAYS + todays
    distinct, numbers = np.unique(pairs, return_inverse=True)
    days = [map(dt.date.fromordinal, divmod(pair, _MOST_DAYS)) for pair in distinct.tolist()]
    return [MEASURES[measure](day, today) for day, today in days], numbers


def _numbered(numbers: Ints) -> tuple[Ints, Ints]:
    """Return the distinct numbers in order, and the place of each among them."""
    low, high = int(numbers.min()), int(numbers.max())
    if high - low > _DENSE:
        distinct, places = np.unique(numbers, return_inverse=True)
        return distinct, places
    seen = np.zeros(high - low + 1, np.bool_)
    seen[numbers - low] = True
    distinct = np.flatnonzero(seen)
    return distinct + low, (np.cumsum(seen) - 1)[numbers - low]
