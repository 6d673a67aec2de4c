"""The kinds of value that have parts: an object with named parts, a customer, the lines of an order."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Required, TypedDict

import msgspec

from automations.engine.fields import stored
from automations.engine.fields.stored import Stored
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import shown
from automations.pipeline.intake.custom_values import YesNoType
from automations.pipeline.intake.field_types import (
    ChoiceType,
    Count,
    DateType,
    FieldType,
    InstantType,
    MoneyType,
    Name,
    Read,
    ReadingContext,
    Schema,
    Tags,
    TextType,
    Wrong,
    each,
    joined,
    wrong,
)

NAME = 200
MOST_LINES = 500
MOST_OF_ONE = 100_000
NOBODY = "Needs a number, an email or a name, so that the customer can be found."


def kind_of(entry: Field) -> FieldType:
    """Return how the API reads a stored field; raises KeyError for a type that it never takes."""
    return _KINDS[entry.type](entry, entry.stored or Stored())


_KINDS: Mapping[str, Callable[[Field, Stored], FieldType]] = {
    stored.NUMBER: lambda _, places: Name(60, str(places.example or ""), without="/"),
    "text": lambda _, places: TextType(places.longest, str(places.example or "")),
    "choice": lambda entry, _: ChoiceType(str(entry.choices), nullable=entry.can_be_empty),
    "number": lambda entry, places: Count(
        places.least, places.most, nullable=entry.can_be_empty, example=int(places.example or 1)
    ),
    "money": lambda entry, places: MoneyType(
        nullable=entry.can_be_empty, example=str(places.example or MoneyType.example)
    ),
    "date": lambda *_: DateType(),
    "datetime": lambda *_: InstantType(),
    "bool": lambda *_: YesNoType(),
    "tags": lambda *_: Tags(),
    "reference": lambda _, places: Name(places.longest, str(places.example or "")),
}
#: A customer inside an order or event.
PERSON: Mapping[str, FieldType] = {
    entry.key: kind_of(entry) for entry, places in SUBJECTS["customer"].placed("api") if places.with_records
}
LINE: Mapping[str, FieldType] = {
    "sku": TextType(NAME, "ROSE-50"),
    "name": TextType(NAME, "Red roses, long stem", least=1, nullable=False),
    "category": TextType(NAME, "Roses"),
    "quantity": Count(0, MOST_OF_ONE, nullable=False),
    "unit_price": MoneyType(example="4.50"),
}
LINE_NEEDS = ("name", "unit_price")
LINE_STARTS = {"sku": "", "name": "", "category": "", "quantity": 1, "unit_price": "0.00"}


class Object:
    """The parts of a JSON object, each read by its kind."""

    def __init__(self, fields: Mapping[str, FieldType], setting: ReadingContext) -> None:
        self._fields = fields
        self._readers: dict[str, Read] = {name: kind.reader(setting) for name, kind in fields.items()}

    def read(self, data: Any) -> dict[str, Any]:
        """The given parts as typed values; raises Wrong with every problem found."""
        if data.__class__ is not dict:
            raise wrong("Needs an object, such as {" + f'"{next(iter(self._fields))}": …' + "}.")
        values: dict[str, Any] = {}
        problems: list[tuple[str, str]] = []
        readers = self._readers
        for name, value in data.items():
            try:
                if value is None or name not in readers:
                    values[name] = self._nothing(name)
                else:
                    values[name] = readers[name](value)
            except Wrong as error:
                problems += [(joined(name, path), sentence) for path, sentence in error.problems]
        if problems:
            raise Wrong(*problems)
        return values

    def _nothing(self, name: str) -> Any:
        kind = self._fields.get(name)
        if kind is None:
            close = difflib.get_close_matches(name, self._fields, 1)
            hint = f"Did you mean “{close[0]}”?" if close else f"Use {', '.join(self._fields)}."
            raise wrong(f"There is no field {shown(name)}. {hint}")
        if not kind.nullable:
            raise wrong("Cannot be null. Leave it out to keep it as it is.")
        return kind.nothing()


class PersonType(FieldType):
    """A customer inside an order or event."""

    def reader(self, setting: ReadingContext) -> Read:
        parts = Object(PERSON, setting)

        def read(value: Any) -> dict[str, Any]:
            person = parts.read(value)
            if not any(person.values()):
                raise wrong(NOBODY)
            return person

        return read

    def schema(self) -> Schema:
        return {"$ref": "#/components/schemas/Person"}


class _Line(TypedDict, total=False):
    """The shape of a line, checked in C: most orders pass here, and only the others are read part by part."""

    sku: Annotated[str, msgspec.Meta(max_length=NAME)]
    name: Required[Annotated[str, msgspec.Meta(min_length=1, max_length=NAME)]]
    category: Annotated[str, msgspec.Meta(max_length=NAME)]
    quantity: Annotated[int, msgspec.Meta(ge=0, le=MOST_OF_ONE)]
    unit_price: Required[str]


class LinesType(FieldType):
    """The lines of an order, as they are stored."""

    def nothing(self) -> list[Any]:
        return []

    def reader(self, setting: ReadingContext) -> Read:
        slow = _slow_line(setting)
        texts, whole = setting.amounts.texts, {len(LINE)}

        def read(value: Any) -> list[dict[str, Any]]:
            if value.__class__ is not list or len(value) > MOST_LINES:
                raise wrong(f"Needs a list of at most {MOST_LINES} lines.")
            try:
                lines: list[Any] = msgspec.convert(value, list[_Line])
                # Unknown parts are left out silently, and parts may be missing: then they differ in length.
                if whole.issuperset(map(len, lines)) and whole.issuperset(map(len, value)):
                    for line in lines:
                        line["unit_price"] = texts[line["unit_price"]]
                    return lines
            except ValueError:
                pass
            return each(value, slow)

        return read

    def schema(self) -> Schema:
        items = {"$ref": "#/components/schemas/Line"}
        return {"type": "array", "items": items, "maxItems": MOST_LINES}


def _slow_line(setting: ReadingContext) -> Read:
    parts = Object(LINE, setting)

    def read(value: Any) -> dict[str, Any]:
        line = parts.read(value)
        missing = [(name, "Is missing.") for name in LINE_NEEDS if name not in line]
        if missing:
            raise Wrong(*missing)
        return LINE_STARTS | line | {"unit_price": str(line["unit_price"])}

    return read
