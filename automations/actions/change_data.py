"""Change the order, event or customer, through the same code as every other change."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator

import wtforms
from wtforms.fields.choices import SelectChoice

from automations.actions.shared import skip_reasons
from automations.actions.shared.action_kind import (
    INSIDE,
    ActionForm,
    InsideAction,
    Lists,
    Prepared,
    Settings,
    Situation,
    Skipped,
    text_of,
)
from automations.actions.shared.changeable_fields import TARGETS, YES_NO, Target, targets_of
from automations.actions.shared.text_templates import problems_of, rendered
from automations.connectors.plain_text import one_line, plain
from automations.engine.fields.problem import either
from automations.engine.fields.subject import Field, Subject
from automations.engine.operators.value_types import InvalidValue, parse
from automations.engine.rules.rule import Problem

_PHRASES = {"set": "set {} to “{}”", "append": "add “{1}” to the note", "add": "add the tag “{1}”"}
_PHRASES["remove"] = "remove the tag “{1}”"
_LONGEST = 2000
_SHOWN = 60
#: "today", "today+3", "today-1".
RELATIVE_DATE = re.compile(r"today\s*(?:([+-])\s*(\d{1,4}))?", re.IGNORECASE)


class ChangeForm(ActionForm):
    """The field to change and its new value."""

    template_fields = ("value",)

    field = wtforms.SelectField(
        "Change", choices=[SelectChoice(key, one.label) for key, one in TARGETS.items()], default="status"
    )
    value = wtforms.StringField("To")


class ChangeData(InsideAction):
    """One change of one field."""

    key = "change_data"
    label = "Change data"
    icon = "pencil"
    rank = 5
    Form = ChangeForm

    def contacts_customer(self, settings: Settings) -> bool:
        return False

    def summary(self, settings: Settings) -> str:
        return self._summary(settings, TARGETS.get(text_of(settings, "field")))

    def summary_for(self, settings: Settings, subject: Subject) -> str:
        return self._summary(
            settings, targets_of(subject.key, subject.custom).get(text_of(settings, "field"))
        )

    def _summary(self, settings: Settings, target: Target | None) -> str:
        if target is None:
            return "change …"
        value = one_line(text_of(settings, "value"), _SHOWN) or "…"
        words = _PHRASES[target.operation].format(_what(target), value)
        return f"{words} of the customer" if target.record == "customer" and "tag" in words else words

    def check(self, settings: Settings, subject: Subject) -> list[Problem]:
        target = targets_of(subject.key, subject.custom).get(text_of(settings, "field"))
        if target is None:
            return [Problem("settings.field", "Choose what is changed.")]
        found = problems_of(settings, "value", subject, "Write the new value.")
        value = text_of(settings, "value").strip()
        if found or has_fields(value):
            return found
        return [Problem("settings.value", sentence) for sentence in value_problems(target, value)]

    def check_in_store(self, settings: Settings, subject: Subject, lists: Lists) -> list[Problem]:
        found = self.check(settings, subject)
        target = TARGETS.get(text_of(settings, "field"))
        value = text_of(settings, "value").strip()
        if found or target is None or target.type != "choice" or has_fields(value):
            return found
        if lists.key_for(target.list_for(subject.key), value) is None:
            sentence = (
                f"There is no {target.label.lower()} “{one_line(value, _SHOWN)}”. Choose one of the list."
            )
            return [Problem("settings.value", sentence)]
        return []

    def choices_named(self, settings: Settings, subject_key: str) -> Iterable[tuple[str, str]]:
        target = targets_of(subject_key).get(text_of(settings, "field"))
        value = text_of(settings, "value").strip()
        if target is None or target.type != "choice" or has_fields(value):
            return []
        return [(target.list_for(subject_key), value)]

    def prepare(self, settings: Settings, situation: Situation) -> list[Prepared]:
        target = targets_of(situation.subject, situation.custom).get(text_of(settings, "field"))
        if target is None:
            raise Skipped("Nothing is chosen that could be changed.")
        value = plain(rendered(settings, "value", situation)).strip()[:_LONGEST]
        if not value:
            raise Skipped(skip_reasons.value_empty(target.label))
        of_customer = target.record == "customer"
        if of_customer and not _has_customer(situation):
            raise Skipped(skip_reasons.no_customer(situation.subject))
        return [
            Prepared(
                kind=self.key,
                to="the customer" if of_customer else f"the {situation.subject}",
                to_name="",
                subject=target.label,
                body=value if target.operation == "append" else one_line(value, _LONGEST),
                channel=INSIDE,
                extra={"field": target.key},
            )
        ]


def has_fields(value: str) -> bool:
    """Whether `value` contains template fields, so that it is only known for a record."""
    return "{{" in value or "{%" in value


def value_problems(target: Target, value: str) -> Iterator[str]:
    """Yield what is wrong with a value without fields, apart from what needs the store's lists."""
    if target.type == "date" and not is_date(value):
        yield "Write a date like 2026-11-24, “today”, or “today+3” for three days later."
    elif target.type == "bool" and value.casefold() not in YES_NO:
        yield f"Write {' or '.join(target.yes_no)}."
    elif target.type == "choice" and target.own and key_of(target.own, value) is None:
        offered = either(list(target.own.labels.values()))
        yield f"“{target.label}” has no “{one_line(value, _SHOWN)}”. Choose {offered}."
    elif target.type in ("number", "money"):
        try:
            parse(target.type, value)
        except InvalidValue as problem:
            yield f"{target.label} {problem}."


def key_of(field: Field, word: str) -> str | None:
    """Return the key of a custom field's choice by its label or key, or None."""
    known = {name.casefold(): key for key, label in field.labels.items() for name in (key, label)}
    return known.get(word.strip().casefold())


def is_date(value: str) -> bool:
    """Whether `value` is a date in the form people write here."""
    if RELATIVE_DATE.fullmatch(value):
        return True
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _what(target: Target) -> str:
    name = target.label.removeprefix("Customer: ").lower()
    return f"the customer’s {name}" if target.record == "customer" else f"the {name}"


def _has_customer(situation: Situation) -> bool:
    customer = situation.context.get("customer")
    return bool(customer) and isinstance(customer, dict) and any(customer.values())
