"""Composite field types: an object with named parts, a customer, the lines of an order."""

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
    SAYS_NOTHING,
    ChoiceType,
    Count,
    DateType,
    FieldType,
    InstantType,
    InvalidInput,
    MoneyType,
    Name,
    Number,
    Read,
    ReadingContext,
    Schema,
    Tags,
    TextType,
    each,
    invalid_input,
    joined,
)
from automations.pipeline.intake.language_type import LanguageType
from automations.pipeline.intake.order_types import (
    ADDRESS_PARTS,
    MOST_PARCELS,
    CurrencyType,
    Quantity,
    TimeType,
)
from automations.pipeline.records.snapshots import instant

NAME = 200
MOST_LINES = 500
MOST_OF_ONE = 100_000
NOBODY = "Needs a number, an email or a name, so that the customer can be found."


def kind_of(entry: Field) -> FieldType:
    """Return the field type of a stored field; raises KeyError for a type the API never takes."""
    places = entry.stored or Stored()
    return _KINDS[places.holds or entry.type](entry, places)


_KINDS: Mapping[str, Callable[[Field, Stored], FieldType]] = {
    stored.NUMBER: lambda _, places: Number(60, str(places.example or "")),
    "text": lambda _, places: TextType(places.longest, str(places.example or "")),
    "choice": lambda entry, _: ChoiceType(str(entry.choices), nullable=entry.can_be_empty),
    "number": lambda entry, places: Count(
        places.least, places.most, nullable=entry.can_be_empty, example=int(places.example or 1)
    ),
    "money": lambda entry, places: MoneyType(
        nullable=entry.can_be_empty or places.adds_up, example=str(places.example or MoneyType.example)
    ),
    "date": lambda *_: DateType(),
    "time": lambda *_: TimeType(),
    stored.CURRENCY: lambda *_: CurrencyType(),
    stored.LANGUAGE: lambda _, places: LanguageType(str(places.example or "")),
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
    "quantity": Quantity(MOST_OF_ONE),
    "unit_price": MoneyType(example="4.50"),
}
PARCEL: Mapping[str, FieldType] = {
    "carrier": TextType(NAME, "Royal Mail"),
    "tracking_number": TextType(NAME, "JD0002"),
    "status": ChoiceType("delivery_status"),
    "said_at": InstantType(),
}
PARCEL_STARTS = {"carrier": "", "tracking_number": "", "status": None}
LINE_NEEDS = ("name", "unit_price")
LINE_STARTS = {"sku": "", "name": "", "category": "", "quantity": 1, "unit_price": "0.00"}


class ObjectReader:
    """Reads a JSON object part by part, each by its field type."""

    def __init__(self, fields: Mapping[str, FieldType], context: ReadingContext) -> None:
        self._fields = fields
        self._readers: dict[str, Read] = {name: kind.reader(context) for name, kind in fields.items()}

    def read(self, data: Any) -> dict[str, Any]:
        """Return the parts that say something as typed values; raises InvalidInput with every problem found.

        An empty text says nothing: forms send one for every box that nobody filled in.
        """
        if data.__class__ is not dict:
            raise invalid_input("Needs an object, such as {" + f'"{next(iter(self._fields))}": …' + "}.")
        values: dict[str, Any] = {}
        problems: list[tuple[str, str]] = []
        readers = self._readers
        for name, value in data.items():
            try:
                if value is None or name not in readers:
                    values[name] = self._nothing(name)
                else:
                    typed = readers[name](value)
                    # A decimal takes long to be compared with a text.
                    if typed.__class__ is not str or typed != SAYS_NOTHING:
                        values[name] = typed
            except InvalidInput as error:
                problems += [(joined(name, path), sentence) for path, sentence in error.problems]
        if problems:
            raise InvalidInput(*problems)
        return values

    def _nothing(self, name: str) -> Any:
        kind = self._fields.get(name)
        if kind is None:
            close = difflib.get_close_matches(name, self._fields, 1)
            hint = f"Did you mean “{close[0]}”?" if close else f"Use {', '.join(self._fields)}."
            raise invalid_input(f"There is no field {shown(name)}. {hint}")
        if not kind.nullable:
            raise invalid_input("Cannot be null. Leave it out to keep it as it is.")
        return kind.nothing()


class PersonType(FieldType):
    """A customer inside an order or event."""

    def reader(self, context: ReadingContext) -> Read:
        parts = ObjectReader(PERSON, context)

        def read(value: Any) -> dict[str, Any]:
            person = parts.read(value)
            if not any(person.values()):
                raise invalid_input(NOBODY)
            return person

        return read

    def schema(self) -> Schema:
        return {"$ref": "#/components/schemas/Person"}


class AddressType(FieldType):
    """An address, read and written whole: a part that is not sent is empty."""

    def reader(self, context: ReadingContext) -> Read:
        parts = ObjectReader(ADDRESS_PARTS, context)

        def read(value: Any) -> dict[str, str] | None:
            return {key: text for key, text in parts.read(value).items() if text.strip()} or None

        return read

    def schema(self) -> Schema:
        return {"$ref": "#/components/schemas/Address"}


class ParcelsType(FieldType):
    """The parcels of an order, as they are stored; None without any."""

    def reader(self, context: ReadingContext) -> Read:
        parts = ObjectReader(PARCEL, context)

        def read_parcel(value: Any) -> dict[str, Any]:
            parcel = PARCEL_STARTS | parts.read(value)
            if not any(parcel[name] for name in PARCEL_STARTS):
                raise invalid_input("Needs a carrier, a tracking number or a status.")
            return parcel | ({"said_at": instant(parcel["said_at"])} if "said_at" in parcel else {})

        def read(value: Any) -> list[Any] | None:
            if value.__class__ is not list or len(value) > MOST_PARCELS:
                raise invalid_input(f"Needs a list of at most {MOST_PARCELS} parcels.")
            return each(value, read_parcel) or None

        return read

    def schema(self) -> Schema:
        items = {"$ref": "#/components/schemas/Parcel"}
        return {"type": "array", "items": items, "maxItems": MOST_PARCELS}


class _Line(TypedDict, total=False):
    """The shape of a line, checked in C: most orders pass, and only the others are read part by part."""

    sku: Annotated[str, msgspec.Meta(max_length=NAME)]
    name: Required[Annotated[str, msgspec.Meta(min_length=1, max_length=NAME)]]
    category: Annotated[str, msgspec.Meta(max_length=NAME)]
    quantity: Annotated[int, msgspec.Meta(ge=-MOST_OF_ONE, le=MOST_OF_ONE)]
    unit_price: Required[str]


class LinesType(FieldType):
    """The lines of an order, as they are stored."""

    def nothing(self) -> list[Any]:
        return []

    def reader(self, context: ReadingContext) -> Read:
        slow = _slow_line(context)
        texts, whole = context.amounts.texts, {len(LINE)}

        def read(value: Any) -> list[dict[str, Any]]:
            if value.__class__ is not list or len(value) > MOST_LINES:
                raise invalid_input(f"Needs a list of at most {MOST_LINES} lines.")
            try:
                lines: list[Any] = msgspec.convert(value, list[_Line])
                # msgspec drops unknown parts silently, and parts may be missing: then the lengths differ.
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


def _slow_line(context: ReadingContext) -> Read:
    parts = ObjectReader(LINE, context)

    def read(value: Any) -> dict[str, Any]:
        line = parts.read(value)
        missing = [(name, "Is missing.") for name in LINE_NEEDS if name not in line]
        if missing:
            raise InvalidInput(*missing)
        return LINE_STARTS | line | {"unit_price": str(line["unit_price"])}

    return read
