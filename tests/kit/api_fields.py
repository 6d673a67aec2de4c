"""What the API takes, as rows of docs/api-fields.md: made from the types that read the requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from automations.pipeline.intake.composite_types import LINE, PERSON
from automations.pipeline.intake.custom_values import Custom
from automations.pipeline.intake.field_types import ChoiceType, FieldType, InstantType, MoneyType, Name
from automations.pipeline.intake.record_schema import FIELDS

#: Heading on the page -> its fields.
SECTIONS: Mapping[str, Mapping[str, FieldType]] = {
    "Orders": FIELDS["order"],
    "Lines of an order": LINE,
    "Events": FIELDS["event"],
    "Customers": FIELDS["customer"],
    "The customer inside an order or event": PERSON,
}
_REFERENCES = {"Person": "the customer, see below", "Line": "lines, see below"}


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
        without = f", without “{kind.without}”" if kind.without else ""
        return f"1 to {kind.limit} characters on one line{without}"
    if isinstance(kind, InstantType):
        return "a time"
    return _plain(schema)


def _plain(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _REFERENCES[schema["$ref"].rpartition("/")[2]]
    match schema["type"]:
        case "array":
            return f"a list of at most {schema['maxItems']}: {_plain(schema['items'])}"
        case "integer":
            return f"a whole number from {schema['minimum']:,} to {schema['maximum']:,}"
        case "boolean":
            return "`true` or `false`"
    if schema.get("format") == "date":
        return "a date"
    least = f"{schema['minLength']} to " if schema.get("minLength") else "at most "
    return f"text of {least}{schema['maxLength']:,} characters"
