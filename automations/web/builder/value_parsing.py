"""Convert a condition's value between what people type in the form and what the draft stores."""

from __future__ import annotations

from collections.abc import Sequence

from automations.engine.fields.subject import Field
from automations.engine.operators.operators import Operator
from automations.engine.operators.time_spans import parse_span
from automations.engine.operators.value_types import InvalidValue, parse
from automations.models.accounts import account_names
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.web.builder import local_times
from automations.web.kit.form_rows import FormRow
from automations.web.kit.typed_amounts import plain_amount

Stored = str | list[str] | None


def stored_value(field: Field | None, operator: Operator | None, row: FormRow, words: StoreWords) -> Stored:
    """Return the row's value in the shape its operator stores; a value the operator does not use is kept."""
    values = [plain_value(field, typed, words) for typed in row.parts.get("value", [])]
    values += _searched(field, row.get("search"), words)
    takes = operator.takes if operator else "one"
    if takes == "many":
        return _lines(values) or None
    if takes == "two":
        return [*values, "", ""][:2] if any(values) else None
    filled = [value for value in values if value]
    if takes == "span" and filled:
        return f"{filled[0]} {row.get('unit')}".strip().removesuffix(" days")
    return filled if takes == "none" and len(filled) > 1 else next(iter(filled), None)


def refit_value(field: Field, operator: Operator, value: object, words: StoreWords) -> Stored:
    """Return the values that fit another field or operator, in the shape it stores; drop the others."""
    takes_field = operator.takes != "span"
    fitting = [text for text in listed(value) if not takes_field or fits(field, text, words)]
    if operator.takes == "span":
        return next((text for text in fitting if _is_span(text, operator)), None)
    if operator.takes == "many":
        return fitting or None
    if operator.takes == "two":
        return [*fitting, "", ""][:2] if fitting else None
    return next(iter(fitting), None)


def listed(value: object) -> list[str]:
    """Return the non-empty texts of a stored value, single or several."""
    members: Sequence[object] = value if isinstance(value, list | tuple) else [value]
    return [member for member in members if isinstance(member, str) and member]


def plain_value(field: Field | None, typed: str, words: StoreWords) -> str:
    """Return the key for a label, "1200" for "£1,200", UTC for a local time; anything else as typed."""
    value = typed.strip()
    if field is None or not value:
        return value
    if field.choices:
        return words.key_for(field.choices, value) or value
    if field.type == "datetime":
        return local_times.utc_text(value, words)
    if field.type in ("number", "money"):
        currency = words.currency if field.type == "money" else ""
        return plain_amount(value, words.formats.language, currency) or value
    return value


def fits(field: Field, value: str | None, words: StoreWords) -> bool:
    """Whether the field can be compared with the value."""
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


def _is_span(text: str, operator: Operator) -> bool:
    try:
        return parse_span(text).unit in operator.units
    except InvalidValue:
        return False


def _searched(field: Field | None, typed: str, words: StoreWords) -> list[str]:
    """Return the id of the account with the typed name, or the name itself if there is none."""
    name = typed.strip()
    if field is None or field.reference != "account" or not name:
        return [name] if name else []
    return [account_names.find_id(db.session(), words.store_id, name) or name]


def _lines(values: list[str]) -> list[str]:
    """Return each value once; a text area sends several, one per line."""
    return list(
        dict.fromkeys(line.strip() for value in values for line in value.splitlines() if line.strip())
    )
