"""Change the order, event or customer, through the same code as every other change."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import wtforms
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from automations.actions.shared import skip_reasons
from automations.actions.shared.action_kind import (
    INSIDE,
    ActionForm,
    Lists,
    Prepared,
    Settings,
    Situation,
    Skipped,
    text_of,
)
from automations.actions.shared.changeable_fields import TARGETS, YES_NO, Target, targets_of
from automations.actions.shared.inside_action import (
    EffectContext,
    EffectRefused,
    InsideAction,
    Preview,
    RecordChange,
)
from automations.actions.shared.text_templates import problems_of, rendered
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.plain_text import one_line, plain
from automations.engine.fields.problem import either
from automations.engine.fields.subject import Field, Subject
from automations.engine.operators.value_types import InvalidValue, counted, parse
from automations.engine.rules.rule import Problem
from automations.engine.wording.formats import Formats
from automations.messages.date_formats import moment
from automations.models.settings.choices import StoreWords

_PHRASES = {"set": "set {} to “{}”", "append": "add “{1}” to the note", "add": "add the tag “{1}”"}
_PHRASES["remove"] = "remove the tag “{1}”"
_LONGEST = 2000
_SHOWN = 60
_LONGEST_NOTE = 20_000
_MOST_TAGS = 100
_DIGITS = 15
#: "today", "today+3", "today-1".
RELATIVE_DATE = re.compile(r"today\s*(?:([+-])\s*(\d{1,4}))?", re.IGNORECASE)

Row = Mapping[str, Any]
#: What follows from a field by calculation.
_WORKED_OUT: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("total", "amount_paid"), ("balance_due",)),
    **dict.fromkeys(("first_name", "last_name"), ("name",)),
}


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
    changes_record = True
    Form = ChangeForm

    def changed_fields(self, settings: Settings) -> frozenset[str]:
        key = text_of(settings, "field")
        name = key.removeprefix("customer.").removeprefix("custom.").partition(".")[0]
        return frozenset({name, *_WORKED_OUT.get(name, ())})

    def contacts_customer(self, settings: Settings) -> bool:
        return False

    def summary(self, settings: Settings) -> str:
        return self._summary(settings, TARGETS.get(text_of(settings, "field")))

    def summary_for(self, settings: Settings, subject: Subject) -> str:
        return self._summary(
            settings, targets_of(subject.key, subject.custom).get(text_of(settings, "field"))
        )

    def with_present_names(self, settings: Settings, subject_key: str, lists: Lists) -> Settings:
        for list_key, name in self.choices_named(settings, subject_key):
            if key := lists.key_for(list_key, name):
                return {**settings, "value": lists.choice(list_key, key)}
        return settings

    def _summary(self, settings: Settings, target: Target | None) -> str:
        if target is None:
            return "change …"
        value = one_line(text_of(settings, "value"), _SHOWN) or "…"
        words = _PHRASES[target.operation].format(_what(target), value)
        if target.record != "customer" or "tag" not in words:
            return words
        return f"{words} to the customer" if words.startswith("add") else f"{words} from the customer"

    def check(self, settings: Settings, subject: Subject) -> list[Problem]:
        target = targets_of(subject.key, subject.custom).get(text_of(settings, "field"))
        if target is None:
            return [Problem("settings.field", "Choose what is changed.")]
        found = problems_of(settings, "value", subject, "Enter the new value.")
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
                f"There is no {target.label.lower()} “{one_line(value, _SHOWN)}”. Choose one from the list."
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

    def apply(self, session: Session, context: EffectContext, prepared: Prepared) -> str:
        change = self.foreseen(context, prepared)
        is_new = context.records.change(change.subject, change.number, change.values)
        label = prepared.subject
        return f"{label}: {change.shown}" if is_new else f"{label}: already {change.shown}"

    def foreseen(self, context: EffectContext, prepared: Prepared) -> RecordChange:
        words = context.records.words
        target = targets_of(context.subject, words.custom(context.subject)).get(
            str(prepared.extra.get("field"))
        )
        if target is None:
            raise EffectRefused(
                "What was to be changed does not exist any more. Choose again in the automation."
            )
        subject, number = _record(context, target)
        row = context.records.locked(subject, number)
        if row is None:
            raise EffectRefused(f"The {subject} {number} does not exist any more.")
        value = _value(target, prepared.body, row, context)
        values = {target.column: {target.own.path[-1]: value} if target.own else value}
        return RecordChange(subject, number, values, _shown(target, value, prepared.body, subject, words))

    def preview(self, prepared: Prepared, formats: Formats) -> Preview:
        return Preview(f"A change to {prepared.to}", f"{prepared.subject}: {prepared.body}")


def has_fields(value: str) -> bool:
    """Whether `value` contains template fields, so that it is only known for a record."""
    return "{{" in value or "{%" in value


def value_problems(target: Target, value: str) -> Iterator[str]:
    """Yield what is wrong with a value without fields, apart from what needs the store's lists."""
    if target.type == "date" and not is_date(value):
        yield "Enter a date like 2026-11-24, “today”, or “today+3” for three days later."
    elif target.type == "bool" and value.casefold() not in YES_NO:
        yield f"Enter {' or '.join(target.yes_no)}."
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
    return bool(customer) and isinstance(customer, Mapping) and any(customer.values())


