"""The operators that compare a date with today, as the store's own calendar has it."""

from __future__ import annotations

from automations.engine.operators.distances import Range
from automations.engine.operators.operator_entry import Operator

_DAYS = frozenset({"date", "datetime"})


def _day(key: str, label: str, need: str, range: Range, derives: str = "days") -> Operator:
    """Return an operator without a value: "is today"."""
    return Operator(
        key, label, {"": label}, {"": need}, _DAYS, range.holds, False, "none", derives, range=range
    )


def _span(
    key: str, label: str, phrase: str, need: str, range: Range, after: str = "", derives: str = "days"
) -> Operator:
    """Return an operator that takes a span of time: "is within the next 2 weeks"."""
    return Operator(
        key,
        label,
        {"": phrase},
        {"": need},
        _DAYS,
        range.holds,
        absent=False,
        takes="span",
        derives=derives,
        range=range,
        after=after,
    )


_TODAY, _EXACTLY, _AGO = Range((0, 0), (0, 0)), Range((1, 0), (1, 0)), Range((-1, 0), (-1, 0))
_NEXT, _LAST = Range((0, 0), (1, 0)), Range((-1, 0), (0, 0))

DATE_OPERATORS: tuple[Operator, ...] = (
    _day("is_today", "is today", "to be today", _TODAY),
    _day("is_tomorrow", "is tomorrow", "to be tomorrow", Range((0, 1), (0, 1))),
    _day("is_yesterday", "is yesterday", "to be yesterday", Range((0, -1), (0, -1))),
    _day("before_today", "is before today", "to be before today", Range(None, (0, -1))),
    _day("after_today", "is after today", "to be after today", Range((0, 1), None)),
    _span("in_exactly", "is in exactly", "is in exactly", "to be in exactly", _EXACTLY),
    _span("exactly_ago", "was exactly … ago", "was exactly", "to be exactly", _AGO, "ago"),
    _span("within_next", "within the next", "is within the next", "within the next", _NEXT),
    _span("within_last", "within the last", "is within the last", "within the last", _LAST),
    _day("yearly_today", "comes round today", "to come round today", _TODAY, "yearly"),
    _span(
        "yearly_in_exactly",
        "comes round in exactly",
        "comes round in exactly",
        "to come round in exactly",
        _EXACTLY,
        derives="yearly",
    ),
    _span(
        "yearly_within_next",
        "comes round within the next",
        "comes round within the next",
        "to come round within the next",
        _NEXT,
        derives="yearly",
    ),
)
