"""An explanation covers every condition and raises only for invalid rules."""

from __future__ import annotations

from decimal import Decimal

import pytest

from automations.engine.explain.explanation import explain
from automations.engine.fields.subjects import CHANGE_TO, SUBJECTS
from automations.engine.rules.rule import Condition, Rule, Trigger
from automations.engine.rules.typed_rule import BrokenRule
from tests.engine.strategies import TRIGGERED, example

_FIELDS = [(key, field.key) for key in TRIGGERED for field in SUBJECTS[key].fields.values()]


def _rule(*conditions: Condition, trigger: Trigger | None = None) -> Rule:
    return Rule(1, "order", trigger or Trigger("created"), conditions)


@pytest.mark.parametrize(("subject", "field"), _FIELDS)
def test_every_field_and_operator_has_a_verdict_on_an_empty_value(subject: str, field: str) -> None:
    type = SUBJECTS[subject].fields[field].type
    for operator in SUBJECTS[subject].operators_for(field):
        condition = Condition(field, operator.key, example(operator, type))
        rule = Rule(1, subject, Trigger("created"), (condition,))
        expected = operator.key in {"is_empty", "not_equals", "not_contains", "is_none_of"}
        for empty in (None, "", frozenset()):
            known = dict.fromkeys(rule.fields, empty)
            assert explain(rule, known).fires is expected


def test_every_condition_is_evaluated_even_after_one_has_failed() -> None:
    rule = _rule(
        Condition("fulfilment_method", "equals", "delivery"), Condition("total", "greater_than", "40")
    )
    explanation = explain(rule, {"fulfilment_method": "collection", "total": Decimal("86.50")})
    assert [verdict.holds for verdict in explanation.verdicts] == [False, True]
    assert [verdict.actual for verdict in explanation.verdicts] == ["collection", Decimal("86.50")]
    assert [verdict.needed for verdict in explanation.verdicts] == ["delivery", Decimal(40)]
    assert not explanation.fires


def test_the_narrowing_of_the_trigger_is_the_first_verdict() -> None:
    trigger = Trigger("payment_status_changed", None, "paid")
    explanation = explain(_rule(Condition("total", "less_than", "40"), trigger=trigger), {CHANGE_TO: "paid"})
    assert [verdict.condition.field for verdict in explanation.verdicts] == [CHANGE_TO, "total"]
    assert [verdict.holds for verdict in explanation.verdicts] == [True, False]


def test_a_rule_without_conditions_fires_every_time() -> None:
    assert explain(_rule(), {}).fires


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (Condition("colour", "equals", "red"), "The condition on colour can’t be checked"),
        (Condition("total", "resembles", "40"), "The condition on total can’t be checked"),
        (Condition("total", "equals", "forty"), "needs a number such as 40.00, not “forty”."),
        (Condition("total", "equals", None), "needs a value."),
        (Condition("source", "greater_than", "till"), "can’t be checked by “greater than”."),
    ],
)
def test_an_invalid_rule_is_an_error_and_not_false(condition: Condition, sentence: str) -> None:
    with pytest.raises(BrokenRule, match=sentence):
        explain(_rule(condition), {})
