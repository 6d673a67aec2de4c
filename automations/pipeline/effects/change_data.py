"""The effect of "change_data": a change of the record through `receive`, with the chain as its cause."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.actions.change_data import RELATIVE_DATE, ChangeData
from automations.actions.shared.action_kind import Prepared
from automations.actions.shared.changeable_fields import YES_NO, Target, targets_of
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.engine.fields.subject import Field
from automations.engine.operators.value_types import InvalidValue
from automations.models.settings.choices import StoreWords
from automations.pipeline.effects.shared.effect_kind import Effect, EffectContext, EffectRefused, Preview
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.intake.amounts import Amounts
from automations.pipeline.intake.custom_values import custom_value
from automations.pipeline.records.change import Change
from automations.pipeline.records.record_kinds import KINDS, Row, locked_rows

_LONGEST_NOTE = 20_000
_MOST_TAGS = 100
_DIGITS = 15


class ChangeEffect(Effect):
    """Changes one field of the record or of its customer."""

    kind = ChangeData.key

    def apply(self, session: Session, context: EffectContext, prepared: Prepared) -> str:
        words = StoreWords(session, context.store)
        target = targets_of(context.subject, words.custom(context.subject)).get(
            str(prepared.extra.get("field"))
        )
        if target is None:
            raise EffectRefused(
                "What was to be changed does not exist any more. Choose again in the automation."
            )
        subject, number = _record(context, target)
        row = locked_rows(session, KINDS[subject], context.store.id, {number}).get(number)
        if row is None:
            raise EffectRefused(f"The {subject} {number} does not exist any more.")
        value = _value(target, prepared.body, row, context, words)
        change = Change(number, {target.column: {target.own.path[-1]: value} if target.own else value})
        (received,) = receive(session, context.store, subject, [change], context.cause, context.now, words)
        shown = _shown(target, value, prepared.body, subject, words)
        return f"{target.label}: {shown}" if received.triggers else f"{target.label}: already so ({shown})"

    def preview(self, prepared: Prepared) -> Preview:
        return Preview(f"A change to {prepared.to}", f"{prepared.subject}: {prepared.body}")


def _record(context: EffectContext, target: Target) -> tuple[str, str]:
    if target.record == "record" or context.subject == "customer":
        return context.subject, context.number
    if not context.customer_number:
        raise EffectRefused(f"The {context.subject} has no customer.")
    return "customer", context.customer_number


def _value(target: Target, text: str, row: Row, context: EffectContext, words: StoreWords) -> Any:
    """The value of the column once the change is done. Raises EffectRefused."""
    if target.operation == "append":
        return "\n".join(filter(None, (row[target.column], text)))[-_LONGEST_NOTE:]
    if target.type == "tag":
        return _tags(row[target.column] or [], text, target.operation)
    if target.type == "choice" and not target.own:
        return _choice(target, text, context, words)
    if target.type == "date":
        day = _date(text, context)
        return day.isoformat() if target.own else day
    if target.own:
        return _own(target.own, text)
    if target.type == "bool":
        return _yes_no(text)
    if target.type in ("number", "money"):
        return _amount(target, text, row)
    return _email(text) if target.type == "email" else text


def _tags(tags: list[str], text: str, operation: str) -> list[str]:
    if operation == "remove":
        return [tag for tag in tags if tag.casefold() != text.casefold()]
    if any(tag.casefold() == text.casefold() for tag in tags):
        return tags
    if len(tags) >= _MOST_TAGS:
        raise EffectRefused(f"It has {_MOST_TAGS} tags already, which is the most.")
    return [*tags, text]


def _choice(target: Target, text: str, context: EffectContext, words: StoreWords) -> str:
    key = words.key_for(target.list_for(context.subject), text)
    if key is None:
        label = target.label.lower()
        raise EffectRefused(f"There is no {label} “{text}” any more. Choose another one in the automation.")
    return key


def _date(text: str, context: EffectContext) -> dt.date:
    relative = RELATIVE_DATE.fullmatch(text)
    try:
        if relative is None:
            return dt.date.fromisoformat(text[:10])
        today = context.now.astimezone(ZoneInfo(context.store.timezone)).date()
        return today + dt.timedelta(days=int(f"{relative[1] or '+'}{relative[2] or 0}"))
    except (ValueError, OverflowError) as error:
        raise EffectRefused(f"“{text[:60]}” is not a date. Write one like 2026-11-24 or today+3.") from error


def _amount(target: Target, text: str, row: Row) -> Decimal | int:
    """Return the amount of money or the whole number that the column takes. Raises EffectRefused."""
    try:
        if target.type == "money":
            return Amounts(row.get("currency", ""))[text]
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else -1
    except ValueError as error:
        raise EffectRefused(f"{target.label}: {error}") from error
    if not target.least <= number <= target.most:
        raise EffectRefused(
            f"{target.label}: Needs a whole number from {target.least} to {target.most:,}, not “{text[:60]}”."
        )
    return number


def _own(field: Field, text: str) -> Any:
    try:
        return custom_value(field, text)
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
