"""The values that a message can use, from an occurrence's snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from automations.messages.message_fields import Own, known
from automations.messages.template_values import YesNoValue
from automations.messages.value_shapes import FieldShape, GroupShape, ListOf, Shape

Label = Callable[[str, str], str]


def context_from(
    subject_key: str,
    snapshot: Mapping[str, object],
    label: Label,
    timezone: str = "UTC",
    own: Own | None = None,
) -> dict[str, object]:
    """Return the top-level names of a message and their values.

    `label(list_key, key)` returns the store's label of a choice; `timezone` is the store's, `own` holds the
    store's custom fields. Money and numbers are Decimals, dates ISO texts; missing values are None.
    """
    groups = known(subject_key, own)
    values = {name: _source(name, subject_key, snapshot) for name in groups}
    context: dict[str, object] = {name: _shaped(values[name], groups[name], label) for name in groups}
    context["_zone"] = timezone
    return context


def _source(name: str, subject_key: str, snapshot: Mapping[str, object]) -> object:
    return snapshot if name == subject_key else snapshot.get(name)


def _shaped(value: object, shape: Shape, label: Label) -> object:
    if isinstance(shape, GroupShape):
        values = value if isinstance(value, Mapping) else {}
        return {key: _shaped(values.get(key), inner, label) for key, inner in shape.fields.items()}
    if isinstance(shape, ListOf):
        items = value if isinstance(value, (list, tuple, set, frozenset)) else ()
        return [_shaped(item, shape.item, label) for item in items]
    return _value(value, shape, label) if isinstance(shape, FieldShape) else None


def _value(value: object, field: FieldShape, label: Label) -> object:
    if value is None or value == "":
        return None
    if field.type == "choice":
        return field.labels.get(str(value), str(value)) if field.labels else label(field.choices, str(value))
    if field.type == "bool":
        return YesNoValue(value in (True, "yes", "true"))
    if field.type in ("money", "number"):
        return _number(value)
    return str(value)


def _number(value: object) -> object:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
