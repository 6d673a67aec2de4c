"""The kind of value that an expression of a template gives, as far as it is known before rendering."""

from __future__ import annotations

from collections.abc import Mapping

from liquid.builtin.expressions import Path, StringLiteral
from liquid.builtin.expressions.primitive import (
    FalseLiteral,
    FloatLiteral,
    IntegerLiteral,
    TrueLiteral,
)
from liquid.expression import Expression

from automations.messages.field_lookup import Scope, UnknownField, find
from automations.messages.value_shapes import FieldShape, ListOf, Shape

#: The kinds, as a sentence names them; UNKNOWN may be any of them.
UNKNOWN = ""
NUMBER, TEXT, DATE, CHOICE, LIST, ASKED = (
    "a number",
    "a text",
    "a date",
    "one of a list",
    "a list",
    "yes or no",
)
_BY_TYPE: Mapping[str, str] = {
    "number": NUMBER,
    "money": NUMBER,
    "date": DATE,
    "datetime": DATE,
    "choice": CHOICE,
    "bool": ASKED,
    "": UNKNOWN,
}


def kind_of(expression: Expression, scope: Scope) -> str:
    """Return the kind of value of a literal or a field; UNKNOWN for anything else."""
    if isinstance(expression, (IntegerLiteral, FloatLiteral)):
        return NUMBER
    if isinstance(expression, (TrueLiteral, FalseLiteral)):
        return ASKED
    if isinstance(expression, StringLiteral):
        return TEXT
    shape = shape_of(expression, scope)
    return UNKNOWN if shape is None else kind_of_shape(shape)


def kind_of_shape(shape: Shape) -> str:
    """Return the kind of value that has this shape."""
    if isinstance(shape, ListOf):
        return LIST
    return _BY_TYPE.get(shape.type, TEXT) if isinstance(shape, FieldShape) else UNKNOWN


def shape_of(expression: Expression, scope: Scope) -> Shape | None:
    """Return the shape of the field that an expression names; None if it names none."""
    try:
        return find(expression, scope) if isinstance(expression, Path) else None
    except UnknownField:
        return None
