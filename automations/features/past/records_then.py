"""What was true of records at moments of the past: by their own entries, their customers', and purchases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from sqlalchemy.orm import Session

from automations.engine.fields.subject import CUSTOMER, Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule
from automations.features.past.arrays import Ints, Mask, np
from automations.features.past.due_past import DueTimes
from automations.features.past.due_table import DueTable, StoreClock, Then, customer_of
from automations.features.past.matches import microseconds, moment_of
from automations.features.past.timelines import Entry, Timeline, entries_of
from automations.models.tables.store import Store
from automations.pipeline.records.purchase_totals import PurchaseHistory
from automations.pipeline.records.snapshots import PURCHASE_TOTALS

#: Stands for a customer who has no entry newer than the record's own.
_NONE = -1


class RecordsThen:
    """The records of one store as one rule would have seen them."""

    def __init__(
        self, session: Session, store: Store, rule: Rule, custom: Mapping[str, Field] | None
    ) -> None:
        self._session, self._store, self._rule = session, store, rule
        self._subject = SUBJECTS[rule.subject].with_custom(custom)
        self._clock = StoreClock(store)

    def table(self, due: Sequence[tuple[Timeline, DueTimes]], until: dt.datetime) -> DueTable:
        """Return the due times of these records with what was true then."""
        lines = [line for line, _ in due]
        entries = [entry for line in lines for entry in line.entries]
        firsts = accumulate((len(line.entries) for line in lines), initial=0)
        lengths = [len(times) for _, times in due]
        ats = _joined([times.ats for _, times in due])
        entry_of = _joined([times.places + first for (_, times), first in zip(due, firsts, strict=False)])
        # What was true stays true until another entry begins, of the record or of its customer.
        begins = _changes(entry_of)
        newer_of, people = self._customers(entries, entry_of, ats, begins, until)
        begins |= _changes(newer_of)
        histories = self._histories([line.record_id for line in lines])
        if histories:
            begins |= _changes(_joined([_bought_by(histories[0], *one) for one in due]))
        thens = [
            self._then(entries[entry], people[newer] if newer != _NONE else None, moment_of(at), histories)
            for entry, newer, at in zip(
                *(of[begins].tolist() for of in (entry_of, newer_of, ats)), strict=True
            )
        ]
        record_ids = np.repeat(np.array([line.record_id for line in lines], np.int64), lengths)
        due_ats, then_of = _joined([times.due_ats for _, times in due]), np.cumsum(begins) - 1
        return DueTable(self._subject, self._clock, thens, then_of, record_ids, ats, due_ats)

    def _customers(
        self, entries: Sequence[Entry], entry_of: Ints, ats: Ints, begins: Mask, until: dt.datetime
    ) -> tuple[Ints, list[Entry]]:
        """Return of each moment the place of its customer's newest entry, if newer than its own."""
        newer_of, people = np.full(len(ats), _NONE, np.int64), list[Entry]()
        if not self._asks_customer or not len(ats):
            return newer_of, people
        bounds = [*np.flatnonzero(begins).tolist(), len(ats)]
        ids = [customer_of(self._subject.key, entries[entry]) for entry in entry_of[bounds[:-1]]]
        of_id = entries_of(self._session, self._store.id, "customer", {id for id in ids if id}, until)
        places: dict[int | None, tuple[int, Ints]] = {}
        for whose, told in of_id.items():
            places[whose] = len(people), np.array([microseconds(entry.at) for entry in told], np.int64)
            people += told
        told_in = np.array([entry.id for entry in people], np.int64)
        for id, begin, end in zip(ids, bounds, bounds[1:], strict=False):
            if id in places:
                first, times = places[id]
                newest = first + np.searchsorted(times, ats[begin:end], side="right") - 1
                is_newer = (newest >= first) & (told_in[newest] > entries[entry_of[begin]].id)
                newer_of[begin:end] = np.where(is_newer, newest, _NONE)
        return newer_of, people

    def _histories(self, ids: Sequence[int]) -> list[PurchaseHistory]:
        """Return what customers bought, if the rule asks."""
        return [PurchaseHistory.read(self._session, self._store, ids)] if self._asks_totals else []

    def _then(
        self, entry: Entry, person: Entry | None, at: dt.datetime, histories: Sequence[PurchaseHistory]
    ) -> Then:
        totals = histories[0].at(entry.record_id, at) if histories else {}
        return Then(entry, person, totals, self._store.currency)

    @cached_property
    def _asks_customer(self) -> bool:
        return self._rule.subject != "customer" and any(key.startswith(CUSTOMER) for key in self._rule.fields)

    @cached_property
    def _asks_totals(self) -> bool:
        asked = (key.partition("@")[0] for key in self._rule.fields)
        return self._rule.subject == "customer" and any(key in PURCHASE_TOTALS for key in asked)


def _bought_by(history: PurchaseHistory, line: Timeline, due: DueTimes) -> Ints:
    """Return of each moment a number that changes when what the customer has bought does."""
    instants = np.array([microseconds(at) for at in history.changes(line.record_id)], np.int64)
    return np.searchsorted(instants, due.ats, side="right")


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate([np.empty(0, np.int64), *parts])


def _changes(numbers: Ints) -> Mask:
    """Return where a number is another one than before it; the first is."""
    changes = np.ones(len(numbers), np.bool_)
    changes[1:] = numbers[1:] != numbers[:-1]
    return changes
