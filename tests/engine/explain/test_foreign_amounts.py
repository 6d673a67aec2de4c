"""Amounts in another currency than the store's: never a silent yes or no."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.explain.explanation import explain
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.index.rule_index import RuleIndex
from automations.engine.operators.value_types import (
    STORE_CURRENCY,
    CannotCompare,
    ForeignAmount,
    Lines,
    Value,
)
from automations.engine.rules.rule import Condition, Group, LineGroup, Node, Rule, Trigger
from automations.engine.wording.wording import verdict_words
from tests.engine.shop_words import ShopWords
from tests.engine.strategies import facts, foreign, rules
from tests.kit.facts import facts as facts_of

_DOLLARS: dict[str, Any] = {
    "total": "86.50",
    "balance_due": "0.00",
    "payment_status": "paid",
    "currency": "USD",
    STORE_CURRENCY: "GBP",
    "lines": [{"name": "Roses", "unit_price": "40.00"}, {"name": "Card", "unit_price": "3.50"}],
}
_OVER = Condition("total", "greater_than", "40")
_PAID, _UNPAID = (Condition("payment_status", "equals", key) for key in ("paid", "unpaid"))


def _rule(*nodes: Node) -> Rule:
    return Rule(1, "order", Trigger("created"), nodes)


def _fires(*nodes: Node) -> bool | None:
    """Return whether it fires for the order in dollars; None where that can't be decided."""
    rule = _rule(*nodes)
    try:
        return explain(rule, facts_of("order", _DOLLARS, only=rule.fields)).fires
    except CannotCompare:
        return None


@pytest.mark.parametrize(
    ("expected", "nodes"),
    [
        (None, (_OVER,)),
        (None, (Condition("total", "between", ("0", "100")),)),
        (None, (Condition("total", "equals", "86.50"),)),
        (None, (Condition("total", "not_equals", "86.50"),)),
        (None, (_PAID, _OVER)),
        (False, (_UNPAID, _OVER)),
        (True, (Condition("total", "greater_than", "0"),)),
        (False, (Condition("balance_due", "greater_than", "0.00"),)),
        (True, (Condition("balance_due", "equals", "0"),)),
        (True, (Group("any", (_PAID, _OVER)),)),
        (None, (Group("any", (_UNPAID, _OVER)),)),
        (None, (Group("none", (_UNPAID, _OVER)),)),
        (False, (Group("none", (_PAID, _OVER)),)),
        (None, (LineGroup("any", (Condition("line.unit_price", "greater_than", "20"),)),)),
        (None, (LineGroup("none", (Condition("line.unit_price", "greater_than", "20"),)),)),
        (True, (LineGroup("all", (Condition("line.unit_price", "greater_than", "0"),)),)),
        (
            False,
            (
                LineGroup(
                    "any",
                    (
                        Condition("line.name", "equals", "Tulips"),
                        Condition("line.unit_price", "greater_than", "20"),
                    ),
                ),
            ),
        ),
    ],
)
def test_a_foreign_amount_decides_only_what_it_can(expected: bool | None, nodes: tuple[Node, ...]) -> None:
    assert _fires(*nodes) is expected


def test_the_error_names_the_amount_and_both_currencies() -> None:
    rule = _rule(Condition("balance_due", "equals", "0"), _OVER)
    with pytest.raises(CannotCompare) as error:
        explain(rule, facts_of("order", _DOLLARS, only=rule.fields))
    assert str(error.value) == (
        "Total can’t be compared: the order is in USD, the automation’s amounts are in GBP."
    )


def test_an_amount_is_said_in_the_currency_of_its_order() -> None:
    rule, subject, words = _rule(_UNPAID, _OVER), SUBJECTS["order"], ShopWords()
    tree = explain(rule, facts_of("order", _DOLLARS, only=rule.fields)).tree
    assert verdict_words(tree[1], subject, words) == "Total is $86.50, which can’t be compared with £40.00"


def test_an_order_in_the_currency_of_the_store_is_compared_as_ever() -> None:
    known = facts_of("order", {"total": "86.50", "currency": "GBP"}, only={"total"})
    assert known["total"] == Decimal("86.50")


@given(st.data())
def test_an_answer_would_be_the_same_at_every_rate(data: st.DataObject) -> None:
    known, rule = data.draw(facts("order")), data.draw(rules("order", "created", 1))
    try:
        fires = explain(rule, foreign("order", known)).fires
    except CannotCompare:
        return
    for rate in ("0.001", "0.9", "1", "1.1", "1000"):
        assert explain(rule, _converted(known, Decimal(rate))).fires is fires


@given(st.data())
def test_the_index_leaves_out_only_rules_that_cannot_fire(data: st.DataObject) -> None:
    live = {id: data.draw(rules("order", "created", id)) for id in range(data.draw(st.integers(0, 8)))}
    index = RuleIndex(live.values())
    for known in data.draw(st.lists(facts("order"), min_size=1, max_size=3)):
        found = foreign("order", known)
        possible = index.possible(found)
        for id in live.keys() - set(possible):
            assert explain(live[id], found).fires is False


def _converted(known: dict[str, Value | None], rate: Decimal) -> dict[str, Value | None]:
    def converted(value: Any) -> Any:
        if isinstance(value, Lines):
            return Lines(map(converted, value))
        return value.amount * rate if isinstance(value, ForeignAmount) else value

    return {key: converted(value) for key, value in foreign("order", known).items()}
