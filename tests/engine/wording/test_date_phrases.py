"""Conditions on how far a date is from today, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from automations.engine.explain.explanation import explain
from automations.engine.rules.occurrence_facts import EvaluationContext, OccurrenceFacts
from automations.engine.rules.rule import Rule, Trigger, node_from
from automations.engine.wording.verdict_sentences import condition_words, short_words, verdict_words
from tests.engine.shop_words import ShopWords

_WORDS = ShopWords()
_NOW = datetime(2026, 11, 24, 0, 30, tzinfo=ZoneInfo("Europe/London"))


def said(operator: str, value: str | None, date: str | None) -> tuple[str, str, str]:
    """Return the condition, its verdict for an order with this delivery date, and what was found."""
    data: dict[str, Any] = {"field": "delivery_date", "operator": operator, "value": value}
    condition = node_from(data)
    rule = Rule(1, "order", Trigger("created"), (condition,))
    facts = OccurrenceFacts("order", "created", {"delivery_date": date}, context=EvaluationContext(_NOW))
    (verdict,) = explain(rule, facts.read(rule.fields)).verdicts
    words = [of(verdict, "order", _WORDS) for of in (verdict_words, short_words)]
    return condition_words(condition, "order", _WORDS), words[0], words[1]


@pytest.mark.parametrize(
    ("operator", "value", "date", "phrase", "verdict"),
    [
        ("is_today", None, "2026-11-24", "is today", "24 Nov 2026 is today"),
        ("is_today", None, "2026-11-25", "is today", "is 25 Nov 2026, needs to be today"),
        ("is_tomorrow", None, None, "is tomorrow", "is empty, needs to be tomorrow"),
        ("is_yesterday", None, "2026-11-23", "is yesterday", "23 Nov 2026 is yesterday"),
        ("before_today", None, "2026-11-24", "is before today", "is 24 Nov 2026, needs to be before today"),
        ("after_today", None, "2027-01-01", "is after today", "1 Jan 2027 is after today"),
        ("in_exactly", "1", "2026-11-25", "is in exactly 1 day", "25 Nov 2026 is in exactly 1 day"),
        (
            "in_exactly",
            "2 weeks",
            "2026-12-09",
            "is in exactly 2 weeks",
            "is 9 Dec 2026, needs to be in exactly 2 weeks",
        ),
        ("yearly_today", None, "1980-11-24", "comes round today", "24 Nov 1980 comes round today"),
        (
            "yearly_within_next",
            "2 weeks",
            "1980-12-09",
            "comes round within the next 2 weeks",
            "is 9 Dec 1980, needs to come round within the next 2 weeks",
        ),
        (
            "exactly_ago",
            "3 months",
            "2026-08-24",
            "was exactly 3 months ago",
            "24 Aug 2026 was exactly 3 months ago",
        ),
        (
            "exactly_ago",
            "1 year",
            "2025-11-25",
            "was exactly 1 year ago",
            "is 25 Nov 2025, needs to be exactly 1 year ago",
        ),
        (
            "within_next",
            "1 months",
            "2026-12-24",
            "is within the next 1 month",
            "24 Dec 2026 is within the next 1 month",
        ),
    ],
)
def test_each_distance_has_a_phrase_and_a_verdict(
    operator: str, value: str | None, date: str | None, phrase: str, verdict: str
) -> None:
    whole, told, short = said(operator, value, date)
    assert (whole, told) == (f"its delivery date {phrase}", f"Delivery date {verdict}")
    assert short == (verdict.removeprefix("is ") if "needs" in verdict else " ".join(verdict.split()[:3]))


def test_today_is_the_day_in_the_store() -> None:
    condition = node_from({"field": "placed_at", "operator": "is_today", "value": None})
    rule = Rule(1, "order", Trigger("created"), (condition,))

    def holds(zone: str) -> bool:
        context = EvaluationContext(_NOW.astimezone(ZoneInfo(zone)))
        facts = OccurrenceFacts("order", "created", {"placed_at": "2026-11-24T00:10:00Z"}, context=context)
        return explain(rule, facts.read(rule.fields)).fires

    assert (holds("Europe/London"), holds("America/New_York")) == (True, True)
    late = {"placed_at": "2026-11-24T05:10:00Z"}
    context = EvaluationContext(_NOW.astimezone(ZoneInfo("America/New_York")))
    # There it is still the 23rd, and the order is of the 24th.
    facts = OccurrenceFacts("order", "created", late, context=context)
    assert not explain(rule, facts.read(rule.fields)).fires
