"""The only way in which an order, event or customer changes. After: evaluate.

Locks the records, compares and writes them, creates the occurrences with their snapshots, has them evaluated,
and writes evaluations and runs: all in the caller's one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from automations.faults import crash
from automations.models.db import bulk_write
from automations.models.db.id_allocation import reserve
from automations.models.settings.choices import StoreWords
from automations.models.tables.occurrence import IMPORTED
from automations.models.tables.store import Store
from automations.pipeline.evaluation import segment_membership
from automations.pipeline.evaluation.evaluate import QuietEvaluator, StoreEvaluator
from automations.pipeline.evaluation.loop_guard import Limits
from automations.pipeline.evaluation.outbox import Outbox, Triggered
from automations.pipeline.records import custom_date_index, parcel_numbers, record_kinds
from automations.pipeline.records.change import Cause, Change, Received, Sender
from automations.pipeline.records.evaluation_context import NAMED, merged, previous_of
from automations.pipeline.records.order_totals import MARKS
from automations.pipeline.records.purchase_totals import add_purchase_totals
from automations.pipeline.records.record_kinds import KINDS, RecordKind, Row
from automations.pipeline.records.snapshots import PlainPeers, same


class UnknownColumn(ValueError):
    """A change names something its record does not have: a mistake in the caller, not in the data."""


class NotTogether(Exception):
    """Only now it shows that one of several requests may depend on another one: they have to take turns."""


@dataclass(slots=True)
class _Work:
    """The records of one batch while they change, by number."""

    rows: dict[str, Row]
    new: dict[str, Row] = field(default_factory=dict)
    touched: dict[str, Row] = field(default_factory=dict)
    #: The numbers of those whose fields of the store's own changed.
    own: set[str] = field(default_factory=set)
    #: The numbers of the orders whose parcels changed.
    parcels: set[str] = field(default_factory=set)
    #: The ids of the customers whose segments may change, each with the sender of the change that did it.
    customers: dict[int, Sender | None] = field(default_factory=dict)
    #: Whether one of these customers is the concern of several senders.
    shared: bool = False

    def concerns(self, kind: RecordKind, sender: Sender | None, *rows: Row) -> None:
        """Remember the customers that these rows are or belong to."""
        column = _CUSTOMER.get(kind.subject)
        for row in rows:
            if column and row[column]:
                self.shared |= self.customers.setdefault(row[column], sender) is not sender


def receive(
    session: Session,
    store: Store,
    subject: str,
    changes: Sequence[Change],
    cause: Cause,
    now: dt.datetime,
    words: StoreWords | None = None,
    customers: record_kinds.Peers | None = None,
) -> list[Received]:
    """Apply `changes` to records of one subject in the order given; return the result of each.

    Call it inside `write()`. `customers` are rows, by id, that need not be read again. A change that has a
    sender is put down to the sender's cause. Raises UnknownColumn before anything is written; NotTogether.
    """
    kind = KINDS[subject]
    _refuse_unknown_columns(kind, changes)
    work = _Work(_existing(session, kind, store, changes))
    words = words or StoreWords(session, store)
    steps = _apply(session, kind, store, changes, words, work, now, cause)
    if not (work.new or work.touched):
        return [step.received() for step in steps]
    _write_rows(session, kind, work)
    if work.parcels:
        rows = [work.rows[number] for number in sorted(work.parcels)]
        parcel_numbers.update(session, store.id, rows)
    if work.own:
        rows = [work.rows[number] for number in sorted(work.own)]
        custom_date_index.update(session, store.id, subject, rows, words.custom_ever(subject))
    crash.at("receive.rows_written")
    peers = _peers(session, store, work, customers or {})
    limits = Limits(session, store.id, subject, cause, now, [row["id"] for row in work.touched.values()])
    evaluator = (QuietEvaluator if cause.quiet else StoreEvaluator)(session, store.id, store.ruleset)
    outbox = Outbox(session, evaluator, store, subject, cause, now, limits)
    if subject == "customer":
        add_purchase_totals(session, store, [step.row for step in steps if step.triggered])
    for step in steps:
        if step.triggered:
            step.snapshot = kind.snapshot(step.row, peers)
            of = step.sender.cause if step.sender else None
            outbox.evaluate(step.row, step.snapshot, step.triggered, step.changed, step.previous, of)
    for step, fired in zip((step for step in steps if step.triggered), outbox.decide(), strict=True):
        step.fired = fired
    outbox.write()
    crash.at("receive.outbox_written")
    if evaluator.rules.segments:
        _update_segments(session, store, work, cause, now)
    return [step.received() for step in steps]


@dataclass(slots=True)
class _Step:
    row: Row
    created: bool
    triggered: tuple[Triggered, ...]
    changed: list[str]
    previous: Mapping[str, Any] | None = None
    sender: Sender | None = None
    fired: int = 0
    snapshot: dict[str, Any] | None = None

    def received(self) -> Received:
        row, triggers = self.row, tuple(triggered.trigger for triggered in self.triggered)
        summary = (row["id"], row["number"], row["revision"], self.created, triggers, self.fired)
        return Received(*summary, row=row, snapshot=self.snapshot)


_CREATED = (Triggered("created", None, None),)
_IMPORTED = (Triggered(IMPORTED, None, None),)
#: By subject, the column with the customer whose segments a record may change.
_CUSTOMER = {"customer": "id", "order": "customer_id"}


def _refuse_unknown_columns(kind: RecordKind, changes: Sequence[Change]) -> None:
    for change in changes:
        if not change.values.keys() <= kind.settable:
            unknown = change.values.keys() - kind.settable
            raise UnknownColumn(f"An {kind.subject} has no {', '.join(sorted(unknown))}.")


def _existing(session: Session, kind: RecordKind, store: Store, changes: Sequence[Change]) -> dict[str, Row]:
    """Return the rows by number. Those that are only named and not changed are not locked."""
    changing = {change.number for change in changes if change.values}
    if changing and len(changing) < len(changes) and any(change.sender for change in changes):
        # Two groups of requests may each name whom the other changes: only one sorted list keeps them apart.
        changing = {change.number for change in changes}
    named = {change.number for change in changes} - changing
    locked = record_kinds.locked_rows(session, kind, store.id, changing)
    return locked | record_kinds.rows(session, kind, store.id, named)


def _apply(
    session: Session,
    kind: RecordKind,
    store: Store,
    changes: Sequence[Change],
    words: StoreWords,
    work: _Work,
    now: dt.datetime,
    cause: Cause,
) -> list[_Step]:
    unborn = {change.number for change in changes} - work.rows.keys()
    ids = iter(reserve(session, kind.table.name, len(unborn)))
    fresh = kind.defaults(store, words, now)
    fresh |= {"store_id": store.id, "revision": 1, "created_at": now, "updated_at": now}
    steps = []
    for change in changes:
        before = work.rows.get(change.number)
        if before is None:
            first = {**change.when_created, **change.when_empty}
            values = {**first, **kind.follow(None, merged({}, change.values), words)}
            row = {**fresh, "id": next(ids), "number": change.number, **values}
            began = min(now, row.get("placed_at") or now) if cause.quiet else now
            row |= {since: began for name, since in kind.lasting.items() if row[name]}
            work.new[change.number] = work.rows[change.number] = row
            work.concerns(kind, change.sender, row)
            work.own |= {change.number} if row["custom"] else set()
            work.parcels |= {change.number} if row.get("parcels") else set()
            steps.append(_Step(row, True, _CREATED, [], sender=change.sender))
            continue
        steps.append(_update(kind, before, change, words, work, now))
    for step in steps if cause.quiet else ():
        step.triggered = _IMPORTED if step.triggered else ()
    return steps


def _update(
    kind: RecordKind, before: Row, change: Change, words: StoreWords, work: _Work, now: dt.datetime
) -> _Step:
    # A record that is only named is not locked, and so not filled either.
    empty = {name: said for name, said in change.when_empty.items() if change.values and not before[name]}
    values = kind.follow(before, merged(before, {**empty, **change.values}), words)
    changed = [name for name, value in values.items() if not same(before[name], value)]
    if not changed:
        return _Step(before, False, (), [])
    if change.sender and "customer_id" in changed:
        # What ran for either customer before depends on whose the order is, and all rows are written first.
        raise NotTogether
    row = before | {name: values[name] for name in changed}
    row |= {"revision": before["revision"] + 1, "updated_at": now} | record_kinds.entered(kind, changed, now)
    number = row["number"]
    work.rows[number] = row
    work.concerns(kind, change.sender, before, row)
    work.own |= {number} if "custom" in changed else set()
    work.parcels |= {number} if "parcels" in changed else set()
    # A record made and changed in one batch is inserted once, as it is at the end.
    (work.new if number in work.new else work.touched)[number] = row
    previous = previous_of(kind.subject, before, row, changed)
    # A mark that goes with a value is no change of its own to those who read what changed.
    told = [name for name in changed if name not in MARKS] or changed
    return _Step(row, False, _triggered(before, row, changed), told, previous, change.sender)


def _triggered(before: Row, row: Row, changed: list[str]) -> tuple[Triggered, ...]:
    """One update may be two occurrences: the status and the payment status each have their trigger."""
    named = tuple(
        Triggered(trigger, before[column], row[column])
        for trigger, column in NAMED.items()
        if column in changed
    )
    return named or (Triggered("changed", None, None),)


def _write_rows(session: Session, kind: RecordKind, work: _Work) -> None:
    # Sorted, so that of two batches with the same new records one waits for the other, and never both.
    bulk_write.insert(session, kind.table, [work.new[number] for number in sorted(work.new)])
    bulk_write.update(session, kind.table, list(work.touched.values()))


def _peers(session: Session, store: Store, work: _Work, known: record_kinds.Peers) -> PlainPeers:
    rows = [*work.new.values(), *work.touched.values()]
    missing = {row.get("customer_id") for row in rows} - known.keys()
    customers = record_kinds.peers_of(session, record_kinds.CUSTOMER_TABLE, missing)
    accounts = record_kinds.peers_of(session, record_kinds.ACCOUNT_TABLE, {row["account_id"] for row in rows})
    return PlainPeers(store, {**known, **customers}, accounts)


def _update_segments(session: Session, store: Store, work: _Work, cause: Cause, now: dt.datetime) -> None:
    """Update the segments, each customer's with the cause of the change that concerns them."""
    if work.shared:
        raise NotTogether
    by_sender: dict[Sender | None, set[int]] = {}
    for customer_id, sender in work.customers.items():
        by_sender.setdefault(sender, set()).add(customer_id)
    if len(by_sender) > 1:
        segment_membership.lock(session, store, work.customers)
    for sender, customers in by_sender.items():
        segment_membership.update_members(session, store, customers, sender.cause if sender else cause, now)
