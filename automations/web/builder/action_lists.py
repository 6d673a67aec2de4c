"""The parts of an action's form that depend on the subject or the store: lists and suggestions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

from flask import g

from automations.actions import change_data
from automations.actions.shared import attachments, due_date
from automations.actions.shared.action_kind import Settings, text_of
from automations.actions.shared.changeable_fields import YES_NO, Target, targets_of
from automations.connectors.file_types import size_words
from automations.engine.fields.subject import Subject
from automations.messages.path_spelling import spelled
from automations.models.db.base import db
from automations.models.settings import attached_files
from automations.models.settings.choices import StoreWords
from automations.models.tables.secret import secret_names
from automations.web.kit.typed_amounts import plain_amount, typed_amount

Pairs = list[tuple[str, str]]
_CHANGE = "change_data"
#: Lists whose entries depend on the subject, by (action kind, field).
_ENTRIES: Mapping[tuple[str, str], Callable[[Subject], Pairs]] = {
    (_CHANGE, "field"): lambda subject: [
        (key, target.label) for key, target in targets_of(subject.key, subject.custom).items()
    ],
    ("create_task", "due_from"): lambda subject: [
        (key, label)
        for key, label in due_date.choices()
        if key in (due_date.NEVER, due_date.NOW, *due_date.dates_of(subject.key))
    ],
}
#: (action kind, field) of the fields whose value decides what other fields offer.
DECIDING = {(_CHANGE, "field")}
#: The last entry of a list of values: the value is written as a text, with fields of the record.
WITH_FIELDS = "A text with fields of the record…"
BACK_TO_LIST = "Empty it to choose from the list again."
_SECRETS = {("http_request", "signed_with")}


def entries(kind: str, field: str, subject: Subject | None) -> Pairs | None:
    """Return the (key, label) entries of a list for `subject`, or None if the form's own entries apply."""
    if kind == "send_email" and field in attachments.FILES:
        stored = attached_files.files(db.session(), g.store.id)
        return [("", "None"), *((file.name, f"{file.name}, {size_words(file.size)}") for file in stored)]
    entries_for = _ENTRIES.get((kind, field))
    return entries_for(subject) if entries_for and subject else None


def suggestions(kind: str, field: str, words: StoreWords) -> tuple[str, ...]:
    """Return what a text field suggests while typing: names of the store's secrets."""
    return tuple(secret_names(db.session(), words.store_id)) if (kind, field) in _SECRETS else ()


def value_choices(
    kind: str, field: str, settings: Settings, subject: Subject | None, words: StoreWords
) -> tuple[Pairs, bool]:
    """Return the (value, label) list that a field to change takes its value from, and whether there is one.

    The list is empty while the value is written as a text with fields of the record.
    """
    if (kind, field) != (_CHANGE, "value") or subject is None:
        return [], False
    target = targets_of(subject.key, subject.custom).get(text_of(settings, "field"))
    value = text_of(settings, "value")
    offered = _offered(target, subject, words) if target else []
    if target is None or not offered or change_data.has_fields(value):
        return [], bool(offered)
    chosen = _chosen(target, subject, value, words)
    # The option of the stored word has it as its value, so that saving an untouched draft changes nothing.
    pairs = [(value if label == chosen else label, label) for label in offered]
    strange = [(value, f"“{value}” (not in the list)")] if value and chosen is None else []
    return [("", "Choose…"), *pairs, *strange, (_own_placeholder(target, subject), WITH_FIELDS)], True


def plain_settings(kind: str, settings: Settings, subject: Subject | None, words: StoreWords) -> Settings:
    """Return settings as they are stored: an amount that a field gets, "1.200,50", is "1200.50"."""
    currency = _currency_of(kind, settings, subject, words)
    if currency is None:
        return settings
    value = text_of(settings, "value")
    return {**settings, "value": plain_amount(value, words.formats.language, currency) or value}


def typed_settings(kind: str, settings: Settings, subject: Subject | None, words: StoreWords) -> Settings:
    """Return stored settings as people type them in the store's country."""
    if _currency_of(kind, settings, subject, words) is None:
        return settings
    return {**settings, "value": typed_amount(text_of(settings, "value"), words.formats.language)}


def _currency_of(kind: str, settings: Settings, subject: Subject | None, words: StoreWords) -> str | None:
    """Return the currency of the number that a field gets, "" for one of none; None if it gets no number."""
    if kind != _CHANGE or subject is None or change_data.has_fields(text_of(settings, "value")):
        return None
    target = targets_of(subject.key, subject.custom).get(text_of(settings, "field"))
    return {"money": words.currency, "number": ""}.get(target.type) if target else None


def _offered(target: Target, subject: Subject, words: StoreWords) -> list[str]:
    if target.type == "bool":
        return list(target.yes_no)
    if target.type != "choice":
        return []
    if target.own:
        return list(target.own.labels.values())
    return words.labels(target.list_for(subject.key))


def _chosen(target: Target, subject: Subject, value: str, words: StoreWords) -> str | None:
    """Return the label that the stored `value` stands for, None for none."""
    if target.type == "bool":
        given = YES_NO.get(value.strip().casefold())
        return None if given is None else target.yes_no[0 if given else 1]
    if target.own:
        key = change_data.key_of(target.own, value)
        return target.own.labels.get(key) if key else None
    list_key = target.list_for(subject.key)
    key = words.key_for(list_key, value)
    return words.choice(list_key, key) if key else None


def _own_placeholder(target: Target, subject: Subject) -> str:
    """Return the placeholder for the value that the field has already."""
    owner = "customer" if target.record == "customer" else subject.key
    path = target.own.path if target.own else (target.column,)
    return f"{{{{ {reduce(spelled, path, owner)} }}}}"
