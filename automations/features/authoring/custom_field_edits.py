"""Adds, renames and removes custom fields. A key never changes, and the log still knows removed fields."""

from __future__ import annotations

import datetime as dt
import json
import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.shared_fields import CUSTOM_TYPES
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.wording.name_problems import name_problem
from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.settings.choices import key_of
from automations.models.tables.automation import Automation
from automations.models.tables.custom_field import CustomField
from automations.models.tables.people import User
from automations.models.tables.segment import Segment
from automations.models.tables.store import Store, locked
from automations.models.tables.undo_step import UndoStep

KIND, RENAMED, ADDED = "field removal", "field name", "field addition"
LONGEST_LABEL = 60
MOST_FIELDS = 50
MOST_CHOICES = 100
TYPE_LABELS = dict(
    zip(CUSTOM_TYPES, ("Text", "List", "Number", "Amount of money", "Date", "Yes or no"), strict=True)
)


class FieldEditRefused(ValueError):
    """`str(error)` is a sentence for the user."""


def entries(session: Session, store_id: int) -> list[CustomField]:
    """Return the fields in use, in the order of the subjects."""
    in_use = sa.select(CustomField).where(CustomField.store_id == store_id, CustomField.removed_at.is_(None))
    rows = session.scalars(in_use.order_by(CustomField.position, CustomField.id)).all()
    return sorted(rows, key=lambda row: list(SUBJECTS).index(row.subject))


def add(
    session: Session, store: Store, user: User, subject: str, label: str, type: str, choices: str
) -> tuple[CustomField, UndoStep]:
    """Add a field, inside write(); `choices` holds one list entry per line. Return what takes it back too.

    Raises FieldEditRefused.
    """
    _changes(session, store)
    if subject not in SUBJECTS or type not in CUSTOM_TYPES:
        raise FieldEditRefused("Choose the kind of record the field belongs to, and its type.")
    others = [other for other in entries(session, store.id) if other.subject == subject]
    if len(others) >= MOST_FIELDS:
        raise FieldEditRefused(f"There can be at most {MOST_FIELDS} custom fields for each kind of record.")
    label = _free_label(label, others, subject)
    row = CustomField(store_id=store.id, subject=subject, label=label, type=type, position=len(others))
    row.key = _free_key(session, store.id, subject, label)
    row.labels = _labels(choices) if type == "choice" else {}
    session.add(row)
    session.flush()
    audit.note(session, action="added", about=_about(row), store_id=store.id, user_id=user.id)
    return row, undo_steps.remember(session, ADDED, user, store.id, row.id, None, row.label)


def take_out(session: Session, step: UndoStep, user: User, now: dt.datetime) -> CustomField:
    """Remove a field that was added, inside write(). Raises CannotUndo."""
    store = locked(session, step.store_id)
    row = session.get_one(CustomField, step.about_id, populate_existing=True)
    if row.removed_at:
        raise CannotUndo("This field is no longer there, so nothing was undone.")
    if row.label != step.after:
        raise CannotUndo(f"“{row.label}” was renamed in the meantime, so nothing was undone.")
    try:
        _take_out(session, store, user, row, now)
    except FieldEditRefused as error:
        raise CannotUndo(str(error)) from error
    return row


def rename(session: Session, store: Store, user: User, row: CustomField, label: str) -> UndoStep | None:
    """Change the label, inside write(); rules, drafts and the log follow. Raises FieldEditRefused.

    Return what takes it back, None if it was called so already.
    """
    kept = locked(session, store.id)
    about, before = _about(row), row.label
    row.label = _free_label(label, _others(session, row), row.subject)
    if row.label == before:
        return None
    kept.ruleset += 1
    audit.note(
        session,
        action="renamed",
        about=about,
        store_id=store.id,
        user_id=user.id,
        before=before,
        after=row.label,
    )
    return undo_steps.remember(session, RENAMED, user, store.id, row.id, before, row.label)


def name_back(session: Session, step: UndoStep, user: User) -> CustomField:
    """Give a field the label it had before it was renamed, inside write(). Raises CannotUndo."""
    locked(session, step.store_id).ruleset += 1
    row = session.get_one(CustomField, step.about_id, populate_existing=True)
    if row.removed_at:
        raise CannotUndo(f"“{row.label}” is no longer there, so nothing was undone.")
    if row.label != step.after:
        raise CannotUndo(f"“{row.label}” was renamed in the meantime, so nothing was undone.")
    try:
        row.label = _free_label(step.before, _others(session, row), row.subject)
    except FieldEditRefused as error:
        raise CannotUndo(str(error)) from error
    note = audit.note(session, action="undid renaming", about=_about(row), before=step.after, after=row.label)
    note.store_id, note.user_id = step.store_id, user.id
    return row


