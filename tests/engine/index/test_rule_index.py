"""The index of rules: firing, ordering and editing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from automations.engine.fields.subjects import CHANGE_FROM, CHANGE_TO
from automations.engine.index.rule_index import RuleIndex
from automations.engine.rules.rule import Condition, Rule, Trigger
from automations.engine.rules.typed_rule import BrokenRule


def _rule(id: int, *conditions: Condition, trigger: Trigger | None = None) -> Rule:
    return Rule(id, "order", trigger or Trigger("status_changed"), conditions)


def _over(amount: int) -> Condition:
    return Condition("total", "greater_than", str(amount))


def test_an_empty_index_fires_nothing_and_needs_no_facts() -> None:
    index = RuleIndex()
    assert (index.fires({}), len(index), index.fields) == ([], 0, frozenset())


def test_a_rule_without_conditions_fires_every_time() -> None:
    assert RuleIndex([_rule(1)]).fires({}) == [1]


def test_rules_fire_in_the_order_of_their_ids() -> None:
    assert RuleIndex([_rule(30), _rule(2), _rule(100)]).fires({}) == [2, 30, 100]


def test_several_conditions_on_one_field_all_count() -> None:
    between = _rule(
        1, _over(40), Condition("total", "less_than", "100"), Condition("total", "not_equals", "50")
    )
    index = RuleIndex([between])
    fired = [amount for amount in (40, 41, 50, 51, 99, 100) if index.fires({"total": Decimal(amount)})]
    assert fired == [41, 51, 99]


def test_a_contradiction_never_fires() -> None:
    index = RuleIndex([_rule(1, _over(40), Condition("total", "less_than", "30"))])
    assert not any(index.fires({"total": Decimal(amount)}) for amount in range(20, 50))


def test_two_tag_conditions_of_one_rule_must_both_hold() -> None:
    index = RuleIndex(
        [_rule(1, Condition("tags", "contains", "VIP"), Condition("tags", "not_contains", "late"))]
    )
    answers = [
        index.fires({"tags": tags})
        for tags in (None, frozenset({"late"}), frozenset({"vip"}), frozenset({"vip", "late"}))
    ]
    assert answers[0] == answers[1] == answers[3] == []
    assert answers[2] == [1]


def test_the_narrowing_of_a_trigger_is_evaluated_on_the_change() -> None:
    index = RuleIndex([_rule(1, trigger=Trigger("status_changed", "unconfirmed", "confirmed")), _rule(2)])
    assert index.fields == {CHANGE_FROM, CHANGE_TO}
    assert index.fires({CHANGE_FROM: "unconfirmed", CHANGE_TO: "confirmed"}) == [1, 2]
    assert index.fires({CHANGE_FROM: "confirmed", CHANGE_TO: "unconfirmed"}) == [2]
    assert index.fires({}) == [2]


def test_a_removed_rule_no_longer_fires_or_needs_its_fields() -> None:
    index = RuleIndex([_rule(1, _over(40)), _rule(2)])
    index.remove(1)
    assert (index.fires({"total": Decimal(50)}), index.fields, 1 in index) == ([2], frozenset(), False)


def test_the_slot_of_a_removed_rule_is_reused_without_its_conditions() -> None:
    index = RuleIndex([_rule(1, _over(40), Condition("source", "equals", "web")), _rule(2)])
    index.remove(1)
    index.add(_rule(3, Condition("source", "not_equals", "web")))
    assert index.fires({"source": "till", "total": None}) == [2, 3]
    assert index.fires({"source": "web", "total": Decimal(50)}) == [2]


def test_a_replaced_rule_is_evaluated_by_its_new_conditions() -> None:
    index = RuleIndex([_rule(1, _over(40))])
    index.replace(_rule(1, _over(90)))
    assert (index.fires({"total": Decimal(50)}), index.fires({"total": Decimal(91)})) == ([], [1])


@pytest.mark.parametrize(
    "wrong",
    [
        _rule(1, Condition("total", "equals", "forty")),
        Rule(1, "order", Trigger("created")),
        Rule(1, "event", Trigger("status_changed")),
    ],
)
def test_a_rule_that_cannot_be_added_changes_nothing(wrong: Rule) -> None:
    index = RuleIndex([_rule(1, _over(40)), _rule(2)])
    with pytest.raises(ValueError, match=r"rule|can’t be checked"):
        index.replace(wrong)
    assert index.fires({"total": Decimal(50)}) == [1, 2]


def test_a_rule_with_a_taken_id_is_refused() -> None:
    index = RuleIndex([_rule(1)])
    with pytest.raises(ValueError, match="already"):
        index.add(_rule(1, _over(40)))
    assert index.fires({"total": Decimal(1)}) == [1]


def test_a_broken_rule_is_refused_and_changes_nothing() -> None:
    index = RuleIndex()
    with pytest.raises(BrokenRule):
        index.add(_rule(1, _over(40), Condition("colour", "equals", "red")))
    assert (len(index), index.fields) == (0, frozenset())


def test_removing_a_rule_that_is_not_in_is_an_error() -> None:
    with pytest.raises(KeyError):
        RuleIndex().remove(1)


def test_the_index_lists_the_rules_that_need_an_unreadable_fact() -> None:
    index = RuleIndex([_rule(9, _over(40)), _rule(2, _over(1)), _rule(5)])
    assert (index.using("total"), index.using("source")) == ([2, 9], [])


def test_ten_thousand_accounts_cost_few_bytes_each() -> None:
    rules = [_rule(id, Condition("account", "equals", str(id))) for id in range(2_000)]
    index = RuleIndex(rules)
    assert [index.fires({"account": str(id)}) for id in (0, 77, 1999, 2000)] == [[0], [77], [1999], []]
    assert all(isinstance(kept, tuple) for kept in index._keyed["account"]._odd.values())
