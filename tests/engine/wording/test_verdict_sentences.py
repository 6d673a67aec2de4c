"""Verdicts name the actual and the required value."""

from __future__ import annotations

import pytest

from automations.engine.explain.explanation import Explanation, explain
from automations.engine.fields.subjects import CHANGE_FROM, CHANGE_TO, SUBJECTS
from automations.engine.operators.distances import MEASURES
from automations.engine.operators.value_types import parse
from automations.engine.rules.rule import Condition, Rule, Trigger
from automations.engine.wording.wording import condition_words, verdict_words, why_not
from tests.engine.shop_words import ShopWords
from tests.engine.strategies import POOLS, TRIGGERED, example

_WORDS = ShopWords()


def _explained(field: str, operator: str, value: str | None, actual: str | None) -> Explanation:
    rule = Rule(1, "order", Trigger("created"), (Condition(field, operator, value),))
    type = SUBJECTS["order"].fields[field].type
    return explain(rule, {field: None if actual is None else parse(type, actual)})


def _words(field: str, operator: str, value: str | None, actual: str | None) -> str:
    return verdict_words(_explained(field, operator, value, actual).verdicts[0], "order", _WORDS)


@pytest.mark.parametrize(
    ("field", "operator", "value", "actual", "words"),
    [
        ("fulfilment_method", "equals", "delivery", "delivery", "Fulfilment method is Delivery"),
        ("fulfilment_method", "not_equals", "relay", "delivery", "Fulfilment method is Delivery, not Relay"),
        ("total", "greater_than", "40", "86.5", "Total £86.50 is over £40.00"),
        ("total", "at_most", "100", "86.5", "Total £86.50 is at most £100.00"),
        ("item_count", "less_than", "12", "3", "Number of items 3 is under 12"),
        (
            "delivery_date",
            "less_than",
            "2026-12-01",
            "2026-11-24",
            "Delivery date 24 Nov 2026 is before 1 Dec 2026",
        ),
        (
            "placed_at",
            "at_least",
            "2026-11-22",
            "2026-11-22T10:00Z",
            "Placed at 22 Nov 2026 11:00 CET is on or after 22 Nov 2026 01:00 CET",
        ),
        ("account", "is_empty", None, None, "Account is empty"),
        ("account", "is_not_empty", None, "7", "Account is Grand Hotel"),
        ("account", "not_equals", "7", None, "Account is empty, not Grand Hotel"),
        ("tags", "contains", "vip", "vip", "Tags include vip"),
        ("tags", "not_contains", "late", "vip", "Tags do not include late"),
        ("tags", "is_not_empty", None, "vip", "Tags are vip"),
    ],
)
def test_a_verdict_that_holds_is_a_plain_statement(
    field: str, operator: str, value: str | None, actual: str | None, words: str
) -> None:
    assert _explained(field, operator, value, actual).fires
    assert _words(field, operator, value, actual) == words


@pytest.mark.parametrize(
    ("field", "operator", "value", "actual", "words"),
    [
        (
            "fulfilment_method",
            "equals",
            "delivery",
            "collection",
            "Fulfilment method is Collection, needs Delivery",
        ),
        ("source", "not_equals", "till", "till", "Source is Till, needs anything but Till"),
        ("total", "greater_than", "40", "12", "Total is £12.00, needs over £40.00"),
        ("total", "less_than", "40", "86.5", "Total is £86.50, needs under £40.00"),
        ("item_count", "at_least", "12", "3", "Number of items is 3, needs at least 12"),
        (
            "delivery_date",
            "greater_than",
            "2026-12-01",
            "2026-11-24",
            "Delivery date is 24 Nov 2026, needs after 1 Dec 2026",
        ),
        (
            "delivery_date",
            "at_most",
            "2026-12-01",
            None,
            "Delivery date is empty, needs on or before 1 Dec 2026",
        ),
        ("account", "equals", "7", None, "Account is empty, needs Grand Hotel"),
        ("account", "is_empty", None, "7", "Account is Grand Hotel, needs to be empty"),
        ("account", "is_not_empty", None, None, "Account is empty, needs a value"),
        ("tags", "contains", "vip", "late", "Tags are late, need to include vip"),
        ("tags", "contains", "vip", None, "Tags are empty, need to include vip"),
        ("tags", "not_contains", "late", "late", "Tags are late, need not to include late"),
    ],
)
def test_a_verdict_that_fails_says_what_was_required(
    field: str, operator: str, value: str | None, actual: str | None, words: str
) -> None:
    assert not _explained(field, operator, value, actual).fires
    assert _words(field, operator, value, actual) == words


