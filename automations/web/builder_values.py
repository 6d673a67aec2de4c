"""A condition's value between the form and the draft: what people type, and what is kept."""

from __future__ import annotations

from collections.abc import Sequence

from automations.engine.operators import Operator
from automations.engine.subject import Field
from automations.engine.values import InvalidValue, parse
from automations.models import accounts
from automations.models.base import db
from automations.models.choices import StoreWords
from automations.web import builder_times
from automations.web.builder_tree import Row
from automations.web.fields import plain_amount

Stored = str | list[str] | None


def stored_value(field: Field | None, operator: Operator | None, row: Row, words: StoreWords) -> Stored:
    """What a row holds in the form in which its operator keeps it; what no operator asks for stays too."""
    values = [plain_value(field, one, words) for one in row.parts.get("value", [])]
    values += _searched(field, row.get("search"), words)
    takes = operator.takes if operator else "one"
    if takes == "many":
        return _lines(values) or None
    if takes == "two":
        return [*values, "", ""][:2] if any(values) else None
    given = [one for one in values if one]
    return given if takes == "none" and len(given) > 1 else next(iter(given), None)


def refitted_value(field: Field, operator: Operator, value: object, words: StoreWords) -> Stored:
    """The values that fit another field or operator, in its form; the others are forgotten."""
    takes_field = operator.takes != "days"
    fitting = [one for one in listed(value) if not takes_field or fits(field, one, words)]
    if operator.takes == "days":
        return next((one for one in fitting if one.isdigit()), None)
    if operator.takes == "many":
        return fitting or None
    if operator.takes == "two":
        return [*fitting, "", ""][:2] if fitting else None
    return next(iter(fitting), None)


def listed(value: object) -> list[str]:
    """The texts of a stored value, whatever form it has."""
    several: Sequence[object] = value if isinstance(value, list | tuple) else [value]
    return [one for one in several if isinstance(one, str) and one]


def plain_value(field: Field | None, typed: str, words: StoreWords) -> str:
    """A key for a label, "1200" for "£1,200"; else as it was typed."""
    value = typed.strip()
    if field is None or not value:
        return value
    if field.choices:
        return words.key_for(field.choices, value) or value
    if field.type == "datetime":
        return builder_times.utc_text(value, words)
    if field.type in ("number", "money"):
        return plain_amount(value) or value
    return value


def fits(field: Field, value: str | None, words: StoreWords) -> bool:
    """Whether the value is one the field can be compared with."""
    if not value:
        return False
    if field.choices:
        return value in words.choices(field.choices)
    if field.type == "choice":
        return value in field.labels
    if field.reference:
        return words.has_reference(field.reference, value)
    return is_readable(field.type, value)


def is_readable(type: str, value: str) -> bool:
    """Whether the text can be read as a value of the type."""
    try:
        parse(type, value)
    except InvalidValue:
        return False
    return True


def _searched(field: Field | None, typed: str, words: StoreWords) -> list[str]:
    """The id of an account by its name."""
    name = typed.strip()
    if field is None or field.reference != "account" or not name:
        return [name] if name else []
    return [accounts.id_of(db.session(), words.store_id, name) or name]


def _lines(values: list[str]) -> list[str]:
    """Each once; a text area brings several, one per line."""
    return list(
        dict.fromkeys(line.strip() for value in values for line in value.splitlines() if line.strip())
    )
