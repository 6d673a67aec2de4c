"""The values that a message can use, from an occurrence's snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from automations.engine.fields.currencies import in_full
from automations.messages.message_fields import Own, known
from automations.messages.numbers import number
from automations.messages.template_values import YesNoValue
from automations.messages.value_shapes import FieldShape, GroupShape, ListOf, Shape

Label = Callable[[str, str], str]


@dataclass(frozen=True)
class _StoreTexts:
    """What a store calls its choices, and the currency of the record's amounts."""

    label: Label
    currency: str


def context_from(
    subject_key: str,
    snapshot: Mapping[str, object],
    label: Label,
    timezone: str = "UTC",
    own: Own | None = None,
    currency: str = "",
) -> dict[str, object]:
    """Return the top-level names of a message and their values.

    `label(list_key, key)` returns the store's label of a choice; `timezone` is the store's, `own` holds the
    store's custom fields; `currency` is the store's, for records that have none. Money and numbers are
    Decimals, money with the decimals of its currency, dates ISO texts; missing values are None.
    """
    groups = known(subject_key, own)
    values = {name: _source(name, subject_key, snapshot) for name in groups}
    texts = _StoreTexts(label, str(snapshot.get("currency") or currency))
    context: dict[str, object] = {name: _shaped(values[name], groups[name], texts) for name in groups}
    context["_zone"] = timezone
    context["_currency"] = currency
    return context


def _source(name: str, subject_key: str, snapshot: Mapping[str, object]) -> object:
    return snapshot if name == subject_key else snapshot.get(name)


def _shaped(value: object, shape: Shape, texts: _StoreTexts) -> object:
    if isinstance(shape, GroupShape):
        values = value if isinstance(value, Mapping) else {}
        return {key: _shaped(values.get(key), inner, texts) for key, inner in shape.fields.items()}
    if isinstance(shape, ListOf):
        items = value if isinstance(value, (list, tuple, set, frozenset)) else ()
        return [_shaped(item, shape.item, texts) for item in items]
    return _value(value, shape, texts) if isinstance(shape, FieldShape) else None


def _value(value: object, field: FieldShape, texts: _StoreTexts) -> object:
    if value is None or not str(value).strip():
        return None
    if field.type == "choice":
        key = str(value)
        return field.labels.get(key, key) if field.labels else texts.label(field.choices, key)
    if field.type == "bool":
        return YesNoValue(value in (True, "yes", "true"))
    if field.type == "number":
        return _number(value)
    if field.type == "money":
        amount = _number(value)
        return None if amount is None else in_full(amount, texts.currency)
    return str(value)


def _number(value: object) -> Decimal | None:
    try:
        return number(value)
    except ValueError:
        return None
