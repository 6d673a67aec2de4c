"""What the API takes, as rows of docs/api-fields.md: made from the types that read the requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from automations.pipeline.intake.composite_types import LINE, PARCEL, PERSON
from automations.pipeline.intake.custom_values import Custom
from automations.pipeline.intake.field_types import (
    ChoiceType,
    FieldType,
    InstantType,
    MoneyType,
    Name,
    Number,
)
from automations.pipeline.intake.language_type import LanguageType
from automations.pipeline.intake.order_types import ADDRESS_PARTS, DECIMALS, CurrencyType, TimeType
from automations.pipeline.intake.record_schema import FIELDS

#: Heading on the page -> its fields.
SECTIONS: Mapping[str, Mapping[str, FieldType]] = {
    "Orders": FIELDS["order"],
    "Lines of an order": LINE,
    "The delivery address of an order": ADDRESS_PARTS,
    "Parcels of an order": PARCEL,
    "Events": FIELDS["event"],
    "Customers": FIELDS["customer"],
    "The customer inside an order or event": PERSON,
}
_REFERENCES = {
    "Person": "the customer, see below",
    "Line": "lines, see below",
    "Address": "an address, see below",
    "Parcel": "parcels, see below",
}


def rows(heading: str) -> Iterator[str]:
    """Return the table rows of a section: field, what it takes, and what null does."""
    for name, kind in SECTIONS[heading].items():
        # A record always has a number and a total.
        own = {"number": "as if not sent", "total": "adds up the lines"}.get(name, "empties it")
        yield f"| `{name}` | {_takes(kind)} | {own if kind.nullable else 'refused'} |"


def _takes(kind: FieldType) -> str:
    schema = kind.schema()
    if isinstance(kind, Custom):
        return "an object with your store's own fields, by key or name"
    if isinstance(kind, ChoiceType):
        return f"a choice of the list `{kind.list_key}`"
    if isinstance(kind, MoneyType):
        return "an amount in quotes"
    if isinstance(kind, Name):
        slashes = "; more than dots before and after each “/”" if isinstance(kind, Number) else ""
        return f"1 to {kind.limit} characters on one line{slashes}"
    if isinstance(kind, InstantType):
        return "a time"
    if isinstance(kind, TimeType):
        return "a time of day such as `09:30`"
    if isinstance(kind, CurrencyType):
        return "the code of a currency such as `GBP`"
    if isinstance(kind, LanguageType):
        return "a language such as `de` or `de-AT`, or its name"
    return _plain(schema)


def _plain(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _REFERENCES[schema["$ref"].rpartition("/")[2]]
    match schema["type"]:
        case "array":
            return f"a list of at most {schema['maxItems']}: {_plain(schema['items'])}"
        case "integer":
            return f"a whole number from {schema['minimum']:,} to {schema['maximum']:,}"
        case "number":
            least, most = (f"{schema[end]:,}".replace("-", "−") for end in ("minimum", "maximum"))
            return f"a number from {least} to {most} with at most {DECIMALS} decimals"
        case "boolean":
            return "`true` or `false`"
    if schema.get("format") == "date":
        return "a date"
    least = f"{schema['minLength']} to " if schema.get("minLength") else "at most "
    return f"text of {least}{schema['maxLength']:,} characters"
