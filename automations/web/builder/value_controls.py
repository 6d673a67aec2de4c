"""The controls for the value that a condition's field is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from automations.engine.fields.currencies import in_full
from automations.engine.fields.subject import Field
from automations.engine.operators.operators import Operator
from automations.models.accounts import account_names
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.web.builder import local_times
from automations.web.builder.controls import Control, boxes, select
from automations.web.builder.value_parsing import is_readable, listed
from automations.web.kit.typed_amounts import typed_amount

#: Up to this many accounts are listed; with more, the name is typed and searched for.
LONGEST_LIST = 50
_YES_NO = {"yes": "Yes", "no": "No"}
_CHOOSE = "Choose…"
_EXAMPLE = Decimal(40)

Pairs = Sequence[tuple[str, str]]


def value_controls(
    name: str, label: str, value: object, field: Field, operator: Operator | None, words: StoreWords
) -> list[Control]:
    """Return the controls the operator needs: none, one, two ends, or checkboxes with a search.

    They show `value` even if it does not fit the field.
    """
    takes = operator.takes if operator else "one"
    values = listed(value)
    if takes == "none":
        return []
    if takes == "many":
        return _many(name, label, values, field, words)
    if operator and takes == "span":
        return _span(name, label, "".join(values[:1]), operator)
    if takes == "two":
        return _two(name, label, value, field, words)
    return [_one(name, label, "".join(values[:1]), field, words)]


def _one(name: str, label: str, value: str, field: Field, words: StoreWords) -> Control:
    offered = _offered(field, words)
    if offered is not None:
        return select(name, label, value, offered, empty=_CHOOSE)
    if field.reference:
        return _search(name, label, value, words)
    return _typed(name, label, value, field, words)


def _many(name: str, label: str, values: list[str], field: Field, words: StoreWords) -> list[Control]:
    offered = _offered(field, words)
    if offered is not None:
        return [boxes(name, label, values, offered)]
    if field.reference:
        named = [(id, words.reference(field.reference, id)) for id in values]
        chosen = [boxes(name, label, values, named)] if values else []
        return [*chosen, _search(name, f"{label}, one more", "", words)]
    return [Control(name, label, "\n".join(values), type="lines", placeholder="one per line")]


def _two(name: str, label: str, value: object, field: Field, words: StoreWords) -> list[Control]:
    ends = [end if isinstance(end, str) else "" for end in value] if isinstance(value, list | tuple) else []
    low, high = (ends or listed(value))[:2] + [""] * (2 - len((ends or listed(value))[:2]))
    first = replace(_one(name, f"{label}, from", low, field, words), placeholder="")
    second = replace(_one(name, f"{label}, to", high, field, words), placeholder="")
    return [first, replace(second, own_id=f"{name}-to", word="and")]


def _span(name: str, label: str, value: str, operator: Operator) -> list[Control]:
    """Return how many and of what; a text that is no span stays in the first."""
    count, _, unit = value.partition(" ")
    unit = f"{unit.removesuffix('s')}s" if unit else "days"
    if unit not in operator.units:
        count, unit = value, "days"
    first = Control(name, label, count, type="decimal", placeholder="7")
    units = [(each, f"{each} {operator.after}".rstrip()) for each in operator.units]
    return [first, select(f"{name.removesuffix('-value')}-unit", f"{label}, unit", unit, units)]


def _offered(field: Field, words: StoreWords) -> Pairs | None:
    """Return the (key, label) pairs the values come from, or None without a list or with one too long."""
    fixed = field.labels or (_YES_NO if field.type == "bool" else {})
    if fixed:
        return [(key, text[:1].upper() + text[1:]) for key, text in fixed.items()]
    if field.choices:
        return words.options(field.choices)
    if field.reference == "store":
        own = str(words.store_id)
        return [(own, words.reference("store", own))]
    if field.reference and account_names.count(db.session(), words.store_id) <= LONGEST_LIST:
        return account_names.search(db.session(), words.store_id)
    return None


def _search(name: str, label: str, value: str, words: StoreWords) -> Control:
    is_account = bool(value) and words.has_reference("account", value)
    text = words.reference("account", value) if is_account else value
    matches = account_names.search(db.session(), words.store_id, "" if is_account else text)
    return Control(
        name.removesuffix("-value") + "-search",
        label,
        text,
        type="search",
        placeholder="Type part of the name",
        suggestions=tuple(name for _, name in matches),
    )


def _typed(name: str, label: str, value: str, field: Field, words: StoreWords) -> Control:
    language = words.formats.language
    if field.type == "money":
        sign = words.formats.money(Decimal(0), words.currency).strip("0. ,\xa0\u202f")
        return Control(
            name,
            label,
            typed_amount(value, language),
            type="decimal",
            prefix=sign,
            placeholder=typed_amount(str(in_full(_EXAMPLE, words.currency)), language),
        )
    if field.type == "number":
        return Control(name, label, typed_amount(value, language), type="decimal", placeholder="3")
    if field.type in ("date", "datetime", "time"):
        return _moment(name, label, value, field, words)
    return Control(name, label, value, type="text", placeholder="a tag" if field.type == "tags" else "")


def _moment(name: str, label: str, value: str, field: Field, words: StoreWords) -> Control:
    """Return a date or time input, or a text input for a value it could not show."""
    if value and not is_readable(field.type, value):
        return Control(name, label, value, type="text")
    if field.type in ("date", "time"):
        return Control(name, label, value, type=field.type)
    local = local_times.local_text(value, words) if value else ""
    if local is None:
        return Control(name, label, local_times.exact_text(value), type="text")
    label = f"{label}, {local_times.clock_words(words)}"
    return Control(name, label, local, type="datetime-local")
