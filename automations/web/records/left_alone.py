"""Tells which controls of a form nobody touched: they change nothing, whatever the record holds.

A control may be unable to hold a value as it is: a browser takes line breaks out of a line, writes those of a
text in its own way, and knows neither an entry that has left its list nor an amount the form would refuse.
"""

from __future__ import annotations

import re

from wtforms import BooleanField, Field, SelectField, TextAreaField

_BREAKS = re.compile(r"\r\n?|\n")


def left_alone(field: Field, shown: Field) -> bool:
    """Whether a control was sent as `shown`, the same control of the record as it is, was drawn."""
    if isinstance(field, SelectField | BooleanField):
        return bool((field.data or "") == (shown.data or ""))
    if not field.raw_data:
        return False
    with_breaks = isinstance(field, TextAreaField)
    return _sent(str(field.raw_data[0]), with_breaks) == _sent(str(shown._value()), with_breaks)


def one_break(text: str) -> str:
    """Return a text with its line breaks as records keep them."""
    return _BREAKS.sub("\n", text)


def _sent(text: str, with_breaks: bool) -> str:
    return one_break(text) if with_breaks else _BREAKS.sub("", text)
