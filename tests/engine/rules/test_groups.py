"""Groups and conditions on lines: what holds, what an explanation says, and how an index files them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from automations.engine.explain.explanation import GroupVerdict, Verdict, explain
from automations.engine.fields.shared_fields import custom_field
from automations.engine.index.alternatives import MOST, alternatives
from automations.engine.index.rule_index import RuleIndex
from automations.engine.rules.rule import Condition, Group, LineGroup, Node, Rule, Trigger, node_from
from automations.engine.rules.typed_rule import BrokenRule, typed_nodes
from tests.engine.strategies import nodes
from tests.kit.facts import facts

_OVER = Condition("total", "greater_than", "40")
_VIP = Condition("tags", "contains", "VIP")
_WEB = Condition("source", "equals", "web")
_BOUQUETS = Condition("line.category", "equals", "Bouquets")
_TWO = Condition("line.quantity", "at_least", "2")


def _rule(*conditions: Node, id: int = 1) -> Rule:
    return Rule(id, "order", Trigger("created"), conditions)


def _fires(node: Node, **known: object) -> bool:
    fired = explain(_rule(node), known).fires
    assert (RuleIndex([_rule(node)]).fires(known) == [1]) is fired
    return fired


@pytest.mark.parametrize(
    ("match", "none", "one", "both"),
    [("any", False, True, True), ("all", False, False, True), ("none", True, False, False)],
)
def test_a_group_asks_for_any_all_or_none(match: str, none: bool, one: bool, both: bool) -> None:
    group = Group(match, (_OVER, _VIP))
    big, vip = Decimal(50), frozenset({"vip"})
    found = [_fires(group), _fires(group, total=big), _fires(group, total=big, tags=vip)]
    assert found == [none, one, both]


def test_a_none_group_holds_for_a_missing_value() -> None:
    assert _fires(Group("none", (_OVER,)), total=None)
    assert not _fires(Condition("total", "at_most", "40"), total=None)


def test_an_explanation_keeps_the_groups_and_lists_every_condition() -> None:
    inner = Group("none", (_VIP, _WEB))
    rule = _rule(_WEB, Group("any", (_OVER, inner)))
    explanation = explain(rule, {"source": "web", "total": Decimal(50)})
    assert [verdict.condition for verdict in explanation.verdicts] == [_WEB, _OVER, _VIP, _WEB]
    assert [verdict.holds for verdict in explanation.verdicts] == [True, True, False, True]
    first, group = explanation.tree
    assert isinstance(first, Verdict) and isinstance(group, GroupVerdict)
    assert [one.holds for one in group.verdicts] == [True, False]
    assert explanation.fires
    assert rule.fields == {"source", "total", "tags"}


_LINES = [
    {"category": "Bouquets", "quantity": 1},
    {"category": "Cards", "quantity": 3},
]


@pytest.mark.parametrize(
    ("lines", "asked", "fires"),
    [
        ("any", (_BOUQUETS,), True),
        ("any", (_BOUQUETS, _TWO), False),
        ("none", (_BOUQUETS, _TWO), True),
        ("none", (_TWO,), False),
        ("all", (_BOUQUETS,), False),
        ("all", (Condition("line.category", "is_one_of", ("Bouquets", "Cards")),), True),
    ],
)
def test_conditions_on_lines_are_about_one_and_the_same_line(
    lines: str, asked: tuple[Condition, ...], fires: bool
) -> None:
    group = LineGroup(lines, asked)
    index = RuleIndex([_rule(group), _rule(Group("none", (group,)), id=2)])
    found = facts("order", {"lines": _LINES}, only=index.fields)
    assert index.fires(found) == [1 if fires else 2]
    (verdict,) = explain(_rule(group), found).verdicts
    assert verdict.holds is fires and len(verdict.lines) == 2


def test_no_line_of_an_order_without_lines_matches() -> None:
    found = facts("order", {"lines": []})
    held = [explain(_rule(LineGroup(lines, (_TWO,))), found).fires for lines in ("any", "all", "none")]
    assert held == [False, False, True]


def test_small_groups_are_filed_and_large_ones_evaluated_afterwards() -> None:
    either = Group("any", (_OVER, _VIP))
    filed = alternatives(typed_nodes(_rule(either, Group("any", (_WEB, _OVER)))))
    assert len(filed) == 4 and not any(way.checks for way in filed)
    late = alternatives(typed_nodes(_rule(*[either] * 5)))
    assert len(late) == MOST and all(len(way.checks) == 1 for way in late)
    wide = Condition("item_count", "is_one_of", tuple(map(str, range(MOST + 1))))
    assert [len(way.checks) for way in alternatives(typed_nodes(_rule(wide)))] == [1]


@given(nodes("order"))
def test_no_rule_takes_more_than_its_share_of_the_index(node: Node) -> None:
    assert 1 <= len(alternatives(typed_nodes(_rule(node, node)))) <= MOST


def test_a_rule_with_alternatives_fires_once_and_leaves_nothing_behind() -> None:
    index = RuleIndex([_rule(Group("any", (_OVER, _VIP)), LineGroup("any", (_TWO,)))])
    found = facts("order", {"total": "50", "tags": ["vip"], "lines": _LINES}, only=index.fields)
    assert index.fires(found) == [1]
    index.remove(1)
    assert (index.fires(found), index.fields, len(index)) == ([], frozenset(), 0)
    index.add(_rule(_WEB, id=2))
    assert index.fires({"source": "web"}) == [2]


def test_custom_fields_are_compared_by_their_type() -> None:
    weight = custom_field("weight", "Weight", "number")
    rule = _rule(Condition("custom.weight", "greater_than", "2"))
    custom = {weight.key: weight}
    index = RuleIndex([rule], custom)
    found = facts("order", {"custom": {"weight": "10"}}, only=index.fields, custom=custom)
    assert index.fires(found) == [1] and explain(rule, found, custom).fires
    with pytest.raises(BrokenRule, match="there is no such field"):
        RuleIndex([rule])


def test_groups_are_read_from_plain_data() -> None:
    line = {"field": "line.category", "operator": "equals", "value": "Bouquets"}
    data = {
        "match": "any",
        "conditions": [
            {"field": "source", "operator": "is_one_of", "value": ["web", "till"]},
            {"match": "line", "lines": "none", "conditions": [line]},
        ],
    }
    listed = Condition("source", "is_one_of", ("web", "till"))
    assert node_from(data) == Group("any", (listed, LineGroup("none", (_BOUQUETS,))))
