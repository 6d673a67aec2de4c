"""The values that a message can use, from an occurrence's snapshot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from automations.engine.fields.currencies import in_full
from automations.messages.compared_texts import ChoiceText, DateText
from automations.messages.lazy_values import LazyValues
from automations.messages.message_fields import Own, known
from automations.messages.numbers import number
from automations.messages.template_values import RecordList, YesNoValue
from automations.messages.value_shapes import FieldShape, GroupShape, ListOf, Shape

Label = Callable[[str, str], str]
FormerLabels = Callable[[str, str], Collection[str]]


def _none(list_key: str, key: str) -> Collection[str]:
    return ()


@dataclass(frozen=True)
class _StoreTexts:
    """A store’s names of choices, present and former, its time zone, and the currency of the amounts."""

    label: Label
    former: FormerLabels
    zone: str
    currency: str


def context_from(
    subject_key: str,
    snapshot: Mapping[str, object],
    label: Label,
    timezone: str = "UTC",
    own: Own | None = None,
    former: FormerLabels = _none,
    currency: str = "",
) -> dict[str, object]:
    """Return the top-level names of a message and their values.

    `label(list_key, key)` returns the store's label of a choice, `former` the labels it had before;
    `timezone` is the store's, `own` holds its custom fields, `currency` is that of records without one.
    Numbers are Decimals, money with the decimals of its currency, dates ISO texts; missing values are None.
    """
    groups = known(subject_key, own)
    values = {name: _source(name, subject_key, snapshot) for name in groups}
    texts = _StoreTexts(label, former, timezone, str(snapshot.get("currency") or currency))
    context: dict[str, object] = {name: _shaped(values[name], groups[name], texts) for name in groups}
    context["_zone"] = timezone
    context["_currency"] = currency
    return context


def _source(name: str, subject_key: str, snapshot: Mapping[str, object]) -> object:
    return snapshot if name == subject_key else snapshot.get(name)


def _shaped(value: object, shape: Shape, texts: _StoreTexts) -> object:
    if isinstance(shape, FieldShape):
        # Most fields of most records are empty.
        return None if value is None or value == "" else _value(value, shape, texts)
    if isinstance(shape, GroupShape):
        values = value if isinstance(value, Mapping) else {}
        if shape.optional and not any(values.values()):
            return None
        fields = shape.fields
        return LazyValues(fields, lambda key: _shaped(values.get(key), fields[key], texts))
    if isinstance(shape, ListOf):
        items = value if isinstance(value, (list, tuple, set, frozenset)) else ()
        shaped = [_shaped(item, shape.item, texts) for item in items]
        return RecordList(shaped) if isinstance(shape.item, GroupShape) else shaped
    return None


def _value(value: object, field: FieldShape, texts: _StoreTexts) -> object:
    if not str(value).strip():
        return None
    if field.type == "choice":
        return _choice(str(value), field, texts)
    if field.type == "bool":
        return YesNoValue(value in (True, "yes", "true"))
    if field.type == "number":
        return _number(value)
    if field.type == "money":
        amount = _number(value)
        return None if amount is None else in_full(amount, texts.currency)
    if field.type in ("date", "datetime"):
        return DateText(str(value), texts.zone)
    return str(value)


def _choice(key: str, field: FieldShape, texts: _StoreTexts) -> ChoiceText:
    if field.labels:
        return ChoiceText(field.labels.get(key, key), field.label, key)
    return ChoiceText(texts.label(field.choices, key), field.choices, key, texts.former(field.choices, key))


def _number(value: object) -> Decimal | None:
    try:
        return number(value)
    except ValueError:
        return None
