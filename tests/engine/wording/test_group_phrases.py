"""Groups and conditions on lines in words: "either", "both" and "it is not the case that"."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from automations.engine.explain.explanation import explain
from automations.engine.fields.shared_fields import custom_field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule, Trigger, node_from
from automations.engine.wording.wording import condition_words, sentence, text_of, verdict_words, why_not
from tests.engine.shop_words import ShopWords
from tests.kit.facts import facts

_WORDS = ShopWords()
_NOW = datetime(2026, 7, 6, 12, tzinfo=UTC)


def _is(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def _group(match: str, *conditions: Any, **more: Any) -> dict[str, Any]:
    return {"match": match, "conditions": list(conditions), **more}


_OVER, _VIP = _is("total", "greater_than", "100"), _is("tags", "contains", "VIP")
_BOUQUETS = _is("line.category", "equals", "Bouquets")
_TWO = _is("line.quantity", "at_least", "2")


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (_group("any", _OVER, _VIP), "either its total is over £100.00 or its tags include VIP"),
        (_group("any", _OVER), "its total is over £100.00"),
        (
            _group("any", _group("all", _OVER, _VIP), _is("note", "starts_with", "Urgent")),
            "either both its total is over £100.00 and its tags include VIP or its note starts with “Urgent”",
        ),
        (
            _group("none", _OVER, _VIP),
            "it is not the case that either its total is over £100.00 or its tags include VIP",
        ),
        (_group("line", _BOUQUETS, lines="any"), "any item’s category is Bouquets"),
        (
            _group("line", _BOUQUETS, _TWO, lines="none"),
            "no item’s category is Bouquets and its quantity is at least 2",
        ),
        (_group("line", _BOUQUETS, lines="all"), "every item’s category is Bouquets"),
        (_is("status", "is_one_of", ["picked", "ready"]), "its status is Picked or Ready"),
        (_is("tags", "is_none_of", ["vip", "late"]), "its tags do not include vip or late"),
        (_is("total", "between", ["40", "100"]), "its total is between £40.00 and £100.00"),
        (_is("delivery_date", "within_next", "3"), "its delivery date is within the next 3 days"),
        (_is("delivery_type", "changed_to", "courier"), "its delivery type changed to Courier"),
        (_is("now.working_time", "equals", "yes"), "the time is within working hours"),
        (_is("now.time", "between", ["18:00", "08:00"]), "the time of day is between 18:00 and 08:00"),
        (_is("now.weekday", "is_one_of", ["saturday", "sunday"]), "the weekday is Saturday or Sunday"),
        (_is("customer.marketing_consent", "equals", "yes"), "its customer’s marketing consent is given"),
    ],
)
def test_a_condition_or_group_is_a_phrase(node: dict[str, Any], words: str) -> None:
    assert condition_words(node_from(node), "order", _WORDS) == words
    data = {"subject": "order", "trigger": {"key": "created"}, "conditions": [node]}
    said = text_of(sentence(data, _WORDS, ["email them"]))
    assert said == f"Every time an order is created, if {words}, email them."


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (_group("any"), "…"),
        (_group("any", {}, _OVER), "either … or its total is over £100.00"),
        (_group("line", {}, lines=None), "… item’s …"),
        (_is("status", "is_one_of", []), "its status is …"),
        (_is("total", "between", ["40", None]), "its total is between £40.00 and …"),
        (_is("delivery_date", "within_next", "soon"), "its delivery date is within the next soon"),
        (_is("delivery_date", "within_next"), "its delivery date is within the next …"),
    ],
)
def test_a_missing_part_is_an_ellipsis(node: dict[str, Any], words: str) -> None:
    data = {"subject": "order", "trigger": {"key": "created"}, "conditions": [node]}
    assert text_of(sentence(data, _WORDS, [])) == f"Every time an order is created, if {words}, …"


_LINES = {"lines": [{"category": "Bouquets", "quantity": 1}, {"category": "Cards", "quantity": 3}]}


@pytest.mark.parametrize(
    ("node", "snapshot", "words"),
    [
        (
            _group("any", _OVER, _VIP),
            {"total": "12"},
            "None of the alternatives holds (total is £12.00, needs over £100.00; "
            "tags are empty, need to include VIP)",
        ),
        (
            _group("any", _OVER, _VIP),
            {"total": "120"},
            "Either its total is over £100.00 or its tags include VIP",
        ),
        (
            _group("none", _OVER, _VIP),
            {"total": "120"},
            "This must not be the case (total £120.00 is over £100.00)",
        ),
        (
            _group("all", _OVER, _VIP),
            {"total": "120"},
            "Not all of these hold (tags are empty, need to include VIP)",
        ),
        (_group("line", _BOUQUETS, lines="any"), _LINES, "Any item’s category is Bouquets"),
        (
            _group("line", _BOUQUETS, _TWO, lines="any"),
            _LINES,
            "0 of 2 items fit, needs that any item’s category is Bouquets and its quantity is at least 2",
        ),
        (
            _group("line", _BOUQUETS, lines="any"),
            {},
            "There are no items, needs that any item’s category is Bouquets",
        ),
        (
            _is("status", "is_one_of", ["picked", "ready"]),
            {"status": "out"},
            "Status is Out, needs Picked or Ready",
        ),
        (_is("status", "is_one_of", ["picked", "ready"]), {"status": "ready"}, "Status is Ready"),
        (_is("status", "is_none_of", ["picked"]), {"status": "ready"}, "Status is Ready, not Picked"),
        (
            _is("delivery_date", "within_next", "3"),
            {"delivery_date": "2026-07-18"},
            "Delivery date is 18 Jul 2026, needs within the next 3 days",
        ),
        (
            _is("delivery_date", "within_next", "3"),
            {"delivery_date": "2026-07-08"},
            "Delivery date 8 Jul 2026 is within the next 3 days",
        ),
        (
            _is("total", "between", ["40", "100"]),
            {"total": "5"},
            "Total is £5.00, needs between £40.00 and £100.00",
        ),
        (
            _is("delivery_type", "changed_to", "courier"),
            {"delivery_type": "courier"},
            "Delivery type did not change, needs to change to Courier",
        ),
        (_is("now.time", "greater_than", "17:00"), {}, "Time of day is 12:00, needs after 17:00"),
        (_is("note", "starts_with", "x"), {"note": "abc"}, "Note is “abc”, needs to start with “x”"),
    ],
)
def test_a_verdict_says_the_actual_and_the_required_value(
    node: dict[str, Any], snapshot: dict[str, Any], words: str
) -> None:
    explanation = explain(Rule(1, "order", Trigger("created"), (node_from(node),)), _facts(snapshot))
    assert verdict_words(explanation.tree[0], "order", _WORDS) == words
    reason = "every condition held" if explanation.fires else words[:1].lower() + words[1:]
    told = why_not("Order 7", "Thanks", explanation, "order", _WORDS)
    assert told == f"Order 7 · Thanks did not run: {reason}."


@pytest.mark.parametrize(
    ("previous", "words"),
    [
        ({"delivery_type": "van"}, ["Delivery type changed", "Delivery type changed to Courier"]),
        (
            {"note": "x"},
            [
                "Note changed, needs delivery type to change",
                "Delivery type did not change to Courier",
            ],
        ),
    ],
)
def test_the_field_of_a_trigger_is_worded_like_a_condition(
    previous: dict[str, Any], words: list[str]
) -> None:
    trigger = Trigger("field_changed", None, "courier", "delivery_type")
    known = facts("order", {"delivery_type": "courier", "note": "y"}, previous=previous)
    verdicts = explain(Rule(1, "order", trigger), known).verdicts
    assert [verdict_words(one, "order", _WORDS) for one in verdicts] == words


def test_a_field_of_the_store_has_its_own_words() -> None:
    colour = custom_field("colour", "Colour", "choice", labels={"red": "Red", "blue": "Blue"})
    subject = SUBJECTS["order"].with_custom({colour.key: colour})
    rule = Rule(1, "order", Trigger("created"), (node_from(_is("custom.colour", "equals", "red")),))
    known = facts("order", {"custom": {"colour": "blue"}}, custom={colour.key: colour})
    (verdict,) = explain(rule, known, {colour.key: colour}).verdicts
    assert verdict_words(verdict, subject, _WORDS) == "Colour is Blue, needs Red"


def _facts(snapshot: dict[str, Any]) -> dict[str, Any]:
    return facts("order", snapshot, now=_NOW)
