"""Keeps what comes late from taking a record back. Before: take_records, carrier_updates. After: receive.

A source says when a thing was so, by its own clock. For each source the latest such time of each field of a
record is kept; an older message no longer changes that field, and the log of the record keeps it as late.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import CUSTOM
from automations.engine.fields.subjects import SUBJECTS
from automations.models.settings.choices import StoreWords
from automations.models.tables.last_told import LastTold
from automations.models.tables.occurrence import LATE, Occurrence
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.intake import representation
from automations.pipeline.records import record_kinds
from automations.pipeline.records.change import Cause, Change, Received
from automations.pipeline.records.record_kinds import KINDS, Peers, Row
from automations.pipeline.records.snapshots import instant

#: How far the clock of a source may be ahead of ours. Time beyond it counts as this much, because a message
#: from far in the future would make every later one late.
SKEW = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SourceMessage:
    """Who sent a message, and when what it says was so, by the sender's clock."""

    source: str
    at: dt.datetime

    def by(self, now: dt.datetime) -> SourceMessage:
        """Return the message with a time that is not too far ahead of `now`."""
        return replace(self, at=min(self.at, now + SKEW))


def receive_newer(
    session: Session,
    store: Store,
    subject: str,
    changes: Sequence[Change],
    cause: Cause,
    now: dt.datetime,
    words: StoreWords,
    customers: Peers | None,
    message: SourceMessage | None,
) -> list[Received]:
    """Apply `changes` like `receive`, but for what the source itself has said later, which `late` names.

    Call it inside write(). Without a message, nothing is late.
    """
    if message is None:
        return receive(session, store, subject, changes, cause, now, words, customers)
    message = message.by(now)
    rows = record_kinds.locked_rows(session, KINDS[subject], store.id, {change.number for change in changes})
    told = told_by(session, store.id, subject, message.source, [row["id"] for row in rows.values()])
    late = [_late(change, rows, told, message) for change in changes]
    kept = [_without(change, names) for change, names in zip(changes, late, strict=True)]
    received = receive(session, store, subject, kept, cause, now, words, customers)
    for result, before, change, names in zip(received, changes, kept, late, strict=True):
        result.late = names
        _remember(session, store.id, subject, result.id, change, message, now)
        if names:
            said = _choice(subject, names, before)
            note_late(session, store, subject, dict(result.row), names, cause, now, at=message.at, said=said)
    return received


def told_by(
    session: Session, store_id: int, subject: str, source: str, ids: Collection[int]
) -> dict[int, LastTold]:
    """Return, by the id of the record, what the source said last."""
    query = sa.select(LastTold).where(
        LastTold.store_id == store_id,
        LastTold.subject == subject,
        LastTold.source == source,
        LastTold.record_id.in_(ids),
    )
    return {told.record_id: told for told in session.scalars(query)} if ids else {}


def note_late(
    session: Session,
    store: Store,
    subject: str,
    row: Row,
    names: Sequence[str],
    cause: Cause,
    now: dt.datetime,
    *,
    at: dt.datetime | None,
    said: str | None = None,
) -> None:
    """Keep a message that came late in the log of the record: which fields it did not change.

    `at` is the time the message is from, None if it had none; `said` is the value, where that is a choice.
    """
    session.add(
        Occurrence(
            store_id=store.id,
            subject=subject,
            record_id=row["id"],
            revision=row["revision"],
            trigger=LATE,
            from_value=instant(at) if at else None,
            to_value=said,
            changed=sorted({name.partition(".")[0] for name in names}),
            snapshot=representation.snapshot_of(session, store, subject, row),
            moment={"zone": store.timezone, "working": False},
            ruleset=store.ruleset,
            cause_kind=cause.kind,
            cause=cause.label,
            at=now,
        )
    )


def _late(
    change: Change, rows: Mapping[str, Row], told: Mapping[int, LastTold], message: SourceMessage
) -> tuple[str, ...]:
    row = rows.get(change.number)
    last = told.get(row["id"]) if row else None
    if last is None:
        return ()
    times: Mapping[str, str] = last.times
    return tuple(
        name
        for name in _names(change.values)
        if name in times and message.at < dt.datetime.fromisoformat(times[name])
    )


def _choice(subject: str, names: Sequence[str], change: Change) -> str | None:
    """Return the choice that a late message said, if it was late with just that."""
    field = SUBJECTS[subject].columns.get(names[0]) if len(names) == 1 else None
    return change.values[names[0]] if field and field.choices else None


def _names(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the columns, and each of the store's own fields by itself."""
    for name, value in values.items():
        if name == "custom":
            yield from (f"{CUSTOM}{key}" for key in value)
        else:
            yield name


def _without(change: Change, names: Collection[str]) -> Change:
    values = {name: value for name, value in change.values.items() if name not in names}
    if "custom" in values:
        own = {key: value for key, value in values["custom"].items() if f"{CUSTOM}{key}" not in names}
        values = {**values, "custom": own}
    return replace(change, values=values)


def _remember(
    session: Session,
    store_id: int,
    subject: str,
    record_id: int,
    change: Change,
    message: SourceMessage,
    now: dt.datetime,
) -> None:
    times = dict.fromkeys(_names(change.values), message.at.isoformat())
    if not times:
        return
    last = told_by(session, store_id, subject, message.source, [record_id]).get(record_id)
    if last is None:
        last = LastTold(store_id=store_id, subject=subject, record_id=record_id, source=message.source)
        last.times = {}
        session.add(last)
    last.times, last.taken_at = {**last.times, **times}, now
    session.flush()
