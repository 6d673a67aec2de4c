"""The filters of messages: their names, how many arguments they take and what they do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from liquid import RenderContext

from automations.messages import date_formats, json_values
from automations.messages.money_texts import TEXT_MESSAGE, language_of, money_text, number_text
from automations.messages.numbers import calculated, number, rounded
from automations.messages.template_values import Items, text


@dataclass(frozen=True)
class MessageFilter:
    """A filter, called as `apply(value, context, *arguments)` with `least` to `most` arguments."""

    apply: Callable[..., object]
    least: int = 0
    most: int = 0


def _of_text(change: Callable[[str], str]) -> MessageFilter:
    return MessageFilter(lambda value, context: change(text(value)))


def _calculation(sign: str) -> MessageFilter:
    return MessageFilter(lambda value, context, other: calculated(value, sign, other), 1, 1)


def _date(value: object, context: RenderContext, pattern: object) -> str:
    if not text(value).strip():
        return ""
    if problem := date_formats.format_problem(text(pattern)):
        raise ValueError(problem)
    when = date_formats.moment(text(value), text(context.globals.get("_zone")) or "UTC")
    if when is None:
        raise ValueError(f"“{text(value)[:40]}” is not a date.")
    return date_formats.formatted(when, text(pattern), language_of(context.globals))


def _money(value: object, context: RenderContext) -> str:
    return money_text(value, context.globals)


def _is_text_message(context: RenderContext) -> bool:
    return bool(context.globals.get(TEXT_MESSAGE))


def _round(value: object, context: RenderContext, digits: object = 0) -> object:
    return rounded(number(value), int(number(digits)))


def _truncate(value: object, context: RenderContext, length: object = 50, end: object = None) -> str:
    whole, most = text(value), int(number(length))
    if end is None:
        end = "..." if _is_text_message(context) else "…"
    return whole if len(whole) <= most else whole[: max(0, most - len(text(end)))] + text(end)


def _default(value: object, context: RenderContext, otherwise: object) -> object:
    return otherwise if value is False or not text(value).strip() else value


def _size(value: object, context: RenderContext) -> int:
    return len(value) if isinstance(value, (str, Items)) else 0


def _item(value: object, index: int) -> object:
    return value[index] if isinstance(value, Items) and value else None


def _only(value: object, context: RenderContext, *names: object) -> object:
    return json_values.only(value, [text(name) for name in names])


FILTERS: Mapping[str, MessageFilter] = {
    "capitalize": _of_text(str.capitalize),
    "date": MessageFilter(_date, 1, 1),
    "default": MessageFilter(_default, 1, 1),
    "downcase": _of_text(str.lower),
    "first": MessageFilter(lambda value, context: _item(value, 0)),
    "last": MessageFilter(lambda value, context: _item(value, -1)),
    "number": MessageFilter(lambda value, context: number_text(value, context.globals)),
    "minus": _calculation("-"),
    "money": MessageFilter(_money),
    "only": MessageFilter(_only, 1, 20),
    "plus": _calculation("+"),
    "round": MessageFilter(_round, 0, 1),
    "size": MessageFilter(_size),
    "strip": _of_text(str.strip),
    "times": _calculation("*"),
    "truncate": MessageFilter(_truncate, 0, 2),
    "upcase": _of_text(str.upper),
}
#: How the body of a request takes a value: alone as JSON, as text or a list, and inside a text.
AS_JSON, AS_TEXT_OR_LIST, INSIDE_TEXT = "_json", "_text_or_list", "_inside"
#: Filters that the program adds to the fields in the body of a request; nobody writes them.
BODY_FILTERS: Mapping[str, MessageFilter] = {
    AS_JSON: MessageFilter(lambda value, context: _dumped(json_values.value_of(value))),
    AS_TEXT_OR_LIST: MessageFilter(lambda value, context: _dumped(json_values.text_or_list_of(value))),
    INSIDE_TEXT: MessageFilter(lambda value, context: _dumped(text(value))[1:-1]),
}


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
