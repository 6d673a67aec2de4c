"""What an undo would change, value by value, as its page shows it before anybody decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import url_for

from automations.engine.fields.subject import CUSTOM
from automations.engine.wording.condition_phrases import node_parts
from automations.engine.wording.formats import joined
from automations.engine.wording.sentence_parts import listed, text_of
from automations.features.audience import segment_edits
from automations.features.expectations import expectation_edits
from automations.models.access import undo_steps
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.customer import Account, Customer
from automations.models.tables.expectation import Expectation
from automations.models.tables.segment import Segment
from automations.models.tables.undo_step import UndoStep
from automations.pipeline.records.order_totals import MARKS
from automations.web.kit import template_filters
from automations.web.records.kind_pages import BY_SUBJECT, store_words

#: Characters of a text that are shown.
LONGEST = 200
NOTHING = "nothing"
ADDED_UP = "added up from the items"


@dataclass(frozen=True)
class GoesBack:
    """One value of the record: as the change left it, and as it would be again."""

    label: str
    now: str
    then: str


@dataclass(frozen=True)
class RecordStep:
    """The record, segment or expectation that an undo is about, with its address, and what would go back."""

    name: str
    url: str
    values: Sequence[GoesBack]


def of_step(step: UndoStep) -> RecordStep | None:
    """Return what the step would change back; None of a step without values, or about what is gone."""
    told = {segment_edits.EDITED: _of_segment, expectation_edits.EDITED: _of_expectation}
    return told.get(step.kind, _of_record)(step)


def _of_segment(step: UndoStep) -> RecordStep | None:
    segment = db.session.get(Segment, step.about_id)
    if segment is None:
        return None
    words = store_words()
    subject = words.subject("customer")

    def conditions(state: Mapping[str, Any]) -> str:
        parts = [node_parts(subject, node, words) for node in state["conditions"]]
        return text_of(listed(parts)) if parts else "none"

    sides = (step.after, step.before)
    (now, then), (named, was_named) = map(conditions, sides), (str(side["name"]) for side in sides)
    values = [GoesBack("Name", named, was_named), GoesBack("Conditions", now, then)]
    url = url_for("segments.edit", segment_id=segment.id)
    return RecordStep(f"“{segment.name}”", url, [one for one in values if one.now != one.then])


def _of_expectation(step: UndoStep) -> RecordStep | None:
    expectation = db.session.get(Expectation, step.about_id)
    if expectation is None:
        return None
    session, words, was = db.session(), store_words(), step.before
    sentences = [
        text_of(expectation_edits.in_words(session, words, *rule))
        for rule in ((expectation.rule, expectation.follow), (was["rule"], was["follow"]))
    ]
    values = [
        GoesBack("Name", expectation.name or NOTHING, was["name"] or NOTHING),
        GoesBack("Expectation", *sentences),
    ]
    name = f"the expectation “{expectation_edits.title(session, words, expectation)}”"
    url = url_for("expectations.show", expectation_id=expectation.id)
    return RecordStep(name, url, [one for one in values if one.now != one.then])


def _of_record(step: UndoStep) -> RecordStep | None:
    if step.kind != undo_steps.RECORD_EDIT or not step.before:
        return None
    kind = BY_SUBJECT[step.before["subject"]]
    record = db.session.get(kind.model, step.about_id)
    if record is None:
        return None
    words, currency = store_words(), str(getattr(record, "currency", ""))
    before, after = step.before["values"], step.after["values"]
    values = []
    for name in after:
        if name in MARKS:
            continue
        field = words.custom_ever(kind.subject).get(name) or words.subject(kind.subject).columns.get(name)
        now, then = (
            _words(words, name, field, row[name], row.get("currency", currency)) for row in (after, before)
        )
        if name == "total" and before.get("total_given") is False:
            then = ADDED_UP
        plain = name.removeprefix(CUSTOM).removesuffix("_id").replace("_", " ").capitalize()
        values.append(GoesBack("Items" if name == "lines" else field.label if field else plain, now, then))
    return RecordStep(kind.name(record), kind.url(record), values)


def _words(words: StoreWords, name: str, field: Any, value: Any, currency: str) -> str:
    if value is None or value in ("", [], {}):
        return NOTHING
    if name in ("customer_id", "account_id"):
        row: Customer | Account | None
        row = db.session.get(Customer, value) if name == "customer_id" else db.session.get(Account, value)
        return row.name if row else "somebody who is gone"
    if field and field.choices:
        return words.choice(str(field.choices), value)
    tell = _TELL.get(field.type if field else "")
    text = f"{tell(value)}" if tell else _text(value)
    text = template_filters.money(Decimal(str(value)), currency) if field and field.type == "money" else text
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(str(part) for part in value.values() if part)
    if isinstance(value, list):
        return joined([_text(part) for part in value])
    return str(value)


def _items(lines: Sequence[Mapping[str, Any]]) -> str:
    return joined([f"{line.get('quantity')} × {line.get('name') or line.get('sku')}" for line in lines])


def _parcels(parcels: Sequence[Mapping[str, Any]]) -> str:
    names = ("carrier", "tracking_number")
    return joined([" ".join(str(one[name]) for name in names if one.get(name)) for one in parcels])


#: How a value is told, by the type of its field; anything else is told as its text.
_TELL: Mapping[str, Callable[[Any], str]] = {
    "bool": lambda value: "yes" if value else "no",
    "date": lambda value: template_filters.day(dt.date.fromisoformat(value)),
    "datetime": lambda value: template_filters.when(dt.datetime.fromisoformat(value)),
    "lines": _items,
    "parcels": _parcels,
}
