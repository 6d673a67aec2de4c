"""A condition's value between the form and the draft: what people type, and what is kept."""

from __future__ import annotations

from collections.abc import Mapping

from automations.engine.subject import Field
from automations.engine.subjects import SUBJECTS
from automations.engine.values import InvalidValue, parse
from automations.models import accounts
from automations.models.base import db
from automations.models.choices import StoreWords
from automations.web import builder_times
from automations.web.fields import plain_amount


def plain_value(field: Field | None, entry: Mapping[str, str], words: StoreWords) -> str:
    """The value to keep: a key for a label, an id for a name, "1200" for "£1,200"; else as it was typed."""
    if field and field.reference == "account" and "search" in entry:
        typed = entry["search"].strip()
        return accounts.id_of(db.session(), words.store_id, typed) or typed
    value = entry.get("value", "").strip()
    if field is None or not value:
        return value
    if field.choices:
        return words.key_for(field.choices, value) or value
    if field.type == "datetime":
        return builder_times.utc_text(value, words)
    if field.type in ("number", "money"):
        return plain_amount(value) or value
    return value


def field_of(subject: str, key: str) -> Field | None:
    """The field of this key, else that of another subject: a condition left over is still readable."""
    own = SUBJECTS[subject].fields.get(key) if subject in SUBJECTS else None
    return own or next((one.fields[key] for one in SUBJECTS.values() if key in one.fields), None)


def fits(field: Field, value: str | None, words: StoreWords) -> bool:
    """Whether the value is one the field can be compared with."""
    if not value:
        return False
    if field.choices:
        return value in words.choices(field.choices)
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