def _record(context: EffectContext, target: Target) -> tuple[str, str]:
    if target.record == "record" or context.subject == "customer":
        return context.subject, context.number
    if not context.customer_number:
        raise EffectRefused(f"The {context.subject} has no customer.")
    return "customer", context.customer_number


def _value(target: Target, text: str, row: Row, context: EffectContext) -> Any:
    """Return the value of the column once the change is done. Raises EffectRefused."""
    if target.operation == "append":
        return "\n".join(filter(None, (row[target.column], text)))[-_LONGEST_NOTE:]
    if target.type == "tag":
        return _tags(row[target.column] or [], text, target.operation)
    if target.type == "choice" and not target.own:
        return _choice(target, text, context)
    if target.type == "date":
        day = _date(text, context)
        return day.isoformat() if target.own else day
    if target.own:
        return _own(target.own, text, row.get("currency", ""), context)
    if target.type == "bool":
        return _yes_no(text)
    if target.type in ("number", "money"):
        return _amount(target, text, row, context)
    return _email(text) if target.type == "email" else text


def _tags(tags: list[str], text: str, operation: str) -> list[str]:
    if operation == "remove":
        return [tag for tag in tags if tag.casefold() != text.casefold()]
    if any(tag.casefold() == text.casefold() for tag in tags):
        return tags
    if len(tags) >= _MOST_TAGS:
        raise EffectRefused(f"It already has {_MOST_TAGS} tags, which is the limit.")
    return [*tags, text]


def _choice(target: Target, text: str, context: EffectContext) -> str:
    key = context.records.words.key_for(target.list_for(context.subject), text)
    if key is None:
        label = target.label.lower()
        raise EffectRefused(f"There is no {label} “{text}” any more. Choose another one in the automation.")
    return key


def _date(text: str, context: EffectContext) -> dt.date:
    relative = RELATIVE_DATE.fullmatch(text)
    try:
        if relative is None:
            # A moment of the record stands in UTC; the day is the one the store's clock shows then.
            local = moment(text, context.store.timezone)
            return local.date() if local else dt.date.fromisoformat(text[:10])
        today = context.now.astimezone(ZoneInfo(context.store.timezone)).date()
        return today + dt.timedelta(days=int(f"{relative[1] or '+'}{relative[2] or 0}"))
    except (ValueError, OverflowError) as error:
        raise EffectRefused(f"“{text[:60]}” is not a date. Enter one like 2026-11-24 or today+3.") from error


def _amount(target: Target, text: str, row: Row, context: EffectContext) -> Decimal | int:
    """Return the amount of money or the whole number that the column takes. Raises EffectRefused."""
    try:
        if target.type == "money":
            return context.records.amount(row.get("currency", ""), text)
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else -1
    except ValueError as error:
        raise EffectRefused(f"{target.label}: {error}") from error
    if not target.least <= number <= target.most:
        raise EffectRefused(
            f"{target.label}: Needs a whole number from {target.least} to {counted(target.most)}, "
            f"not “{text[:60]}”."
        )
    return number


def _own(field: Field, text: str, currency: str, context: EffectContext) -> Any:
    try:
        return context.records.custom_value(field, text, currency)
    except InvalidValue as error:
        raise EffectRefused(f"{field.label} {error}.") from error


def _yes_no(text: str) -> bool:
    if text.casefold() not in YES_NO:
        raise EffectRefused(f"“{text[:60]}” is neither given nor not given.")
    return YES_NO[text.casefold()]


def _email(text: str) -> str:
    try:
        return EmailContact.parse(text).address
    except InvalidContact as error:
        raise EffectRefused(str(error)) from error


def _shown(target: Target, value: Any, text: str, subject: str, words: StoreWords) -> str:
    if target.own:
        return target.own.labels.get(str(value), text)
    if target.type == "choice":
        return words.choice(target.list_for(subject), value)
    return str(value) if target.type == "date" else text
