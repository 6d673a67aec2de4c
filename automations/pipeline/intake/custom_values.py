"""Field types for the store's own fields and for yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from automations.engine.fields.currencies import decimals_of
from automations.engine.fields.subject import CUSTOM, Field
from automations.engine.operators.value_types import InvalidValue, as_typed, parse, shown
from automations.engine.wording.formats import joined as listed
from automations.pipeline.intake.field_types import (
    FieldType,
    InvalidInput,
    Read,
    ReadingContext,
    Schema,
    invalid_input,
)
from automations.pipeline.records.evaluation_context import plain

LONGEST_TEXT = 2000


@dataclass(frozen=True)
class YesNoType(FieldType):
    """True or false."""

    nullable = False

    def reader(self, context: ReadingContext) -> Read:
        def read(value: Any) -> bool:
            if value.__class__ is not bool:
                raise invalid_input("Needs true or false, without quotes.")
            return bool(value)

        return read

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Custom(FieldType):
    """An object with values of the store's own fields, by key or name; fields that are not sent stay."""

    subject: str
    nullable = False

    def reader(self, context: ReadingContext) -> Read:
        fields, currency = context.words.custom(self.subject), context.amounts.currency
        # A key comes first: answers hold keys, and another field may be called what this one's key is.
        fields_by_word = {field.label.casefold(): field for field in fields.values()}
        fields_by_word |= {key_of(field).casefold(): field for field in fields.values()}

        def read(value: Any) -> dict[str, Any]:
            if value.__class__ is not dict:
                raise invalid_input('Needs an object, such as {"colour": "Red"}.')
            values, problems = {}, []
            for name, raw in value.items():
                try:
                    field = _field_named(fields_by_word, name, fields)
                    if not isinstance(raw, str) or raw.strip():
                        values[key_of(field)] = None if raw is None else custom_value(field, raw, currency)
                except (InvalidInput, InvalidValue) as error:
                    problems.append((str(name), _sentence(error)))
            if problems:
                raise InvalidInput(*problems)
            return values

        return read

    def schema(self) -> Schema:
        words = "Values of your store’s own fields, by name or key; null empties one."
        return {"type": "object", "description": words, "examples": [{"colour": "Red"}]}


def key_of(field: Field) -> str:
    """Return the key under which a record holds the field: "colour" for "custom.colour"."""
    return field.key.removeprefix(CUSTOM)


def custom_value(field: Field, raw: Any, currency: str) -> Any:
    """Return the plain value of one field as records keep it; raises InvalidValue with what to change.

    Money has at most the decimals of `currency`, which is the store's.
    """
    if isinstance(raw, bool):
        raw = "yes" if raw else "no"
    if not isinstance(raw, str | int | float) or len(str(raw)) > LONGEST_TEXT:
        raise InvalidValue(f"needs a short text or a number, not {shown(raw)}")
    text = str(raw).strip()
    if not text:
        return None
    if field.type == "choice":
        keys = {word.casefold(): key for key, label in field.labels.items() for word in (key, label)}
        if text.casefold() not in keys:
            raise InvalidValue(f"needs one of {listed(list(field.labels.values()))}, not {shown(text)}")
        return keys[text.casefold()]
    parsed = parse(field.type, text)
    if isinstance(parsed, Decimal) and field.type == "money":
        _check_decimals(parsed, currency, text)
    value = plain(parsed)
    return value == "yes" if field.type == "bool" else value


def _check_decimals(amount: Decimal, currency: str, text: str) -> None:
    places = decimals_of(currency)
    if amount != amount.quantize(Decimal(1).scaleb(-places)):
        most = f"at most {places}" if places else "no"
        raise InvalidValue(f"needs {most} decimals in {currency}, not {shown(as_typed(text))}")


def _field_named(fields_by_word: Mapping[str, Field], name: str, fields: Mapping[str, Field]) -> Field:
    field = fields_by_word.get(name.strip().casefold())
    if field is None:
        names = listed([key_of(field) for field in fields.values()])
        raise invalid_input(
            f"Use one of {names}." if names else "Your store has no fields of its own; add it first."
        )
    return field


def _sentence(error: ValueError) -> str:
    if isinstance(error, InvalidInput):
        return error.problems[0][1]
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
