"""A real order log is told to the shop day by day; the reminders of then are found, record by record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from automations.features.past.period import Period
from automations.features.past.time_moments import due_moments, time_matches
from automations.features.scheduling import scan
from automations.models.db.base import db
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from tests.kit.order_log import AT_MOST, EVERY, OrderLog
from tests.kit.past_time import stays, time_rule
from tests.kit.shop import condition
from tests.kit.time import dues, timed
from tests.web.api.conftest import till_of

SECOND = dt.timedelta(seconds=1)
FIRST = dt.date(2027, 1, 4)
UNPAID = condition("payment_status", "equals", "unpaid")
REPEATS = {"repeat_every": str(EVERY), "repeat_unit": "days", "repeat_times": str(AT_MOST - 1)}
CONFIRMED = stays("status", "confirmed", EVERY, **REPEATS)
RULE = time_rule("stays_in_status", CONFIRMED, UNPAID)

Reminders = dict[str, list[dt.datetime]]


@pytest.mark.slow
def test_the_reminders_of_two_thousand_orders_are_found_one_by_one(app: Flask, bloom: Store) -> None:
    log = OrderLog.drawn(2000, FIRST, days=456, seed=15)
    _tell(app, log)
    expected = log.reminders()
    assert len(expected) > 500 and max(map(len, expected.values())) == AT_MOST
    found = _found(bloom, log)
    assert {number: len(due) for number, due in found.items()} == {n: len(due) for n, due in expected.items()}
    assert found == expected


@pytest.mark.slow
def test_they_are_those_that_a_live_automation_sent(app: Flask, bloom: Store) -> None:
    log = OrderLog.drawn(60, FIRST, days=130, seed=7)
    begun = log.sent_at[0] - SECOND
    id = timed("Remind", "stays_in_status", CONFIRMED, UNPAID, now=begun)
    _tell(app, log, lambda at: scan.scan(at))
    fired = _by_number((record_id, due_at) for record_id, due_at in dues(id))
    assert fired == _found(bloom, log) == log.reminders()


def _tell(app: Flask, log: OrderLog, scan: Callable[[dt.datetime], object] = lambda at: None) -> None:
    """Send every day through the API, at its time, and scan before and after it."""
    till = till_of(app)
    for at, items in log.by_day():
        scan(at - SECOND)
        if items:
            with time_machine.travel(at, tick=False):
                assert till.post("/api/orders/batch", items).status_code == 200
        scan(at)


def _found(store: Store, log: OrderLog) -> Reminders:
    db.session.rollback()
    period = Period(log.sent_at[0] - SECOND, log.sent_at[-1] + SECOND, None)
    moments = time_matches(db.session(), store, RULE, period, period.until)
    due = due_moments(db.session(), store, RULE, period, period.until)
    assert (due.known_from, due.unknown) == (None, 0)
    assert {moment.at for moment in moments} <= {moment.at for moment in due.moments}
    return _by_number((moment.record_id, moment.at) for moment in moments)


def _by_number(moments: Iterator[tuple[int, dt.datetime]]) -> Reminders:
    numbers = dict(db.session.execute(sa.select(Order.id, Order.number)).all())
    found: Reminders = {}
    for record_id, at in sorted(moments):
        found.setdefault(numbers[record_id], []).append(at)
    return found
