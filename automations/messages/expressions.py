"""Validate the expressions inside tags: known fields, known filters, plain values."""

from __future__ import annotations

from collections.abc import Iterator

from liquid.builtin.expressions import FilteredExpression, LoopExpression, Path, StringLiteral
from liquid.builtin.expressions.filtered import Filter as FilterCall
from liquid.builtin.expressions.primitive import Blank, Empty, RangeLiteral
from liquid.expression import Expression

from automations.messages import date_formats
from automations.messages.comparisons import comparison_problems
from automations.messages.field_lookup import Scope, UnknownField, find
from automations.messages.message_filters import FILTERS
from automations.messages.similar import did_you_mean
from automations.messages.value_shapes import FieldShape, GroupShape, ListOf, Shape

#: A position in the text, and a sentence about the problem there.
Finding = tuple[int, str]

_NO_RANGES = "Ranges such as (1..5) are not available. Loop over the record's own lists, such as order.lines."
_NO_BLANK = "Comparing with blank or empty is not available. Write {% if order.note %} instead."
_OWN_LISTS = "A loop goes over one of the record's own lists, such as order.lines."


def findings(expression: Expression, scope: Scope) -> Iterator[Finding]:
    """Yield every problem in an expression and its parts."""
    place = expression.token.start_index
    if isinstance(expression, RangeLiteral):
        yield place, _NO_RANGES
        return
    if isinstance(expression, (Empty, Blank)):
        yield place, _NO_BLANK
    elif isinstance(expression, Path):
        yield from _path(expression, scope)
        return
    elif isinstance(expression, FilteredExpression):
        yield from _output(expression, scope)
    yield from ((place, sentence) for sentence in comparison_problems(expression, scope))
    for part in expression.children():
        yield from findings(part, scope)


def loop_item(loop: LoopExpression, scope: Scope) -> Shape | None:
    """Return the shape of an item of a loop; None if it does not iterate over a list of the record."""
    try:
        shape = find(loop.iterable, scope) if isinstance(loop.iterable, Path) else None
    except UnknownField:
        return None
    return shape.item if isinstance(shape, ListOf) else None


def loop_findings(loop: LoopExpression, scope: Scope) -> Iterator[Finding]:
    """Yield every problem in the head of a loop."""
    yield from findings(loop, scope)
    place = loop.iterable.token.start_index
    is_readable = not isinstance(loop.iterable, RangeLiteral) and not list(findings(loop.iterable, scope))
    if is_readable and loop_item(loop, scope) is None:
        yield place, _OWN_LISTS
    if isinstance(loop.offset, StringLiteral):
        yield loop.offset.token.start_index, "An offset is a number."


def _path(path: Path, scope: Scope) -> Iterator[Finding]:
    try:
        shape = find(path, scope)
    except UnknownField as error:
        yield path.token.start_index, str(error)
        return
    if isinstance(shape, GroupShape):
        example = next(iter(shape.fields))
        sentence = f"{path} has several fields. Choose one, such as {path}.{example}."
        yield path.token.start_index, sentence


def _output(expression: FilteredExpression, scope: Scope) -> Iterator[Finding]:
    calls = expression.filters or []
    for call in calls:
        yield from ((call.token.start_index, sentence) for sentence in _filter(call))
    shape = _shape_of(expression.left, scope)
    counted = bool(calls) and calls[0].name == "size"
    if isinstance(shape, ListOf) and isinstance(shape.item, GroupShape) and not counted:
        loop = f"{{% for {shape.each} in {expression.left} %}}"
        yield expression.left.token.start_index, f"{expression.left} is a list. Go through it with {loop}."


def _shape_of(expression: Expression, scope: Scope) -> Shape | None:
    try:
        return find(expression, scope) if isinstance(expression, Path) else FieldShape("")
    except UnknownField:
        return None


def _filter(call: FilterCall) -> Iterator[str]:
    entry = FILTERS.get(call.name)
    if entry is None:
        hint = did_you_mean(call.name, FILTERS) or f" Use one of {', '.join(sorted(FILTERS))}."
        yield f"There is no filter “{call.name[:40]}”.{hint}"
        return
    named = any(hasattr(argument, "name") for argument in call.args)
    if named or not entry.least <= len(call.args) <= entry.most:
        yield f"The filter “{call.name}” takes {_amount(entry.least, entry.most)}."
    elif call.name == "date" and isinstance(call.args[0].value, StringLiteral):
        yield from filter(None, [date_formats.format_problem(call.args[0].value.value)])


def _amount(least: int, most: int) -> str:
    if most == 0:
        return "no value after it"
    if least == most:
        return f"{least} value after a colon" if least == 1 else f"{least} values after a colon"
    return f"{least} to {most} values after a colon"
