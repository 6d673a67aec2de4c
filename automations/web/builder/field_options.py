"""The fields a condition may test, grouped under the headings of the dropdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from automations.engine.fields.subject import CUSTOM, CUSTOMER, NOW, Field, Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.models.settings.choices import StoreWords
from automations.web.builder.controls import Option

_HEADINGS = {CUSTOMER: "Its customer", NOW: "The time of the evaluation", CUSTOM: "Custom fields"}


def subject_of(key: object, words: StoreWords) -> Subject | None:
    """Return the subject `key` with the store's custom fields, or None if there is no such subject."""
    subject = SUBJECTS.get(key) if isinstance(key, str) else None
    return subject.with_custom(words.custom(subject.key)) if subject else None


def fields_of(subject: Subject | None, on_lines: bool) -> Mapping[str, Field]:
    """Return the fields a condition may test, by key: of the record, or of one of its lines."""
    if subject is None:
        return {}
    return subject.line_fields if on_lines else subject.fields


def options_of(fields: Iterable[Field], heading: str) -> list[Option]:
    """Return the dropdown's options, the record's own fields first; a single heading is left out."""
    headed = [(_heading(field, heading), field) for field in fields]
    order = list(dict.fromkeys([heading, *_HEADINGS.values()]))
    headed.sort(key=lambda pair: order.index(pair[0]))
    several = len({name for name, _ in headed}) > 1
    return [Option(field.key, field.label, group=name if several else "") for name, field in headed]


def owner_of(field: Field, subject: Subject | None) -> Subject:
    """Return the subject that has the field, and so knows its operators; `subject` is tried first."""
    subjects = [candidate for candidate in (subject, *SUBJECTS.values()) if candidate]
    owners = (owner for owner in subjects if field.key in owner.fields or field.key in owner.line_fields)
    return next(owners, subjects[0])


def _heading(field: Field, own: str) -> str:
    return next((name for start, name in _HEADINGS.items() if field.key.startswith(start)), own)