@pytest.mark.parametrize(
    ("field", "operator", "actual", "holds", "words"),
    [
        ("tags", "is_none_of", "vip", True, "Tags do not include late or lost"),
        ("tags", "is_none_of", "late", False, "Tags are late, need not to include late or lost"),
        ("tags", "is_one_of", "late", True, "Tags include late or lost"),
        ("tags", "is_one_of", "vip", False, "Tags are vip, need to include late or lost"),
        ("source", "is_none_of", "web", True, "Source is Web, not Late or Lost"),
        ("source", "is_none_of", None, True, "Source is empty, not Late or Lost"),
    ],
)
def test_a_verdict_on_several_values_names_them_all(
    field: str, operator: str, actual: str | None, holds: bool, words: str
) -> None:
    rule = Rule(1, "order", Trigger("created"), (Condition(field, operator, ("late", "lost")),))
    type = SUBJECTS["order"].fields[field].type
    explained = explain(rule, {field: None if actual is None else parse(type, actual)})
    assert explained.fires is holds
    assert verdict_words(explained.verdicts[0], "order", _WORDS) == words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {CHANGE_FROM: "unpaid", CHANGE_TO: "paid"},
            ["Payment status changed from Unpaid", "Payment status changed to Paid"],
        ),
        (
            {CHANGE_FROM: "paid", CHANGE_TO: "refunded"},
            [
                "Payment status changed from Paid, needs Unpaid",
                "Payment status changed to Refunded, needs Paid",
            ],
        ),
        (
            {},
            [
                "Payment status did not change from Unpaid",
                "Payment status did not change to Paid",
            ],
        ),
    ],
)
def test_the_narrowing_of_a_trigger_is_worded_like_a_condition(
    change: dict[str, str], words: list[str]
) -> None:
    rule = Rule(1, "order", Trigger("payment_status_changed", "unpaid", "paid"))
    assert [verdict_words(verdict, "order", _WORDS) for verdict in explain(rule, change).verdicts] == words


def test_why_not_is_one_sentence_with_the_record_the_automation_and_the_reason() -> None:
    explanation = _explained("fulfilment_method", "equals", "delivery", "collection")
    assert (
        why_not("Order 1042", "Confirmation", explanation, "order", _WORDS)
        == "Order 1042 · Confirmation did not run: fulfilment method is Collection, needs Delivery."
    )


def test_why_not_lists_every_failed_condition_and_no_other() -> None:
    conditions = (
        Condition("total", "greater_than", "40"),
        Condition("source", "equals", "web"),
        Condition("account", "equals", "7"),
    )
    facts = {"total": parse("money", "12"), "source": "web"}
    explanation = explain(Rule(1, "order", Trigger("created"), conditions), facts)
    words = why_not("Order 7", "Thanks", explanation, SUBJECTS["order"], _WORDS)
    assert words == (
        "Order 7 · Thanks did not run: total is £12.00, needs over £40.00; "
        "account is empty, needs Grand Hotel."
    )


def test_a_condition_alone_is_a_phrase() -> None:
    assert (
        condition_words(Condition("total", "greater_than", "40"), "order", _WORDS)
        == "its total is over £40.00"
    )
    assert condition_words(Condition("account", "is_empty"), "order", _WORDS) == "its account is empty"


_FIELDS = [(key, field.key) for key in TRIGGERED for field in SUBJECTS[key].fields.values()]


@pytest.mark.parametrize(("subject", "field"), _FIELDS)
def test_every_field_and_operator_has_words_for_any_value(subject: str, field: str) -> None:
    entry = SUBJECTS[subject].fields[field]
    first, last = (parse(entry.type, POOLS[entry.type][place]) for place in (0, -1))
    for operator in SUBJECTS[subject].operators_for(field):
        condition = Condition(field, operator.key, example(operator, entry.type))
        rule = Rule(1, subject, Trigger("created"), (condition,))
        for actual in (None, first, last):
            away = {f"{field}@{measure}": None for measure in MEASURES}
            (verdict,) = explain(rule, {field: actual, **away, f"{field}@to": actual}).verdicts
            words = verdict_words(verdict, subject, _WORDS)
            assert words.startswith(entry.label)
            assert "  " not in words and "None" not in words
            assert (", need" in words) is not verdict.holds
