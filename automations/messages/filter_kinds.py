"""What the filters take and give: a chain that would fail for some record is refused on saving."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from liquid.builtin.expressions import FilteredExpression, StringLiteral
from liquid.builtin.expressions.filtered import Filter as FilterCall
from liquid.expression import Expression

from automations.messages import date_formats
from automations.messages.field_lookup import Scope
from automations.messages.numbers import number
from automations.messages.similar import did_you_mean
from automations.messages.template_kinds import (
    DATE,
    LIST,
    NUMBER,
    TEXT,
    UNKNOWN,
    kind_of,
    kind_of_shape,
    shape_of,
)
from automations.messages.value_shapes import FieldShape, GroupShape, ListOf, Shape

#: A position in the text, and a sentence about the problem there.
Finding = tuple[int, str]
#: What a value may be: more than one kind after `default`.
_Kinds = frozenset[str]

_TAKES: Mapping[str, str] = {
    "date": DATE,
    **dict.fromkeys(("minus", "money", "number", "plus", "round", "times"), NUMBER),
    **dict.fromkeys(("first", "last", "only"), LIST),
}
_NUMBERS_AFTER: Mapping[str, int] = {"minus": 1, "plus": 1, "times": 1, "round": 1, "truncate": 1}
_GIVES: Mapping[str, str] = {
    **dict.fromkeys(
        ("capitalize", "date", "downcase", "money", "number", "strip", "truncate", "upcase"), TEXT
    ),
    **dict.fromkeys(("minus", "plus", "round", "size", "times"), NUMBER),
    "only": LIST,
}
_ADVICE: Mapping[str, str] = {
    DATE: "Put “date” straight after a date, and “default” after that.",
    NUMBER: "Put it straight after a number.",
    LIST: "Put it straight after a list, such as order.tags.",
}


def filter_kind_problems(expression: FilteredExpression, scope: Scope) -> Iterator[Finding]:
    """Yield a sentence for each filter that gets a value it cannot take."""
    shape = shape_of(expression.left, scope)
    kinds = _literal_or_field(expression.left, scope)
    yield from _utc_problems(expression, shape)
    item = kind_of_shape(shape.item) if isinstance(shape, ListOf) else UNKNOWN
    for call in expression.filters or []:
        place, needed = call.token.start_index, _TAKES.get(call.name)
        wrong = sorted(kinds - {needed, UNKNOWN}) if needed else []
        if needed and wrong:
            yield place, f"The filter “{call.name}” takes {needed}, not {wrong[0]}. {_ADVICE[needed]}"
            return
        yield from ((place, sentence) for sentence in _argument_problems(call, scope))
        if call.name == "only":
            yield from ((place, sentence) for sentence in _only_problems(call, shape))
        kinds = _given(call, kinds, item, scope)


def _utc_problems(expression: FilteredExpression, shape: Shape | None) -> Iterator[Finding]:
    """Yield a sentence if a moment is cut to its day: its text is that of another time zone."""
    call = next(iter(expression.filters or ()), None)
    if call and call.name == "truncate" and isinstance(shape, FieldShape) and shape.type == "datetime":
        sentence = (
            f'{expression.left} is cut in UTC, not in the store’s time. Write it with date: "%Y-%m-%d".'
        )
        yield call.token.start_index, sentence


def _argument_problems(call: FilterCall, scope: Scope) -> Iterator[str]:
    for argument in call.args[: _NUMBERS_AFTER.get(call.name, 0)]:
        wrong = sorted(_literal_or_field(argument.value, scope) - {NUMBER, UNKNOWN})
        if wrong:
            yield f"After “{call.name}:”, write a number, not {wrong[0]}."
    if call.name == "date" and call.args and not isinstance(call.args[0].value, StringLiteral):
        yield 'After “date:”, write the format, such as "%-d %B %Y".'


def _only_problems(call: FilterCall, shape: Shape | None) -> Iterator[str]:
    """Yield a sentence for each name after `only` that is no field of the list's items."""
    names = shape.item.fields if isinstance(shape, ListOf) and isinstance(shape.item, GroupShape) else ()
    for argument in call.args if shape else ():
        name = argument.value.value if isinstance(argument.value, StringLiteral) else str(argument.value)
        if name not in names:
            yield f"After “only:”, write names of fields in quotation marks.{did_you_mean(name, names)}"


def _given(call: FilterCall, kinds: _Kinds, item: str, scope: Scope) -> _Kinds:
    """Return what the filter gives for a value of these kinds; `item` is that of the list's items."""
    if call.name == "default" and call.args:
        return kinds | _literal_or_field(call.args[0].value, scope)
    if call.name in ("first", "last"):
        return frozenset({item})
    return frozenset({_GIVES.get(call.name, UNKNOWN)})


def _literal_or_field(expression: Expression, scope: Scope) -> _Kinds:
    """Return the kind of a value; a text in quotation marks may also read as a number or a date."""
    if isinstance(expression, StringLiteral):
        return frozenset({_kind_of_text(expression.value)})
    return frozenset({kind_of(expression, scope)})


def _kind_of_text(text: str) -> str:
    try:
        number(text)
        return NUMBER if text else UNKNOWN
    except ValueError:
        return DATE if date_formats.moment(text, "UTC") else TEXT
