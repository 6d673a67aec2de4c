"""What was true of a record at a moment of the past: its entry, its customer's entry, and the time."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.engine.fields.facts import Reading, needs_the_moment
from automations.engine.fields.subject import CUSTOMER, Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import Value
from automations.engine.rules.rule import Rule
from automations.engine.rules.typed_rule import TypedNode, holds, looked_at, typed_nodes
from automations.features.past.due_past import DueOnce
from automations.features.past.timelines import Entry, Timeline, entries_of
from automations.models.tables.store import Store
from automations.pipeline.evaluation.action_timing import is_working
from automations.pipeline.records.purchase_totals import PurchaseHistory
from automations.pipeline.records.snapshots import PURCHASE_TOTALS


@dataclass(slots=True)
class MomentThen:
    """One time at which a record was due, with what was true of it."""

    record_id: int
    at: dt.datetime
    #: The instant it was due for: earlier than `at` if that was over when the date was set.
    due_at: dt.datetime
    entry: Entry
    #: The newest entry of its customer, where that is newer.
    customer: Entry | None
    _records: RecordsThen

    @property
    def snapshot(self) -> Mapping[str, Any]:
        """The record as it was."""
        own = self.entry.snapshot
        if self.customer:
            return {**own, "customer": self.customer.snapshot}
        return {**own, **self._records.totals(self.record_id, self.at)}

    def facts(self, only: Collection[str]) -> dict[str, Value | None]:
        """Return the typed facts with these keys. Raises UnreadableFact."""
        return self._records.facts(self, only)

    def holds(self, conditions: Conditions) -> bool:
        """Return whether these conditions held. Raises UnreadableFact."""
        return self._records.holds(self, conditions)

    @property
    def customer_id(self) -> int:
        """The customer it was about; 0 for none."""
        return self._records.customer_of(self)

    def fires(self) -> bool:
        """Return whether the conditions held; False if they could not be evaluated."""
        return self._records.fires(self)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Some of a rule's conditions, and the keys of the facts they test."""

    nodes: tuple[TypedNode, ...]
    keys: frozenset[str]

    @property
    def last(self) -> bool:
        """Whether they stay as they are from one entry to the next."""
        return not any(map(_passes, self.keys))

    @classmethod
    def of(cls, nodes: Iterable[TypedNode]) -> Conditions:
        nodes = tuple(nodes)
        return cls(nodes, frozenset(key for node in nodes for key in looked_at(node)))


class RecordsThen:
    """The records of one store as one rule would have seen them."""

    def __init__(
        self, session: Session, store: Store, rule: Rule, custom: Mapping[str, Field] | None
    ) -> None:
        self._rule, self._subject = rule, SUBJECTS[rule.subject].with_custom(custom)
        self._session, self._store, self._zone = session, store, ZoneInfo(store.timezone)
        self._history: PurchaseHistory | None = None
        nodes = typed_nodes(rule, custom)
        #: The conditions that stay as they are from one entry to the next, and the others.
        alone = [(node, Conditions.of([node]).last) for node in nodes]
        self._lasting = Conditions.of(node for node, lasts in alone if lasts)
        self._passing = Conditions.of(node for node, lasts in alone if not lasts)
        #: By the entries that a record is read from, whether the lasting conditions hold.
        self._held: dict[tuple[int, int, int], bool] = {}
        self._clocks: dict[dt.datetime, tuple[dt.datetime, bool]] = {}

    def moments(self, due: Sequence[tuple[Timeline, DueOnce]], until: dt.datetime) -> Iterator[MomentThen]:
        """Yield what was true at each of these times."""
        customers = self._customers([once.entry for _, once in due], until)
        self._held.clear()
        self._clocks.clear()
        if self._asks_totals:
            ids = {line.record_id for line, _ in due}
            self._history = PurchaseHistory.read(self._session, self._store, ids)
        for line, once in due:
            person = _customer_id(once.entry) if customers else None
            customer = _newer(customers.get(person, ()), once) if person else None
            yield MomentThen(line.record_id, once.at, once.due_at, once.entry, customer, self)

    def totals(self, record_id: int, at: dt.datetime) -> Mapping[str, Any]:
        """Return what a customer had bought by then, if the rule asks."""
        return self._history.at(record_id, at) if self._history else {}

    def facts(self, then: MomentThen, only: Collection[str]) -> dict[str, Value | None]:
        """Return the typed facts of a moment with these keys. Raises UnreadableFact."""
        fields, line_fields = self._subject.fields, self._subject.line_fields
        now, working = (None, None) if not any(map(needs_the_moment, only)) else self._clock(then.at)
        return Reading(fields, line_fields, then.snapshot, now, working).facts(only)

    def customer_of(self, then: MomentThen) -> int:
        """Return the customer of a moment; 0 for none."""
        return then.record_id if self._rule.subject == "customer" else _customer_id(then.entry) or 0

    def fires(self, then: MomentThen) -> bool:
        """Return whether the rule fires at a moment."""
        key = (then.record_id, then.entry.id, then.customer.id if then.customer else 0)
        if key not in self._held:
            self._held[key] = self._hold(self._lasting, then)
        return self._held[key] and self._hold(self._passing, then)

    def holds(self, then: MomentThen, conditions: Conditions) -> bool:
        """Return whether conditions held at a moment. Raises UnreadableFact."""
        facts = self.facts(then, conditions.keys)
        return all(holds(node, facts) for node in conditions.nodes)

    def _hold(self, conditions: Conditions, then: MomentThen) -> bool:
        if not conditions.nodes:
            return True
        try:
            return self.holds(then, conditions)
        except ValueError:
            return False

    def _clock(self, at: dt.datetime) -> tuple[dt.datetime, bool]:
        """Return the time in the store, and whether it was open."""
        if at not in self._clocks:
            working = is_working(at, self._zone, self._store.working_hours)
            self._clocks[at] = (at.astimezone(self._zone), working)
        return self._clocks[at]

    def _customers(self, entries: Sequence[Entry], until: dt.datetime) -> dict[int, list[Entry]]:
        """Return the entries of the records' customers, if the rule asks about them."""
        if not self._asks_customer:
            return {}
        ids = {id for entry in entries if (id := _customer_id(entry))}
        return entries_of(self._session, self._store.id, "customer", ids, until)

    @cached_property
    def _asks_customer(self) -> bool:
        return self._rule.subject != "customer" and any(key.startswith(CUSTOMER) for key in self._rule.fields)

    @cached_property
    def _asks_totals(self) -> bool:
        return self._rule.subject == "customer" and any(
            _base(key) in PURCHASE_TOTALS for key in self._rule.fields
        )


def _passes(key: str) -> bool:
    """Whether a fact may change without an entry of the record or its customer."""
    return needs_the_moment(key) or _base(key) in PURCHASE_TOTALS


def _base(key: str) -> str:
    return key.partition("@")[0]


def _customer_id(entry: Entry) -> int | None:
    person = entry.snapshot.get("customer")
    return int(person["id"]) if isinstance(person, Mapping) else None


def _newer(entries: Sequence[Entry], once: DueOnce) -> Entry | None:
    """Return the customer's newest entry by then, unless the record's own is newer still."""
    place = bisect_right(entries, once.at, key=lambda entry: entry.at)
    return entries[place - 1] if place and entries[place - 1].id > once.entry.id else None