def _others(session: Session, row: CustomField) -> list[CustomField]:
    """Return the other fields of the same kind of record."""
    rows = entries(session, row.store_id)
    return [other for other in rows if other.subject == row.subject and other.id != row.id]


def remove(session: Session, store: Store, user: User, row: CustomField, now: dt.datetime) -> UndoStep:
    """Remove an unused field, inside write(); return what takes it back. Raises FieldEditRefused."""
    _take_out(session, store, user, row, now)
    return undo_steps.remember(session, KIND, user, store.id, row.id, None)


def _take_out(session: Session, store: Store, user: User, row: CustomField, now: dt.datetime) -> None:
    _changes(session, store)
    used = users_of(session, row)
    if used:
        names = ", ".join(f"“{name}”" for name in used)
        raise FieldEditRefused(f"“{row.label}” is in use. Remove it from {names} first.")
    row.removed_at = now
    audit.note(session, action="removed", about=_about(row), store_id=store.id, user_id=user.id)


def put_back(session: Session, step: UndoStep, user: User) -> CustomField:
    """Put a removed field back with the values that records still hold, inside write(). Raises CannotUndo."""
    store = locked(session, step.store_id)
    store.ruleset += 1
    row = session.get_one(CustomField, step.about_id)
    others = [other for other in entries(session, store.id) if other.subject == row.subject]
    if len(others) >= MOST_FIELDS:
        raise CannotUndo(f"There can be at most {MOST_FIELDS} custom fields for each kind of record.")
    try:
        _free_label(row.label, others, row.subject)
    except FieldEditRefused as error:
        raise CannotUndo(str(error)) from error
    row.removed_at = None
    audit.note(session, action="put back", about=_about(row), store_id=store.id, user_id=user.id)
    return row


def users_of(session: Session, row: CustomField) -> list[str]:
    """Return the names of the automations (draft or live) and segments that use a field."""
    named = re.compile(rf"\bcustom(?:\\?[\"']\s*\])?(?:\.|\[\s*\\?[\"'])({re.escape(row.key)})\b")
    names = []
    automations = sa.select(Automation).where(Automation.store_id == row.store_id).order_by(Automation.name)
    for automation in session.scalars(automations):
        definitions = [
            automation.draft,
            automation.active_version.definition if automation.active_version else {},
        ]
        if any(
            definition.get("subject") == row.subject and named.search(_text(definition))
            for definition in definitions
        ):
            names.append(automation.name)
    if row.subject == "customer":
        segments = sa.select(Segment).where(Segment.store_id == row.store_id).order_by(Segment.name)
        names += [
            segment.name for segment in session.scalars(segments) if named.search(_text(segment.conditions))
        ]
    return names


def _text(data: object) -> str:
    # A key with non-ASCII letters would not be found if it were escaped.
    return json.dumps(data, ensure_ascii=False)


def _changes(session: Session, store: Store) -> None:
    """Lock the store and raise its ruleset number: everything cached from the fields is stale."""
    locked(session, store.id).ruleset += 1


def _free_label(label: str, others: list[CustomField], subject: str) -> str:
    label = " ".join(label.split())
    if problem := name_problem(label, LONGEST_LABEL, "it"):
        raise FieldEditRefused(problem)
    labels = [field.label for field in others] + [field.label for field in SUBJECTS[subject].fields.values()]
    if label.casefold() in {taken.casefold() for taken in labels}:
        raise FieldEditRefused(f"There is already a field called “{label}”. Choose another name.")
    return label


def _free_key(session: Session, store_id: int, subject: str, label: str) -> str:
    keys = sa.select(CustomField.key).where(CustomField.store_id == store_id, CustomField.subject == subject)
    taken, wanted = set(session.scalars(keys)), key_of(label)
    key, number = wanted, 2
    while key in taken:
        key, number = f"{wanted}_{number}", number + 1
    return key


def _labels(choices: str) -> dict[str, str]:
    labels = list(dict.fromkeys(" ".join(line.split()) for line in choices.splitlines() if line.strip()))
    by_key: dict[str, str] = {}
    for label in labels:
        former = by_key.setdefault(key_of(label), label)
        if former != label:
            raise FieldEditRefused(f"“{former}” and “{label}” are too alike. Rename one of them.")
    if not labels or len(labels) > MOST_CHOICES:
        raise FieldEditRefused(f"Enter one list entry per line, at most {MOST_CHOICES}.")
    return by_key


def _about(row: CustomField) -> str:
    return f"the {SUBJECTS[row.subject].label.lower()} field “{row.label}”"
