"""What is worked out about time triggers in the past is what the scan did, over drawn stories of a shop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from automations.engine.rules.rule import rule_from
from automations.features.past.period import Period
from automations.features.past.time_moments import time_matches
from automations.features.scheduling import scan
from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.store import Store
from tests.kit.own_fields import own_field
from tests.kit.past_time import every, stays
from tests.kit.shop import condition, place_customer, place_order, switch_off
from tests.kit.time import at, dues, reached, timed

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
#: A day before the clocks go forward; the stories after it pass the autumn too.
FIRST, APART = at("2027-03-27 06:00"), dt.timedelta(days=31)
LASTS, LOOK = 10 * DAY, 6 * HOUR
AUTOMATIONS = 8
UNPAID = condition("payment_status", "equals", "unpaid")
REPEAT = {"repeat_every": "1", "repeat_unit": "days", "repeat_times": "3"}
SEND = {"late": "send", "late_within": "5", "late_unit": "hours"}


def _automations(visit: str) -> Iterator[tuple[str, dict[str, Any], list[dict[str, Any]], str]]:
    wants = [condition("marketing_consent", "equals", "yes")]
    consent = condition("customer.marketing_consent", "equals", "yes")
    yield "stays_in_status", stays("status", "confirmed", 20, "hours", **REPEAT), [UNPAID], "order"
    yield "stays_in_status", stays("payment_status", "unpaid", 2, "days"), [consent], "order"
    yield "date_reached", reached("delivery_date", "before", 1) | SEND, [UNPAID], "order"
    yield "date_reached", reached("delivery_date", "before", 0, time="01:30"), [], "order"
    yield "date_reached", reached("placed_at", "after", 90, "minutes", None, **REPEAT), [UNPAID], "order"
    yield "date_reached", reached(visit, "after", 1, time=None) | SEND, [consent], "order"
    yield "scheduled", every("day"), [condition("status", "equals", "confirmed"), consent], "order"
    yield "scheduled", every("week", weekday="monday"), wants, "customer"


@dataclass(frozen=True)
class Story:
    """What is told to a shop in a few days, drawn from a number."""

    place: int
    begun: dt.datetime
    rng: Random

    def changes(self) -> Iterator[tuple[dt.datetime, Callable[..., Any]]]:
        """Yield when something is told, and what; no two at once, and nothing when it is due."""
        customer = place_customer(f"C-{self.place}", marketing_consent=True, now=self.begun + SECOND).id
        for _ in range(24):
            at = self.begun + self.rng.randrange(8 * 24 * 60) * MINUTE
            at += dt.timedelta(seconds=17, microseconds=self.rng.randrange(1_000_000))
            if self.rng.random() < 0.2:
                consent = self.rng.random() < 0.5
                yield at, partial(place_customer, f"C-{self.place}", marketing_consent=consent)
            else:
                number = f"{self.place}-{self.rng.randrange(4)}"
                yield at, partial(place_order, number, customer_id=customer, **self._values())

    def _values(self) -> dict[str, Any]:
        drawn = {
            "status": self.rng.choice(["unconfirmed", "confirmed", "confirmed", "picked"]),
            "payment_status": self.rng.choice(["unpaid", "unpaid", "paid"]),
            "delivery_date": self._day(),
            "custom": {"visit": self._day(str)},
        }
        return {name: drawn[name] for name in self.rng.sample(sorted(drawn), self.rng.randint(1, 3))}

    def _day(self, written: Callable[[dt.date], Any] = lambda day: day) -> Any:
        away = self.rng.choice([None, *range(-1, 10)])
        return None if away is None else written(self.begun.date() + away * DAY)


@pytest.mark.slow
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=5, phases=[Phase.generate]
)
@given(seed=st.integers(0, 2**32))
def test_it_finds_what_the_scan_fired(app: Flask, seed: int) -> None:
    place = db.session.query(Automation).count() // AUTOMATIONS
    begun = FIRST + place * APART
    visit = "custom.visit" if place else own_field("Visit", "date")
    ids = [
        timed(f"{place}/{n}", key, schedule, *conditions, subject=subject, now=begun)
        for n, (key, schedule, conditions, subject) in enumerate(_automations(visit))
    ]
    changes = dict(Story(place, begun, Random(seed)).changes())
    for now in sorted({begun + turn * LOOK for turn in range(1, LASTS // LOOK + 1)} | changes.keys()):
        scan.scan(now - SECOND)
        if now in changes:
            changes[now](now=now)
            scan.scan(now + SECOND)
    _same(ids, begun, begun + LASTS)


def _same(ids: Sequence[int], begun: dt.datetime, ended: dt.datetime) -> None:
    db.session.rollback()
    store, fired = db.session.query(Store).filter_by(name="Bloom & Wild St").one(), 0
    for id in ids:
        version = db.session.get_one(Automation, id).active_version
        assert version is not None
        rule = rule_from(0, version.definition)
        found = time_matches(db.session(), store, rule, Period(begun, ended, 10), now=ended)
        assert sorted((moment.record_id, moment.due_at) for moment in found) == sorted(dues(id)), rule
        fired += len(found)
        switch_off(id, ended)
    assert fired
