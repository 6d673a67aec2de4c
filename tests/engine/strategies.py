"""Generated rules and facts, from pools small enough that values meet often."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from automations.engine.rule import Condition, Rule, Trigger
from automations.engine.subjects import CHANGE_FROM, CHANGE_TO, SUBJECTS
from automations.engine.values import parse

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


@st.composite
def conditions(draw: st.DrawFn, subject: str) -> Condition:
    """One condition that `check` would accept."""
    field = draw(st.sampled_from(list(SUBJECTS[subject].fields.values())))
    operator = draw(st.sampled_from(SUBJECTS[subject].operators_for(field)))
    value = draw(st.sampled_from(POOLS[field.type])) if operator.needs_value else None
    return Condition(field.key, operator.key, value)


def rules(subject: str, trigger: str, id: int) -> st.SearchStrategy[Rule]:
    """A rule with a narrowing now and then, and often several conditions on one field."""
    narrowing = st.none() if trigger == "created" else st.none() | st.sampled_from(_KEYS)
    some = st.lists(conditions(subject), max_size=5).map(tuple)
    return st.builds(
        Rule, st.just(id), st.just(subject), st.builds(Trigger, st.just(trigger), narrowing, narrowing), some
    )


@st.composite
def facts(draw: st.DrawFn, subject: str) -> dict[str, object]:
    """Typed facts, with every value missing now and then."""
    found: dict[str, object] = {}
    for key, field in SUBJECTS[subject].fields.items():
        found[key] = draw(st.none() | values(field.type))
    for key in (CHANGE_FROM, CHANGE_TO):
        found[key] = draw(st.none() | st.sampled_from(_KEYS))
    return found


def values(type: str) -> st.SearchStrategy[object]:
    """A typed value of a field of this type."""
    if type == "tags":
        return st.frozensets(st.sampled_from([*POOLS["tags"], "other"]), min_size=1)
    known = [parse(type, raw) for raw in POOLS[type]]
    return st.sampled_from([*known, SAMPLES.get(type, "something else")])
