"""Validate the operator and the value of one condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automations.engine.fields.problem import Known, either, lower, text
from automations.engine.fields.subject import Field
from automations.engine.operators.operators import OPERATORS, Operator
from automations.engine.operators.time_spans import UNITS, parse_span
from automations.engine.operators.value_types import InvalidValue, counted, parse, shown

#: The most values in one condition.
MAX_VALUES = 100


def check_comparison(known: Known, field: Field, data: Mapping[str, object]) -> tuple[str, str] | None:
    """Return the path inside the condition (".value") and a sentence for the first problem, or None."""
    key = data.get("operator")
    offered = known.subject.operators_for(field)
    labels = either([offer.label for offer in offered])
    if not key:
        return ".operator", f"Choose how to compare {lower(field.label)}: {labels}."
    operator = OPERATORS.get(text(key))
    if operator not in offered:
        label = f"“{operator.label}”" if operator else shown(key)
        return ".operator", f"{field.label} can’t be compared with {label}; choose {labels}."
    wrong = _VALUES[operator.takes](known, field, operator, data.get("value"))
    return (".value", wrong) if wrong else None


def _none(known: Known, field: Field, operator: Operator, value: object) -> str | None:
    return None


def _single_value(known: Known, field: Field, operator: Operator, value: object) -> str | None:
    if value is None or value == "":
        verb = "Choose" if field.choices or field.labels else "Enter"
        return f"{verb} a value for {lower(field.label)}, or remove the condition."
    if not isinstance(value, str):
        return f"{field.label} needs its value as text, such as “40.00”, not {shown(value)}."
    try:
        parse(field.type, value)
    except InvalidValue as problem:
        return f"{'A tag' if field.type == 'tags' else field.label} {problem}."
    return _unknown(known, field, value)


def _value_list(known: Known, field: Field, operator: Operator, value: object) -> str | None:
    if not isinstance(value, list | tuple):
        return f"{field.label} needs a list of values."
    if not value:
        return f"Choose at least one value for {lower(field.label)}, or remove the condition."
    if len(value) > MAX_VALUES:
        return f"{field.label} has {counted(len(value))} values; the limit is {MAX_VALUES}."
    return next(filter(None, (_single_value(known, field, operator, item) for item in value)), None)


def _value_range(known: Known, field: Field, operator: Operator, value: object) -> str | None:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return f"Enter two values for {lower(field.label)}: the lower and the higher one."
    wrong = _single_value(known, field, operator, value[0]) or _single_value(known, field, operator, value[1])
    if wrong or field.type == "time":
        return wrong
    low, high = (parse(field.type, end) for end in value)
    return f"{field.label} is never between these two: swap them." if _above(low, high) else None


def _span(known: Known, field: Field, operator: Operator, value: object) -> str | None:
    unit, quoted = "days", f", not {shown(value)}" if value not in (None, "") else ""
    try:
        span = parse_span(value if isinstance(value, str) else "")
        unit = span.unit
    except InvalidValue:
        span = None
    if unit not in operator.units:
        return f"{field.label} needs its number in {either([*operator.units])}{quoted}."
    most = UNITS[unit][2]
    if span is None or not 1 <= span.count <= most:
        return f"Enter {lower(field.label)} as a whole number of {unit} from 1 to {counted(most)}{quoted}."
    return None


def _unknown(known: Known, field: Field, value: str) -> str | None:
    if (field.choices or field.type == "choice") and value not in known.choices_of(field):
        return f"{field.label} has no choice {shown(value)}; pick one from the list."
    if field.reference and not known.references(field.reference, value):
        return f"There is no {field.reference} {shown(value)}; pick one from the list."
    return None


def _above(low: Any, high: Any) -> bool:
    return bool(low > high)


_VALUES = {"none": _none, "one": _single_value, "many": _value_list, "two": _value_range, "span": _span}
