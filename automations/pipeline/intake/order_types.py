"""Field types that only orders have: quantities, times of day, a currency, an address, parcels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from automations.engine.fields.currencies import CODES
from automations.engine.fields.order_delivery import ADDRESS, LONGEST
from automations.engine.operators.value_types import counted, shown
from automations.pipeline.intake import patterns
from automations.pipeline.intake.field_types import (
    FieldType,
    Read,
    ReadingContext,
    Schema,
    TextType,
    invalid_input,
    text_of,
)

MOST_PARCELS = 50
#: The decimals of a quantity: grams of a kilogram.
DECIMALS = 3
_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
_QUANTITY = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,9})?", re.ASCII)


@dataclass(frozen=True)
class Quantity(FieldType):
    """How much of something: below zero for a return, with up to three decimals for what is weighed."""

    most: int
    nullable = False

    def reader(self, context: ReadingContext) -> Read:
        return lambda value: quantity_of(value, self.most)

    def schema(self) -> Schema:
        limits = {"minimum": -self.most, "maximum": self.most, "multipleOf": 0.001}
        return {"type": "number"} | limits | {"examples": [1, 0.5, -1]}


def quantity_of(value: Any, most: int) -> int | float:
    """Return a quantity as a line holds it: an int if it is whole. Raises InvalidInput."""
    text = repr(value) if value.__class__ is float else str(value) if value.__class__ is int else value
    number = Decimal(text) if isinstance(text, str) and _QUANTITY.fullmatch(text) else None
    if number is None or abs(number) > most or number != round(number, DECIMALS):
        sentence = f"Needs a number from −{counted(most)} to {counted(most)} with at most {DECIMALS} decimals"
        raise invalid_input(f"{sentence}, such as 2, 0.5 or −1, not {shown(value)}.")
    return int(number) if number == number.to_integral_value() else float(number)


class TimeType(FieldType):
    """A time of day by the store's clock."""

    def reader(self, context: ReadingContext) -> Read:
        fits = patterns.matcher(_TIME)

        def read(value: Any) -> str:
            text = text_of(value)
            if not fits(text):
                raise invalid_input(f"Needs a time of day such as 09:30, not {shown(text)}.")
            return text

        return read

    def schema(self) -> Schema:
        return {"type": "string", "pattern": _TIME, "examples": ["09:30"]}


class CurrencyType(FieldType):
    """The code of a currency, in any letter case."""

    nullable = False

    def reader(self, context: ReadingContext) -> Read:
        def read(value: Any) -> str:
            code = text_of(value).strip().upper()
            if code not in CODES:
                raise invalid_input(f"Needs the code of a currency such as GBP, not {shown(value)}.")
            return code

        return read

    def schema(self) -> Schema:
        words = "The ISO 4217 code of the currency of its amounts; the store's if a new order says none."
        return {
            "type": "string",
            "pattern": "^[ ]*[A-Za-z]{3}[ ]*$",
            "description": words,
            "examples": ["GBP"],
        }


#: The parts of an address.
ADDRESS_PARTS: Mapping[str, FieldType] = {
    key: TextType(LONGEST[key], example)
    for key, example in zip(
        ADDRESS,
        ("Grand Hotel", "1 Mill Lane\nFlat 2", "Bath", "Somerset", "BA1 1AA", "GB", "01225 496 0123"),
        strict=True,
    )
}
