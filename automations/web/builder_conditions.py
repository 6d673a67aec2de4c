"""A condition as a row of controls: the field, its operators, and a control that fits its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from automations.engine.formats import money_words
from automations.engine.operators import OPERATORS
from automations.engine.subject import Field, Subject
from automations.engine.subjects import SUBJECTS
from automations.models import accounts
from automations.models.base import db
from automations.models.choices import StoreWords
from automations.web import builder_times
from automations.web.builder_controls import Control, select
from automations.web.builder_values import field_of, is_readable

#: With more accounts than this a name is typed and searched for.
LONGEST_LIST = 50


@dataclass(frozen=True)
class Row:
    """One condition. `operator` and `value` are missing as long as there is nothing to offer."""

    place: int
    field: Control
    operator: Control | None
    value: Control | None
    #: A value that this operator does not use is kept for the next one.
    kept: str
    error: str
    help: str


def row(
    place: int, data: Mapping[str, Any], subject: Subject | None, words: StoreWords, errors: Mapping[str, str]
) -> Row:
    """The row of the condition at `place`; `errors` by path, "conditions.2.value"."""
    fields = subject.fields if subject else {}
    known = fields.get(data["field"] or "")
    like = known or field_of("", data["field"] or "")
    pairs = [(field.key, field.label) for field in fields.values()]
    error = errors.get(f"conditions.{place}.field", "")
    field = select(
        f"conditions-{place}-field",
        f"Condition {place + 1} field",
        data["field"],
        pairs,
        empty="Choose a field…",
        strange=_strange(like, subject),
        error=error,
        redraws=True,
    )
    operator = OPERATORS.get(data["operator"] or "")
    asks = like is not None and (operator is None or operator.needs_value)
    return Row(
        place=place,
        field=field,
        operator=_operator(place, data, subject, known, like, errors) if like else None,
        value=value_control(place, data["value"], like, words, errors) if like and asks else None,
        kept="" if like and asks else _kept(like, data["value"] or ""),
        error=errors.get(f"conditions.{place}", ""),
        help=_help(like, words),
    )


def _help(field: Field | None, words: StoreWords) -> str:
    if field and field.type == "datetime":
        return f"By the clock of the store, {builder_times.clock_words(words)}."
    return field.help if field else ""


def _kept(like: Field | None, value: str) -> str:
    # It comes back as if it had been typed, and without a zone it would be read as local time.
    return builder_times.exact_text(value) if like and like.type == "datetime" else value


def _strange(like: Field | None, subject: Subject | None) -> str:
    return f"{like.label} (not a field of {subject.label})" if like and subject else ""


def _operator(
    place: int,
    data: Mapping[str, Any],
    subject: Subject | None,
    known: Field | None,
    like: Field,
    errors: Mapping[str, str],
) -> Control:
    owner = subject if known and subject else next(s for s in SUBJECTS.values() if like.key in s.fields)
    chosen = OPERATORS.get(data["operator"] or "")
    return select(
        f"conditions-{place}-operator",
        f"Condition {place + 1} operator",
        data["operator"],
        [(one.key, one.label) for one in owner.operators_for(like)],
        empty="" if data["operator"] else "Choose…",
        strange=f"{chosen.label} (does not fit)" if chosen else "",
        error=errors.get(f"conditions.{place}.operator", ""),
        redraws=True,
    )


def value_control(
    place: int, value: str | None, field: Field, words: StoreWords, errors: Mapping[str, str]
) -> Control:
    """The control that fits the field's type, holding `value` whether it fits or not."""
    name, label = f"conditions-{place}-value", f"Condition {place + 1} value"
    made = _listed(name, label, value, field, words) or _typed(name, label, value or "", field, words)
    return replace(made, error=errors.get(f"conditions.{place}.value", ""))


def _listed(name: str, label: str, value: str | None, field: Field, words: StoreWords) -> Control | None:
    """A select for the types whose values are one of a list."""
    if field.choices:
        return select(name, label, value, words.options(field.choices), empty="Choose…")
    if field.reference == "store":
        own = str(words.store_id)
        return select(name, label, value, [(own, words.reference("store", own))], empty="Choose…")
    if field.reference == "account":
        many = accounts.count(db.session(), words.store_id) > LONGEST_LIST
        make = _account_search if many else _account_list
        return make(name, label, value, words)
    return None


def _account_list(name: str, label: str, value: str | None, words: StoreWords) -> Control:
    return select(name, label, value, accounts.named(db.session(), words.store_id), empty="Choose…")


def _account_search(name: str, label: str, value: str | None, words: StoreWords) -> Control:
    known = bool(value) and words.has_reference("account", value or "")
    text = words.reference("account", value or "") if known else value or ""
    found = accounts.named(db.session(), words.store_id, "" if known else text)
    return Control(
        name.replace("-value", "-search"),
        label,
        text,
        type="search",
        placeholder="Type a part of the name",
        suggestions=tuple(name for _, name in found),
    )


def _typed(name: str, label: str, value: str, field: Field, words: StoreWords) -> Control:
    if field.type == "money":
        sign = money_words(Decimal(0), words.currency).strip("0. ,\xa0")
        return Control(name, label, value, type="decimal", prefix=sign, placeholder="40.00")
    if field.type == "number":
        return Control(name, label, value, type="decimal", placeholder="3")
    if field.type in ("date", "datetime"):
        return _moment(name, label, value, field, words)
    return Control(name, label, value, type="text", placeholder="a tag" if field.type == "tags" else "")


def _moment(name: str, label: str, value: str, field: Field, words: StoreWords) -> Control:
    """A date input shows nothing for what it cannot read, so that is kept in a plain one."""
    if value and not is_readable(field.type, value):
        return Control(name, label, value, type="text")
    if field.type == "date":
        return Control(name, label, value, type="date")
    local = builder_times.local_text(value, words) if value else ""
    if local is None:
        return Control(name, label, builder_times.exact_text(value), type="text")
    label = f"{label}, {builder_times.clock_words(words)}"
    return Control(name, label, local, type="datetime-local")
