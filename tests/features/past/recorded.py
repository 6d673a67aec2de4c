"""Generated occurrences as the log holds them: plain values, missing ones, and some that nobody can read."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from hypothesis import strategies as st

from automations.engine.explain.explanation import Explanation
from automations.engine.fields.subject import NOW as MOMENT
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import STORE_CURRENCY
from automations.engine.rules.rule import Rule
from automations.features.history.listeners import OccurrenceToExplain
from automations.models.db.base import db, write
from automations.models.tables.custom_field import CustomField, fields_of
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from automations.pipeline.records.evaluation_context import listening_triggers, occurrence_triggers
from tests.engine.strategies import POOLS, condition, rules
from tests.world import NOW

#: (subject, key, type) of the store's own fields.
OWN = (("order", "size", "number"), ("order", "card", "text"), ("event", "visit", "date"))
_NOTHING = st.sampled_from([None, None, "", []])
_UNREADABLE = st.sampled_from(["?", 7, True, 1.5, ["vip"], {"id": "1"}])
#: What a snapshot says of its currency and of the store's, as stores that changed theirs have it.
_CURRENCIES: list[dict[str, str]] = [
    {},
    {"currency": "GBP"},
    {"currency": "USD", STORE_CURRENCY: "GBP"},
    {"currency": "EUR", STORE_CURRENCY: "GBP"},
    {"currency": "EUR"},
    {"currency": "GBP", STORE_CURRENCY: "EUR"},
]
_ROW = ("from_value", "to_value", "changed", "moment", "snapshot", "trigger", "record_id", "at")


def add_own_fields(store: Store) -> None:
    """Give the store fields of its own; the last one was removed since."""
    with write() as session:
        for place, (subject, key, type) in enumerate(OWN):
            removed_at = NOW if place == len(OWN) - 1 else None
            values = {"subject": subject, "key": key, "type": type, "label": key, "removed_at": removed_at}
            session.add(CustomField(store_id=store.id, position=place, labels={}, **values))


@cache
def rules_of(subject: str, trigger: str) -> st.SearchStrategy[Rule]:
    """A rule about the fields of every store, or about the store's own."""
    own = list(own_fields(subject).values())
    plain = rules(subject, trigger, 0)
    if not own:
        return plain
    conditions = st.one_of(
        condition(field, operator) for field in own for operator in SUBJECTS[subject].operators_for(field)
    )
    return plain | st.builds(
        lambda rule, one: Rule(0, subject, rule.trigger, (*rule.conditions, one)), plain, conditions
    )


def own_fields(subject: str) -> dict[str, Field]:
    rows = [CustomField(subject=whose, key=key, type=type, label=key) for whose, key, type in OWN]
    return {row.field.key: row.field for row in rows if row.subject == subject}


@cache
def rows(subject: str, trigger: str) -> st.SearchStrategy[dict[str, Any]]:
    """The columns of an occurrence to which rules with this trigger may listen."""
    keys = st.none() | st.sampled_from(POOLS["choice"])
    return st.fixed_dictionaries(
        {
            "subject": st.just(subject),
            "trigger": st.sampled_from(occurrence_triggers(trigger)),
            "record_id": st.integers(1, 4),
            "from_value": keys,
            "to_value": keys,
            "changed": st.none() | st.lists(st.sampled_from(["status", "payment_status", "total", "note"])),
            "snapshot": _snapshots(subject),
            "moment": st.none() | _moments(subject),
            "at": st.integers(-40 * 24 * 60, 0).map(lambda minutes: NOW + dt.timedelta(minutes=minutes)),
        }
    )


def record(store: Store, drawn: list[dict[str, Any]]) -> list[int]:
    """Write these occurrences; return their ids."""
    same = {"store_id": store.id, "revision": 1, "ruleset": 1, "cause_kind": "api", "cause": "till"}
    with write() as session:
        occurrences = [Occurrence(**same, **row) for row in drawn]
        session.add_all(occurrences)
        session.flush()
        return [occurrence.id for occurrence in occurrences]


def judged(store: Store, rule: Rule, since: dt.datetime, until: dt.datetime) -> tuple[list[int], list[int]]:
    """Return the ids of the occurrences at which the rule fires, and where it is in error, one by one."""
    fired, errors = [], []
    custom = fields_of(db.session(), store.id, removed=True).get(rule.subject)
    for occurrence in db.session.query(Occurrence).order_by(Occurrence.id):
        listens = rule.trigger.key in listening_triggers(occurrence.trigger, occurrence.changed)
        if not listens or occurrence.subject != rule.subject or occurrence.store_id != store.id:
            continue
        if not since <= occurrence.at < until:
            continue
        explained = explained_or_none(occurrence, rule, custom, store.currency)
        if explained is None:
            errors.append(occurrence.id)
        elif explained.fires:
            fired.append(occurrence.id)
    return fired, errors


def explained_or_none(
    occurrence: Occurrence, rule: Rule, custom: dict[str, Field] | None, currency: str
) -> Explanation | None:
    try:
        return OccurrenceToExplain(occurrence, custom, currency).explain(rule)
    except ValueError:
        return None


@cache
def _snapshots(subject: str) -> st.SearchStrategy[dict[str, Any]]:
    fields = [*SUBJECTS[subject].fields.values(), *own_fields(subject).values()]
    kept = [field for field in fields if not field.key.startswith(MOMENT)]
    values = st.fixed_dictionaries({}, optional={field.path: _plain(field) for field in kept})
    lines = st.lists(
        st.fixed_dictionaries(
            {}, optional={field.path[0]: _plain(field) for field in SUBJECTS[subject].line_fields.values()}
        ),
        max_size=3,
    )
    foreign = st.sampled_from(_CURRENCIES)
    if not SUBJECTS[subject].line_fields:
        of_event = subject == "event"
        return st.builds(lambda known, both: _nested(known) | (both if of_event else {}), values, foreign)
    odd = _seldom(lines, st.sampled_from([None, {}, "roses", [1], 5]))
    return st.builds(
        lambda known, lines, both: _nested(known) | {"lines": lines} | both, values, odd, foreign
    )


@cache
def _moments(subject: str) -> st.SearchStrategy[dict[str, Any]]:
    fields = [*SUBJECTS[subject].fields.values(), *own_fields(subject).values()]
    choices = [field for field in fields if field.type == "choice" and field.own]
    previous = st.fixed_dictionaries({}, optional={field.key: _plain(field) for field in choices})
    return st.fixed_dictionaries(
        {
            "zone": st.sampled_from(["Europe/London", "Pacific/Auckland"]),
            "working": st.sampled_from([True, False, None]),
        },
        optional={"previous": previous},
    )


def _plain(field: Field) -> st.SearchStrategy[Any]:
    """A value of this field as a snapshot holds it, sometimes missing, seldom unreadable."""
    one = st.sampled_from(POOLS[field.type])
    if field.type == "tags":
        return _seldom(st.lists(one, max_size=2) | _NOTHING, _UNREADABLE)
    return _seldom(one | one | _NOTHING, _UNREADABLE)


def _seldom(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 7).flatmap(lambda chance: odd if chance == 5 else usual)


def _nested(values: dict[tuple[str, ...], Any]) -> dict[str, Any]:
    snapshot: dict[str, Any] = {}
    for path, value in sorted(values.items()):
        where = snapshot
        for step in path[:-1]:
            where = where.setdefault(step, {})
            if not isinstance(where, dict):
                break
        else:
            where[path[-1]] = value
    return snapshot
