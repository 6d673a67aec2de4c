"""The funnel of a draft that waits for a time: how many due times come through each row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import time_machine
from flask import Flask

from automations.engine.rules.rule import rule_from
from automations.features.past.funnel import Funnel, funnel
from automations.features.past.period import Period
from automations.features.past.time_moments import time_matches
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from tests.kit.past_time import stays
from tests.kit.shop import condition, occurrences, place_order
from tests.world import NOW

DAY = dt.timedelta(days=1)
UNPAID = condition("payment_status", "equals", "unpaid")
DEAR = condition("total", "at_least", "50")
IN_THE_WEEK = {"match": "none", "conditions": [condition("now.weekday", "equals", "sunday")]}
REPEATS = {"repeat_every": "2", "repeat_unit": "days", "repeat_times": "2"}
PERIOD = Period(NOW, NOW + 9 * DAY, 10)


def test_each_row_says_how_many_due_times_came_and_passed(app: Flask, bloom: Store) -> None:
    place_order("dear", status="confirmed", payment_status="unpaid", total=Decimal(80), now=NOW)
    place_order("paid", status="confirmed", payment_status="unpaid", total=Decimal(60), now=NOW + DAY)
    place_order("cheap", status="confirmed", payment_status="unpaid", total=Decimal(20), now=NOW + DAY)
    place_order("paid", payment_status="paid", now=NOW + 3 * DAY)
    counted = _funnel(bloom, _draft(UNPAID, DEAR, IN_THE_WEEK))
    # "dear" is due on days 1, 3 and 5, the others on days 2, 4 and 6; day 0 is a Sunday, as is day 7.
    assert [(step.path, step.came, step.passed) for step in counted.steps] == [
        ("trigger", 9, 9),
        ("conditions.0", 9, 7),
        ("conditions.1", 7, 4),
        ("conditions.2", 4, 4),
        ("conditions.2.conditions.0", 4, 0),
    ]
    _, _, cheap, paid = (row.id for row in occurrences())
    assert [step.last_no for step in counted.steps[:3]] == [None, paid, cheap]
    assert (counted.base, counted.base_words, counted.fired, counted.records) == (9, "due times", 4, 2)
    assert [count for _, count in counted.per_day][:7] == [0, 1, 1, 1, 0, 1, 0]
    assert (counted.known_from, counted.unknown, counted.unjudged) == (None, 0, ())


def test_what_is_not_complete_is_left_out_and_limits_are_counted(app: Flask, bloom: Store) -> None:
    place_order(status="confirmed", payment_status="unpaid", now=NOW)
    unfinished = condition("total", "at_least", "")
    counted = _funnel(bloom, _draft(UNPAID, unfinished) | {"caps": {"once_per_record": True}})
    assert (counted.fired, counted.capped, counted.unjudged) == (3, 1, ("conditions.1",))


def test_it_counts_what_would_have_fired(app: Flask, bloom: Store) -> None:
    for n in range(12):
        place_order(str(n), status="confirmed", payment_status="unpaid", total=Decimal(40 + n * 2), now=NOW)
        place_order(str(n), payment_status="paid", now=NOW + n * DAY / 2 + DAY / 4)
    data = _draft(UNPAID, DEAR, IN_THE_WEEK)
    counted = _funnel(bloom, data)
    fired = time_matches(db.session(), bloom, rule_from(0, data), PERIOD, PERIOD.until)
    assert 0 < counted.fired < counted.base
    assert counted.matches.record_ids.tolist() == [moment.record_id for moment in fired]
    assert counted.matches.ids.tolist() == [moment.occurrence_id for moment in fired]


def _draft(*conditions: dict[str, Any]) -> dict[str, Any]:
    schedule = stays("status", "confirmed", 1, **REPEATS)
    trigger = {"key": "stays_in_status", "from": None, "to": None, "schedule": schedule}
    return {"subject": "order", "trigger": trigger, "conditions": list(conditions), "actions": []}


def _funnel(store: Store, data: dict[str, Any]) -> Funnel:
    with time_machine.travel(PERIOD.until, tick=False):
        return funnel(db.session(), store, StoreWords(db.session(), store), data, PERIOD)
