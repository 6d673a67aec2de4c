"""Generated rules and facts, from pools small enough that values meet often."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from automations.engine.rule import Condition, Rule, Trigger
from automations.engine.subjects import CHANGE_FROM, CHANGE_TO, SUBJECTS
from automations.engine.values import Value, parse

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
    "tags": ["vip", "VIP", "trade", "late"],
}
SAMPLES = {
    "number": Decimal(3),
    "money": Decimal("41.50"),
    "date": date(2026, 11, 25),
    "datetime": datetime(2026, 11, 22, 10, tzinfo=UTC) + timedelta(seconds=1),
}
TRIGGERED = [key for key, subject in SUBJECTS.items() if subject.triggers]


@cache
def conditions(subject: str) -> st.SearchStrategy[Condition]:
    """A condition that `check` would accept."""
    return st.one_of(
        st.builds(
            Condition,
            st.just(field.key),
            st.just(operator.key),
            st.sampled_from(POOLS[field.type]) if operator.needs_value else st.none(),
        )
        for field in SUBJECTS[subject].fields.values()
        for operator in SUBJECTS[subject].operators_for(field)
    )


@cache
def rules(subject: str, trigger: str, id: int) -> st.SearchStrategy[Rule]:
    """A rule with a narrowing now and then, and often several conditions on one field."""
    narrowing = st.none() if trigger == "created" else st.none() | st.sampled_from(_KEYS)
    triggers = st.builds(Trigger, st.just(trigger), narrowing, narrowing)
    some = st.lists(conditions(subject), max_size=5).map(tuple)
    return st.builds(Rule, st.just(id), st.just(subject), triggers, some)


@cache
def facts(subject: str) -> st.SearchStrategy[dict[str, Value | None]]:
    """Typed facts, with every value missing now and then."""
    fields = {key: values(field.type) for key, field in SUBJECTS[subject].fields.items()}
    narrowed = dict.fromkeys((CHANGE_FROM, CHANGE_TO), st.none() | st.sampled_from(_KEYS))
    return st.fixed_dictionaries({**fields, **narrowed})


@cache
def values(type: str) -> st.SearchStrategy[Value | None]:
    """A typed value of a field of this type, or none."""
    if type == "tags":
        return st.none() | st.frozensets(st.sampled_from([*POOLS["tags"], "other"]), min_size=1)
    known = [parse(type, raw) for raw in POOLS[type]]
    return st.sampled_from([None, *known, SAMPLES.get(type, "something else")])
