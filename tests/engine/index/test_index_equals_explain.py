"""The index and `explain` always agree."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.explain.explanation import explain
from automations.engine.fields.subject import Field, Subject, by_key
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.index.rule_index import RuleIndex
from automations.engine.rules.rule import Condition, Rule, Trigger
from tests.engine.strategies import POOLS, TRIGGERED, facts, rules, values
from tests.kit.facts import facts as subject_facts

_TRIGGERS = [(subject, trigger) for subject in TRIGGERED for trigger in SUBJECTS[subject].triggers]


def _explained(live: dict[int, Rule], found: dict[str, object]) -> list[int]:
    return [id for id, rule in sorted(live.items()) if explain(rule, found).fires]


@given(st.data())
def test_the_index_fires_what_explain_says_fires(data: st.DataObject) -> None:
    subject, trigger = data.draw(st.sampled_from(_TRIGGERS))
    count = data.draw(st.integers(0, 12))
    live = {id: data.draw(rules(subject, trigger, id)) for id in range(count)}
    index = RuleIndex(live.values())
    for found in data.draw(st.lists(facts(subject), min_size=1, max_size=3)):
        assert index.fires(found) == _explained(live, found)


@pytest.mark.slow
@given(st.data())
def test_they_agree_after_any_sequence_of_edits(data: st.DataObject) -> None:
    subject, trigger = data.draw(st.sampled_from(_TRIGGERS))
    index, live = RuleIndex(), dict[int, Rule]()
    for _ in range(data.draw(st.integers(1, 12))):
        _edit(
            index,
            live,
            data.draw(rules(subject, trigger, data.draw(st.integers(1, 5)))),
            data.draw(st.booleans()),
        )
        found = data.draw(facts(subject))
        assert index.fires(found) == _explained(live, found)
        assert index.fields <= found.keys()
        assert index.fields or not any(rule.fields for rule in live.values())
        assert len(index) == len(live)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_they_agree_on_many_rules_with_nearby_thresholds(seed: int) -> None:
    chance = random.Random(seed)
    index, live = RuleIndex(), dict[int, Rule]()
    for step in range(900):
        rule = _money_rule(chance, chance.randrange(300))
        _edit(index, live, rule, chance.random() < (0.1 if step < 600 else 0.7))
        if step % 30 == 0:
            for cents in chance.sample(range(400), 12):
                found = {"total": cents, "balance_due": None if cents % 5 else cents, "tags": None}
                assert index.fires(found) == _explained(live, found)


def _money_rule(chance: random.Random, id: int) -> Rule:
    operators = ["equals", "not_equals", "greater_than", "less_than", "at_least", "at_most"]
    some = (
        Condition(chance.choice(["total", "total", "balance_due"]), chance.choice(operators), str(amount))
        for amount in (chance.choice([50, chance.randrange(400)]) for _ in range(chance.randrange(4)))
    )
    return Rule(id, "order", Trigger("created"), tuple(some))


def _edit(index: RuleIndex, live: dict[int, Rule], rule: Rule, drop: bool) -> None:
    if drop and rule.id in live:
        index.remove(rule.id)
        del live[rule.id]
    elif rule.id in live:
        index.replace(rule)
        live[rule.id] = rule
    else:
        index.add(rule)
        live[rule.id] = rule


_TEXT = Subject(
    "order",
    "Order",
    "Orders",
    by_key([Field("note", "Note", "text", ("note",), "its note"), SUBJECTS["order"].fields["tags"]]),
    SUBJECTS["order"].triggers,
)


@given(st.data())
def test_they_agree_on_texts_that_are_searched(data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SUBJECTS, "order", _TEXT)
        live = {id: data.draw(_text_rule(id)) for id in range(6)}
        found = data.draw(st.fixed_dictionaries({"note": values("text"), "tags": values("tags")}))
        assert RuleIndex(live.values()).fires(found) == _explained(live, found)


def _text_rule(id: int) -> st.SearchStrategy[Rule]:
    some = st.builds(
        Condition,
        st.just("note"),
        st.sampled_from([operator.key for operator in _TEXT.operators_for("note")]),
        st.sampled_from(POOLS["text"]),
    )
    parts = st.lists(some, max_size=3).map(tuple)
    return st.builds(Rule, st.just(id), st.just("order"), st.just(Trigger("created")), parts)


@given(st.data())
def test_they_agree_where_the_value_before_a_change_is_missing(data: st.DataObject) -> None:
    """An update may name a field without its previous value, or with an empty one."""
    rule_ids = range(6)
    live = {id: data.draw(rules("order", "field_changed", id)) for id in rule_ids}
    index = RuleIndex(live.values())
    known = st.fixed_dictionaries(
        {}, optional={key: st.sampled_from([None, "", "a", "b"]) for key in _CHANGING}
    )
    previous = data.draw(st.none() | known)
    changed = data.draw(st.none() | st.lists(st.sampled_from([*_CHANGING, "total"]), unique=True))
    snapshot = data.draw(st.fixed_dictionaries({key: st.sampled_from([None, "a", "b"]) for key in _CHANGING}))
    told = {"previous": previous, "changed": changed, "now": datetime(2026, 11, 22, 10, tzinfo=UTC)}
    for only in (index.fields, None):
        found = subject_facts("order", snapshot, only=only, working=True, **told)
        assert index.fires(found) == _explained(live, found)
        assert index.fires(found) == [
            id
            for id, rule in live.items()
            if explain(rule, subject_facts("order", snapshot, only=rule.fields, working=True, **told)).fires
        ]


_CHANGING = ("status", "payment_status", "note")
