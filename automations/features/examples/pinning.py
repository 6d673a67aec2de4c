"""Pins examples, changes what they expect, and removes them; each inside `write()` and noted in the audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.features.examples.answering import expectation
from automations.features.examples.unknown_values import moment_of, redacted_keys
from automations.models.access import audit
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.customer import ERASED, Customer
from automations.models.tables.example import Example
from automations.models.tables.occurrence import IMPORTED, LATE, Occurrence, snapshot_as_kept
from automations.models.tables.people import User
from automations.models.tables.schedule_progress import Due

MOST = 50
LONGEST_NOTE = 200
#: How long a removed example is kept.
CAN_BE_PUT_BACK = dt.timedelta(days=1)


class NotPinned(Exception):
    """The moment cannot become an example; `str(e)` is a sentence for the person who asked."""


@dataclass(frozen=True)
class Pin:
    """Who pins, what they expect, and their note."""

    must_fire: bool
    user: User
    now: dt.datetime
    note: str = ""
    #: What acts for the person, such as “the API key “Till””.
    by: str = ""


@dataclass(frozen=True)
class AssumedMoment:
    """A moment that was tried rather than recorded: the record as it is, and the change assumed."""

    snapshot: Mapping[str, Any]
    #: Id of the record; None for a sample record, which `label` names.
    record_id: int | None
    label: str
    from_value: str | None
    to_value: str | None
    moment: Mapping[str, Any]
    at: dt.datetime


def pin_occurrence(
    session: Session, words: StoreWords, automation: Automation, occurrence: Occurrence, pin: Pin
) -> Example:
    """Pin a log entry; pinned again, it only changes what is expected. Raises NotPinned."""
    if occurrence.trigger == IMPORTED:
        raise NotPinned("What is added quietly starts nothing, so it can’t be an example.")
    if occurrence.trigger == LATE:
        raise NotPinned("A message that came late starts nothing, so it can’t be an example.")
    known = _pinned_from(session, automation, occurrence.id)
    if known:
        expect(session, automation, known, pin)
        return known
    example = Example(
        label=label_of(occurrence.subject, occurrence.snapshot),
        subject=occurrence.subject,
        record_id=occurrence.record_id,
        occurrence_id=occurrence.id,
        trigger=occurrence.trigger,
        from_value=occurrence.from_value,
        to_value=occurrence.to_value,
        changed=occurrence.changed,
        snapshot=occurrence.snapshot,
        moment=occurrence.moment,
        at=occurrence.at,
        schedule=_schedule_of(session, occurrence),
        erased=_erased_already(session, words, occurrence) or None,
    )
    return _add(session, automation, example, pin)


def pin_moment(
    session: Session, automation: Automation, data: Mapping[str, Any], tried: AssumedMoment, pin: Pin
) -> Example:
    """Pin the moment of a test fire of rule data; the same one again only changes what is expected.

    Raises NotPinned.
    """
    trigger = data["trigger"]
    kind = SUBJECTS[data["subject"]].triggers.get(str(trigger.get("key")))
    if kind is None:
        raise NotPinned("Choose a trigger first: an example is asked when the automation starts by it.")
    field = kind.changed_field(trigger.get("field"))
    example = Example(
        label=tried.label,
        subject=data["subject"],
        record_id=tried.record_id,
        trigger=kind.key,
        from_value=tried.from_value,
        to_value=tried.to_value,
        changed=[field] if field else None,
        snapshot=tried.snapshot,
        moment=tried.moment,
        at=tried.at,
        schedule=trigger.get("schedule") if kind.schedule else None,
    )
    known = _same_moment(session, automation, example)
    if known:
        expect(session, automation, known, pin)
        return known
    return _add(session, automation, example, pin)


def expect(session: Session, automation: Automation, example: Example, pin: Pin) -> None:
    """Change what an example expects, and its note."""
    if (example.must_fire, example.note) == (pin.must_fire, pin.note):
        return
    before = {"expected": expectation(example.must_fire), "note": example.note}
    example.must_fire, example.note = pin.must_fire, pin.note[:LONGEST_NOTE]
    after = {"expected": expectation(pin.must_fire), "note": example.note}
    _note(session, "changed an example of", automation, example, pin, *audit.differences(before, after))


def remove(session: Session, automation: Automation, example: Example, pin: Pin) -> None:
    """Remove an example: it is asked no more, and can be put back until it is deleted for good."""
    example.removed_at = pin.now
    _note(session, "removed an example of", automation, example, pin, _said(example), None)


def put_back(session: Session, automation: Automation, example: Example, pin: Pin) -> None:
    """Pin a removed example again as it was. Raises NotPinned."""
    if example.removed_at is None:
        return
    if example.occurrence_id and _pinned_from(session, automation, example.occurrence_id):
        raise NotPinned(f"{example.label} was pinned again meanwhile.")
    _check_room(session, automation)
    example.removed_at = None
    _note(session, "put back an example of", automation, example, pin, None, _said(example))


def delete_removed(session: Session, now: dt.datetime) -> int:
    """Delete the examples that were removed long enough ago, inside write(); return how many."""
    removed = sa.delete(Example).where(Example.removed_at < now - CAN_BE_PUT_BACK)
    return int(session.connection().execute(removed).rowcount)


def label_of(subject: str, snapshot: Mapping[str, Any]) -> str:
    """Return what a record is called beside its example: "#0987"."""
    number = str(snapshot.get("number", ""))
    return f"#{number}" if number.isdigit() else f"{SUBJECTS[subject].label} {number}"


def _add(session: Session, automation: Automation, example: Example, pin: Pin) -> Example:
    _check_room(session, automation)
    example.store_id, example.automation_id = automation.store_id, automation.id
    example.must_fire, example.note = pin.must_fire, pin.note[:LONGEST_NOTE]
    example.pinned_by, example.pinned_at = pin.user.id, pin.now
    session.add(example)
    session.flush()
    _note(session, "pinned an example of", automation, example, pin, None, _said(example))
    return example


def _check_room(session: Session, automation: Automation) -> None:
    count = sa.select(sa.func.count()).where(_of(automation))
    if (session.scalar(count) or 0) >= MOST:
        raise NotPinned(f"This automation has {MOST} examples, which is the limit. Remove one first.")


def _pinned_from(session: Session, automation: Automation, occurrence_id: int) -> Example | None:
    of_it = sa.and_(_of(automation), Example.occurrence_id == occurrence_id)
    return session.scalars(sa.select(Example).where(of_it)).first()


def _same_moment(session: Session, automation: Automation, tried: Example) -> Example | None:
    of_it = sa.and_(_of(automation), Example.subject == tried.subject, Example.label == tried.label)
    rows = session.scalars(sa.select(Example).where(of_it, Example.trigger == tried.trigger))
    return next((row for row in rows if _asks(row) == _asks(tried)), None)


def _asks(example: Example) -> list[Any]:
    """Return what an example asks, whenever it was pinned."""
    change = [example.from_value, example.to_value, example.changed or None, example.schedule or None]
    # A sample is made anew each time, with the dates of the moment.
    return [example.record_id, snapshot_as_kept(example.snapshot) if example.record_id else None, *change]


def _of(automation: Automation) -> sa.ColumnElement[bool]:
    return sa.and_(Example.automation_id == automation.id, Example.removed_at.is_(None))


def _said(example: Example) -> dict[str, str]:
    return {"example": example.label, "expected": expectation(example.must_fire)}


def _note(
    session: Session,
    action: str,
    automation: Automation,
    example: Example,
    pin: Pin,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    named = {"example": example.label} | ({"by": pin.by} if pin.by else {})
    audit.note(
        session,
        action=action,
        about=f"automation “{automation.name}”",
        store_id=automation.store_id,
        user_id=None if pin.by else pin.user.id,
        before=named | dict(before) if before else None,
        after=named | dict(after) if after else None,
        at=pin.now,
    )


def _schedule_of(session: Session, occurrence: Occurrence) -> Any:
    """Return the schedule of the version whose time the occurrence was; None if it was no such time."""
    version = sa.select(Version.definition).join(Due, Due.version_id == Version.id)
    definition = session.scalar(version.where(Due.occurrence_id == occurrence.id).limit(1))
    return definition["trigger"].get("schedule") if definition else None


def _erased_already(session: Session, words: StoreWords, occurrence: Occurrence) -> list[str]:
    """Return the keys of the fields that erasing the customer had taken from the log entry before."""
    subject, snapshot = occurrence.subject, occurrence.snapshot
    person = snapshot if subject == "customer" else snapshot.get("customer") or {}
    customer = session.get(Customer, int(person.get("id") or 0))
    if customer is None or customer.store_id != words.store_id or customer.first_name != ERASED:
        return []
    return redacted_keys(words.subject(subject), moment_of(occurrence))
