"""The fields a condition may look at, under the headings of the dropdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from automations.engine.subject import CUSTOM, CUSTOMER, NOW, Field, Subject
from automations.engine.subjects import SUBJECTS
from automations.models.choices import StoreWords
from automations.web.builder_controls import Option

_HEADINGS = {CUSTOMER: "Its customer", NOW: "The moment it is looked at", CUSTOM: "Fields of your own"}


def subject_of(key: object, words: StoreWords) -> Subject | None:
    """The subject with the store's own fields, as far as a rule may still name them; None for no subject."""
    known = SUBJECTS.get(key) if isinstance(key, str) else None
    return known.with_custom(words.custom(known.key)) if known else None


def fields_of(subject: Subject | None, on_lines: bool) -> Mapping[str, Field]:
    """What a condition may look at by key: of the record, or of one of its lines."""
    if subject is None:
        return {}
    return subject.line_fields if on_lines else subject.fields


def options_of(fields: Iterable[Field], heading: str) -> list[Option]:
    """The dropdown: those of the record first, without a heading where there is no other."""
    found = [(_heading(field, heading), field) for field in fields]
    order = list(dict.fromkeys([heading, *_HEADINGS.values()]))
    found.sort(key=lambda one: order.index(one[0]))
    several = len({name for name, _ in found}) > 1
    return [Option(field.key, field.label, group=name if several else "") for name, field in found]


def owner_of(field: Field, subject: Subject | None) -> Subject:
    """The subject that knows which operators the field is offered."""
    known = [one for one in (subject, *SUBJECTS.values()) if one]
    fitting = (one for one in known if field.key in one.fields or field.key in one.line_fields)
    return next(fitting, known[0])


def _heading(field: Field, own: str) -> str:
    return next((name for start, name in _HEADINGS.items() if field.key.startswith(start)), own)
