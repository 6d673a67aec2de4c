"""The parts of an action's form that depend on the subject or the store: list entries and suggestions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import g

from automations.actions.shared import attachments, due_date
from automations.actions.shared.action_kind import Settings, text_of
from automations.actions.shared.changeable_fields import targets_of
from automations.connectors.file_types import size_words
from automations.engine.fields.subject import Subject
from automations.models.db.base import db
from automations.models.settings import attached_files
from automations.models.settings.choices import StoreWords
from automations.models.tables.secret import secret_names

Pairs = list[tuple[str, str]]
#: Lists whose entries depend on the subject, by (action kind, field).
_ENTRIES: Mapping[tuple[str, str], Callable[[Subject], Pairs]] = {
    ("change_data", "field"): lambda subject: [
        (key, target.label) for key, target in targets_of(subject.key, subject.custom).items()
    ],
    ("create_task", "due_from"): lambda subject: [
        (key, label)
        for key, label in due_date.choices()
        if key in (due_date.NEVER, due_date.NOW, *due_date.dates_of(subject.key))
    ],
}
#: (action kind, field) of the fields whose value decides what other fields offer.
DECIDING = {("change_data", "field")}


def entries(kind: str, field: str, subject: Subject | None) -> Pairs | None:
    """Return the (key, label) entries of a list for `subject`, or None if the form's own entries apply."""
    if kind == "send_email" and field in attachments.FILES:
        stored = attached_files.files(db.session(), g.store.id)
        return [("", "None"), *((file.name, f"{file.name}, {size_words(file.size)}") for file in stored)]
    entries_for = _ENTRIES.get((kind, field))
    return entries_for(subject) if entries_for and subject else None


def suggestions(
    kind: str, field: str, settings: Settings, subject: Subject | None, words: StoreWords
) -> tuple[str, ...]:
    """Return what a text field suggests: values of the field to change, or names of the store's secrets."""
    if (kind, field) == ("http_request", "signed_with"):
        return tuple(secret_names(db.session(), words.store_id))
    if (kind, field) != ("change_data", "value") or subject is None:
        return ()
    target = targets_of(subject.key, subject.custom).get(text_of(settings, "field"))
    if target is None or target.type not in ("choice", "bool"):
        return ()
    if target.type == "bool":
        return target.yes_no
    if target.own:
        return tuple(target.own.labels.values())
    list_key = target.list_for(subject.key)
    return tuple(label for _, label in words.options(list_key)) if list_key else ()
