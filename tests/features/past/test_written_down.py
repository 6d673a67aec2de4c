"""A field of the store's own that was added later is named, with the day of its first value."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from automations.features.past.funnel import funnel
from automations.features.past.period import Period
from automations.features.past.written_down import WrittenSince
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from tests.kit.own_fields import own_field
from tests.kit.past_time import every
from tests.kit.shop import condition, place_order
from tests.world import NOW

DAY = dt.timedelta(days=1)
PERIOD = Period(NOW, NOW + 20 * DAY, 20)
CREATED = {"key": "created", "from": None, "to": None}
DAILY = {"key": "scheduled", "from": None, "to": None, "schedule": every("day")}


@pytest.fixture
def card(bloom: Store) -> str:
    """A field that is written down on the orders from the tenth day on, after ten without it."""
    key = own_field("Gift card")
    for day in range(20):
        custom = {"custom": {key.removeprefix("custom."): "yes"}} if day >= 10 else {}
        place_order(str(day), now=NOW + day * DAY, **custom)
    return key


def unwritten(store: Store, trigger: dict[str, Any], *conditions: dict[str, Any]) -> tuple[WrittenSince, ...]:
    data = {"subject": "order", "trigger": trigger, "conditions": list(conditions), "actions": []}
    with time_machine.travel(PERIOD.until, tick=False):
        return funnel(db.session(), store, StoreWords(db.session(), store), data, PERIOD).unwritten


@pytest.mark.parametrize("trigger", [CREATED, DAILY], ids=["recorded", "due"])
def test_it_is_named_with_the_day_of_its_first_value(
    bloom: Store, card: str, trigger: dict[str, Any]
) -> None:
    asks = condition(card, "equals", "yes")
    expected = (WrittenSince("Gift card", NOW + 10 * DAY),)
    assert unwritten(bloom, trigger, asks) == expected
    assert unwritten(bloom, trigger, {"match": "any", "conditions": [asks]}) == expected
    assert unwritten(bloom, trigger, condition("status", "is_not_empty")) == ()


def test_one_that_nothing_has_is_named_too(bloom: Store, card: str) -> None:
    ribbon = own_field("Ribbon")
    assert unwritten(bloom, CREATED, condition(ribbon, "is_empty")) == (WrittenSince("Ribbon", None),)


def test_one_that_is_seldom_filled_in_is_not_doubted(bloom: Store, card: str) -> None:
    """One order in ten has it, so that none of the first three has it says nothing."""
    ribbon = own_field("Ribbon")
    key = ribbon.removeprefix("custom.")
    for day in (3, 13):
        place_order(f"with-{day}", now=NOW + day * DAY, custom={key: "red"})
    assert unwritten(bloom, CREATED, condition(ribbon, "equals", "red")) == ()
