"""What changed in a record since a moment of its log: each field with both values, and since when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import Field, Subject
from automations.engine.wording.wording import Words, value_words
from automations.models.tables.occurrence import Occurrence

#: Later entries of the log that are searched for the dates.
LOOKED_AT = 200
_UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: "Status", "Confirmed → Fulfilled", and since when, None where the log does not tell."""

    label: str
    text: str
    since: dt.datetime | None


def changed_since(
    session: Session, words: Words, subject: Subject, occurrence: Occurrence, present: Mapping[str, Any]
) -> list[FieldChange]:
    """Return the fields of `present` that differ from the snapshot of the occurrence, newest first."""
    fields = [
        field
        for field in subject.fields.values()
        if field.path and _plain(field, occurrence.snapshot) != _plain(field, present)
    ]
    later = _later(session, occurrence) if fields else ()
    changes = [
        FieldChange(
            field.label, _words(field, occurrence.snapshot, present, words), _since(field, later, present)
        )
        for field in fields
    ]
    return sorted(changes, key=lambda change: change.since or occurrence.at, reverse=True)


def _later(session: Session, occurrence: Occurrence) -> Sequence[tuple[dt.datetime, Mapping[str, Any]]]:
    """Return the later entries of the same record, newest first."""
    query = sa.select(Occurrence.at, Occurrence.snapshot).where(
        Occurrence.store_id == occurrence.store_id,
        Occurrence.subject == occurrence.subject,
        Occurrence.record_id == occurrence.record_id,
        Occurrence.id > occurrence.id,
    )
    return [
        (at, snapshot)
        for at, snapshot in session.execute(query.order_by(Occurrence.id.desc()).limit(LOOKED_AT))
    ]


def _since(
    field: Field, later: Sequence[tuple[dt.datetime, Mapping[str, Any]]], present: Mapping[str, Any]
) -> dt.datetime | None:
    since, value = None, _plain(field, present)
    for at, snapshot in later:
        if _plain(field, snapshot) != value:
            return since
        since = at
    return since


def _words(field: Field, before: Mapping[str, Any], after: Mapping[str, Any], words: Words) -> str:
    old, new = _typed(field, before), _typed(field, after)
    if field.type == "tags":
        gone, come = _tags(old) - _tags(new), _tags(new) - _tags(old)
        parts = [
            f"{', '.join(sorted(tags))} {verb}" for tags, verb in ((come, "added"), (gone, "removed")) if tags
        ]
        return ", ".join(parts)
    return " → ".join(
        value if isinstance(value, str) and value == _UNREADABLE else value_words(field, value, words)
        for value in (old, new)
    )


def _tags(value: Any) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset()


def _typed(field: Field, snapshot: Mapping[str, Any]) -> Any:
    try:
        return field.value(snapshot)
    except ValueError:
        return _UNREADABLE


def _plain(field: Field, snapshot: Mapping[str, Any]) -> Any:
    value: Any = snapshot
    for step in field.path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value or None
