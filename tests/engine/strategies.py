"""Generated rules and facts, from pools small enough that values often coincide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import CHANGE_FIELDS, CHANGE_FROM, CHANGE_TO, SUBJECTS
from automations.engine.operators.distances import MEASURES
from automations.engine.operators.operators import Operator, fact_key
from automations.engine.operators.value_types import ForeignAmount, Lines, Value, parse
from automations.engine.rules.rule import Condition, Group, LineGroup, Node, Rule, Trigger

_NUMBERS = ["-1", "0", "0.00", "1", "9.99", "10", "10.00", "10.01", "40", "100", "1e3"]
_DATES = ["0001-01-01", "2026-11-22", "2026-11-23", "2026-11-24", "2027-01-01", "9999-12-31"]
_KEYS = ["a", "b", "c", "paid", "Paid"]
POOLS: dict[str, list[str]] = {
    "choice": _KEYS,
    "reference": _KEYS,
    "text": ["rose", "Rose", "red rose", "tulip"],
    "number": _NUMBERS,
    "money": _NUMBERS,
    "date": _DATES,
    "datetime": [f"{day}T10:00:00Z" for day in _DATES] + ["2026-11-22T12:00+02:00", "2026-11-23"],
    "time": ["00:00", "06:00", "09:30", "17:00", "23:59"],
    "bool": ["yes", "no"],
    "tags": ["vip", "VIP", "trade", "late"],
}
SAMPLES = {
    "number": Decimal(3),
    "money": Decimal("41.50"),
    "date": date(2026, 11, 25),
    "datetime": datetime(2026, 11, 22, 10, tzinfo=UTC) + timedelta(seconds=1),
    "time": time(9, 31),
    "bool": "yes",
}
_DAYS = [Decimal(day) for day in (-30, -14, -7, -2, -1, 0, 1, 2, 3, 7, 14, 30)]
#: By measure: distances of a date from today.
DISTANCES = {
    "days": [None, *_DAYS],
    "months": [None, *(Decimal(half) / 2 for half in (-25, -24, -6, -2, -1, 0, 1, 2, 3, 6, 24, 25))],
    "yearly": [None, *(day for day in _DAYS if day >= 0)],
}
SPANS = ["1", "3", "1 weeks", "2 weeks", "1 months", "3 months", "1 years"]
TRIGGERED = [key for key, subject in SUBJECTS.items() if subject.triggers]
#: So few fields that the conditions of a rule and of its groups often share one.
CROWDED = {
    "order": ["status", "total", "tags", "delivery_date", "item_count", "note", "now.time"],
    "event": [
        "status",
        "total",
        "tags",
        "event_date",
        "guests",
        "customer.tags",
        "customer.marketing_consent",
    ],
    "customer": ["first_name", "tags", "order_count", "last_order_date", "marketing_consent", "created_at"],
}


def example(operator: Operator, type: str) -> str | tuple[str, ...] | None:
    """Return a valid value for the operator on a field of this type."""
    first, last = POOLS[type][0], POOLS[type][-1]
    by_kind = {"none": None, "one": first, "many": (first, last), "two": (first, first), "span": "7"}
    return by_kind[operator.takes]


def condition(field: Field, operator: Operator) -> st.SearchStrategy[Condition]:
    """A condition with this field and operator that `check` would accept."""
    one = st.sampled_from(POOLS[field.type])
    by_kind = {
        "none": st.none(),
        "one": one,
        "many": st.lists(one, min_size=1, max_size=3).map(tuple),
        "two": st.tuples(one, one).map(lambda ends: _ordered(field.type, ends)),
        "span": st.sampled_from([text for text in SPANS if text.endswith(("1", "3", *operator.units))]),
    }
    return st.builds(Condition, st.just(field.key), st.just(operator.key), by_kind[operator.takes])


def _ordered(type: str, ends: tuple[str, str]) -> tuple[str, ...]:
    # Only a range of times can wrap around midnight.
    return ends if type == "time" else tuple(sorted(ends, key=lambda end: parse(type, end)))


def _of(subject: str, fields: Iterable[Field]) -> st.SearchStrategy[Condition]:
    return st.one_of(
        condition(field, operator) for field in fields for operator in SUBJECTS[subject].operators_for(field)
    )


@cache
def conditions(subject: str) -> st.SearchStrategy[Condition]:
    """A condition that `check` would accept."""
    fields = SUBJECTS[subject].fields
    return _of(subject, fields.values()) | _of(subject, [fields[key] for key in CROWDED[subject]])


@cache
def nodes(subject: str) -> st.SearchStrategy[Node]:
    """A condition, or groups of conditions up to the deepest nesting."""
    crowded = _of(subject, [SUBJECTS[subject].fields[key] for key in CROWDED[subject]])
    leaf = crowded | line_groups(subject) if SUBJECTS[subject].line_fields else crowded
    inner = st.builds(Group, _MATCHES, st.lists(leaf, min_size=1, max_size=3).map(tuple))
    outer = st.builds(Group, _MATCHES, st.lists(leaf | inner, min_size=1, max_size=3).map(tuple))
    return conditions(subject) | leaf | inner | outer


@cache
def line_groups(subject: str) -> st.SearchStrategy[LineGroup]:
    """Conditions on one line."""
    some = st.lists(_of(subject, SUBJECTS[subject].line_fields.values()), min_size=1, max_size=3)
    return st.builds(LineGroup, _MATCHES, some.map(tuple))


_MATCHES = st.sampled_from(["any", "all", "none"])


@cache
def triggers(subject: str, key: str) -> st.SearchStrategy[Trigger]:
    """A trigger, sometimes with a narrowing."""
    kind = SUBJECTS[subject].triggers[key]
    value = st.none() | st.sampled_from(_KEYS)
    has_status = "status" in SUBJECTS[subject].fields
    side = value if kind.choices or kind.segment or (kind.needs_field and has_status) else st.none()
    named = st.sampled_from([None, "status" if has_status else "note"]) if kind.needs_field else st.none()
    narrows = st.just(kind.narrows)
    return st.builds(Trigger, st.just(key), side, side, named, st.none(), narrows)


@cache
def rules(subject: str, trigger: str, id: int) -> st.SearchStrategy[Rule]:
    """A rule, often with several conditions on one field and with groups."""
    some = st.lists(conditions(subject), max_size=5) | st.lists(nodes(subject), max_size=4)
    return st.builds(Rule, st.just(id), st.just(subject), triggers(subject, trigger), some.map(tuple))


@cache
def facts(subject: str) -> st.SearchStrategy[dict[str, Value | None]]:
    """Typed facts and everything derived from them; any value is sometimes missing."""
    entry = SUBJECTS[subject]
    found = {key: values(field.type) for key, field in entry.fields.items()}
    for key, field in entry.fields.items():
        if field.type in ("date", "datetime"):
            found |= {fact_key(key, each): st.sampled_from(DISTANCES[each]) for each in MEASURES}
        if field.type == "choice":
            found |= {fact_key(key, side): values("choice") for side in ("from", "to")}
    narrowed = dict.fromkeys((CHANGE_FROM, CHANGE_TO), st.none() | st.sampled_from(_KEYS))
    touched = st.none() | st.frozensets(st.sampled_from(["status", "note", "total"]), min_size=1)
    plain = st.fixed_dictionaries({**found, **narrowed, CHANGE_FIELDS: touched})
    return st.builds(lambda known, lines: known | lines, plain, lines(subject))


def foreign(subject: str, known: Mapping[str, Value | None]) -> dict[str, Value | None]:
    """The facts of the same record, its own amounts in another currency than the store's."""

    def in_dollars(value: Any) -> Any:
        if isinstance(value, Lines):
            return Lines(map(in_dollars, value))
        return ForeignAmount(value, "USD", "GBP") if isinstance(value, Decimal) else value

    entry = SUBJECTS[subject]
    fields = {**entry.fields, **entry.line_fields}
    own = {key for key, field in fields.items() if field.is_amount_of_record}
    return {key: in_dollars(value) if key in own else value for key, value in known.items()}


@cache
def lines(subject: str) -> st.SearchStrategy[dict[str, Value | None]]:
    """The facts of the lines of one record, each with the fact that an index files."""
    fields = SUBJECTS[subject].line_fields
    row = st.fixed_dictionaries({key: values(field.type) for key, field in fields.items()})

    def columns(rows: list[dict[str, Value | None]]) -> dict[str, Value | None]:
        found: dict[str, Value | None] = {}
        for key in fields:
            found[key] = Lines(one[key] for one in rows)
            found[f"{key}@any"] = frozenset(str(one[key]) for one in rows if one[key] is not None) or None
        return found

    return st.lists(row, max_size=3).map(columns)


@cache
def values(type: str) -> st.SearchStrategy[Value | None]:
    """A typed value of a field of this type, or none."""
    if type == "tags":
        return st.none() | st.frozensets(st.sampled_from([*POOLS["tags"], "other"]), min_size=1)
    known = [parse(type, raw) for raw in POOLS[type]]
    return st.sampled_from([None, *known, SAMPLES.get(type, "something else")])
