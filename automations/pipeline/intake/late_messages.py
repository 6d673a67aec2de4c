"""Keeps what comes late from taking a record back. Before: take_records, carrier_updates. After: receive.

A source says when a thing was so, by its own clock. For each source the latest such time of each field of a
record is kept; an older message no longer changes that field, and the log of the record keeps it as late.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
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
from automations.pipeline.records.change import Cause, Change, Received, SourceMessage
from automations.pipeline.records.record_kinds import KINDS, Peers, Row
from automations.pipeline.records.snapshots import instant


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

    Call it inside write(). Without a message nothing is late. A change that has a sender goes by the
    sender's message.
    """
    messages = [_message(change, message, now) for change in changes]
    if not any(messages):
        return receive(session, store, subject, changes, cause, now, words, customers)
    said = _Said.read(session, store, subject, changes, messages)
    late = [said.late(change, told) for change, told in zip(changes, messages, strict=True)]
    kept = [_without(change, names) if names else change for change, names in zip(changes, late, strict=True)]
    received = receive(session, store, subject, kept, cause, now, words, customers)
    for result, before, change, names, told in zip(received, changes, kept, late, messages, strict=True):
        result.late = names
        if told is None:
            continue
        said.remember(result.id, change, told, now)
        if names:
            choice, of = _choice(subject, names, before), before.sender.cause if before.sender else cause
            note_late(session, store, subject, dict(result.row), names, of, now, at=told.at, said=choice)
    session.flush()
    return received


def _message(change: Change, message: SourceMessage | None, now: dt.datetime) -> SourceMessage | None:
    message = change.sender.message if change.sender else message
    return message.by(now) if message else None


class _Said:
    """What the sources of some messages have said so far about the records that these change."""

    def __init__(self, session: Session, store_id: int, subject: str) -> None:
        self._session, self._store_id, self._subject = session, store_id, subject
        self._ids: dict[str, int] = {}
        self._told: dict[tuple[str, int], LastTold] = {}

    @classmethod
    def read(
        cls,
        session: Session,
        store: Store,
        subject: str,
        changes: Sequence[Change],
        messages: Sequence[SourceMessage | None],
    ) -> _Said:
        """Lock the records and read what was said about them, once for each source."""
        said = cls(session, store.id, subject)
        # All of them at once: what is locked in two steps is not locked in the order of the ids.
        numbers = {change.number for change in changes}
        rows = record_kinds.locked_rows(session, KINDS[subject], store.id, numbers)
        said._ids = {number: row["id"] for number, row in rows.items()}
        for source in sorted({message.source for message in messages if message}):
            told = told_by(session, store.id, subject, source, said._ids.values())
            said._told |= {(source, record_id): last for record_id, last in told.items()}
        return said

    def late(self, change: Change, message: SourceMessage | None) -> tuple[str, ...]:
        """Return the names of what the source of the message has said later."""
        last = self._told.get((message.source, self._ids.get(change.number, 0))) if message else None
        if last is None or message is None:
            return ()
        times: Mapping[str, str] = last.times
        return tuple(
            name
            for name in _names(change.values)
            if name in times and message.at < dt.datetime.fromisoformat(times[name])
        )

    def remember(self, record_id: int, change: Change, message: SourceMessage, now: dt.datetime) -> None:
        """Keep the time of what the message said, to be flushed by the caller."""
        times = dict.fromkeys(_names(change.values), message.at.isoformat())
        if not times:
            return
        last = self._told.get((message.source, record_id))
        if last is None:
            last = LastTold(store_id=self._store_id, subject=self._subject, record_id=record_id)
            last.source, last.times = message.source, {}
            self._told[message.source, record_id] = last
            self._session.add(last)
        last.times, last.taken_at = {**last.times, **times}, now


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
