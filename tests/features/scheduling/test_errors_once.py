"""A schedule that cannot be evaluated on a record says so once for each reason, and hides nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from automations.features.history import record_log
from automations.features.history.why_not import why_not
from automations.features.scheduling import recurring
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.store import Store
from tests.kit.shop import condition, place_order
from tests.kit.time import at, dues, publish_schedule, scan_through, timed
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
DAY = dt.timedelta(days=1)
DAILY = {"every": "day", "weekday": None, "day": None, "time": "08:00"}
OVER = condition("total", "greater_than", "40")
TOTAL = "Total can’t be compared: the order is in USD, the automation’s amounts are in GBP."


def errors() -> list[str | None]:
    db.session.rollback()
    return [one.error for one in db.session.query(Evaluation).filter_by(outcome="error").order_by("id")]


def dollars(number: str = "1", now: dt.datetime = NOW, **values: object) -> int:
    return place_order(number, currency="USD", total=Decimal("86.50"), now=now, **values).id


def test_an_order_in_another_currency_is_one_error_however_many_days_pass(bloom: Store) -> None:
    id = timed("Daily", "scheduled", DAILY, OVER)
    order, other = dollars("1"), dollars("2")
    scan_through(NOW, NOW + 9 * DAY, DAY / 2)
    assert errors() == [TOTAL, TOTAL]
    assert dues(id) == [(order, at("2026-11-23 08:00")), (other, at("2026-11-23 08:00"))]
    # The record's log says it and that it is said once; asked about the last day, that day is answered.
    words = StoreWords(db.session(), bloom)
    page = record_log.log_for_record(db.session(), bloom, words, "order", order)
    (verdict,) = [line for entry in page.entries for line in entry.verdicts if line.error]
    assert verdict.error == TOTAL and verdict.is_told_once
    daily = db.session.get_one(Automation, id)
    answer = why_not(db.session(), bloom, words, "order", order, "Order 1", daily)
    assert answer.sentence.endswith(f"could not be checked when it was due, {{since}}: {TOTAL}")
    assert answer.since == at("2026-12-01 08:00")


def test_a_new_order_and_another_reason_are_said_too() -> None:
    timed("Daily", "scheduled", DAILY, OVER)
    dollars("1")
    scan_through(NOW, NOW + 2 * DAY, DAY / 2)
    dollars("2", now=NOW + 2 * DAY)
    place_order("1", currency="EUR", now=NOW + 2 * DAY)
    scan_through(NOW + 2 * DAY, NOW + 5 * DAY, DAY / 2)
    assert errors() == [TOTAL, TOTAL.replace("USD", "EUR"), TOTAL]


def test_a_new_version_says_it_again() -> None:
    id = timed("Daily", "scheduled", DAILY, OVER)
    dollars()
    scan_through(NOW, NOW + 3 * DAY, DAY / 2)
    publish_schedule(id, {**DAILY, "time": "10:00"}, NOW + 3 * DAY)
    scan_through(NOW + 3 * DAY, NOW + 6 * DAY, DAY / 2)
    assert errors() == [TOTAL, TOTAL]


def test_what_fires_fires_each_day_beside_it_also_after_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recurring, "PAGE", 2)
    id = timed("Daily", "scheduled", DAILY, OVER)
    foreign, *others = dollars("1"), *(place_order(str(n), total=Decimal(50)).id for n in range(2, 5))
    scan_through(NOW, NOW + 3 * DAY, DAY / 2)
    assert errors() == [TOTAL]
    days = [at(f"2026-11-{day} 08:00") for day in (23, 24, 25)]
    fired = [(one, day) for day in days for one in others]
    assert dues(id) == [(foreign, days[0]), *fired]


def test_once_the_order_can_be_compared_it_fires() -> None:
    id = timed("Daily", "scheduled", DAILY, OVER)
    order = dollars()
    scan_through(NOW, NOW + 2 * DAY, DAY / 2)
    place_order("1", currency="GBP", total=Decimal("86.50"), now=NOW + 2 * DAY)
    scan_through(NOW + 2 * DAY, NOW + 3 * DAY, DAY / 2)
    assert dues(id) == [(order, at("2026-11-23 08:00")), (order, at("2026-11-25 08:00"))]
