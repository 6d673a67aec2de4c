"""A time trigger backtested: what was due by each of two rules, and what was true then."""

from __future__ import annotations

import datetime as dt
from typing import Any

from automations.engine.rules.rule import rule_from
from automations.features.authoring import publish
from automations.features.backtest import backtests
from automations.features.backtest.lines import Line
from automations.features.past.firings import would_have_fired
from automations.features.past.period import period_of
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.backtest import Backtest
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.features.backtest import story
from tests.kit import shop
from tests.kit.past_time import stays

UNPAID = shop.condition("payment_status", "equals", "unpaid")
REMIND = shop.email_to(subject="Please pay")


def remind(days: int, *conditions: dict[str, Any], then_draft: int = 0) -> int:
    """Return an automation that reminds after so many days in Confirmed; live, if its draft differs."""
    id = shop.draft_automation("Remind", "stays_in_status", *conditions, actions=[REMIND])
    with write() as session:
        automation = session.get_one(Automation, id)
        trigger = {"key": "stays_in_status", "from": None, "to": None}
        automation.draft = automation.draft | {"trigger": trigger | {"schedule": _schedule(days)}}
        if then_draft:
            rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
            publish.publish(session, automation, rosa, story.moment())
            trigger |= {"schedule": _schedule(then_draft)}
            automation.draft = automation.draft | {"trigger": trigger}
    return id


def _schedule(days: int) -> dict[str, Any]:
    return stays(
        "status", "confirmed", days, "days", repeat_every=str(days), repeat_unit="days", repeat_times="2"
    )


def confirmed(number: str, days_ago: int, paid_after: int = 0) -> None:
    begun = story.NOW - days_ago * story.DAY
    customer = shop.place_customer("C-9", first_name="Bram", email="bram@mail.example", now=begun)
    shop.place_order(number, now=begun, customer_id=customer.id, payment_status="unpaid", status="confirmed")
    if paid_after:
        shop.place_order(number, now=begun + paid_after * story.DAY, payment_status="paid")


def found(store: Store, backtest: Backtest, fate: str) -> list[tuple[str, int, Line]]:
    """Return the rows as number and days since the order was confirmed."""
    firings = backtests.firings(db.session(), backtest, fate, 0, 100)
    lines = story.teller(store, backtest).lines(fate, firings)
    return [(line.record_number, round((story.NOW - line.firing.at) / story.DAY), line) for line in lines]


def test_each_due_moment_is_judged_by_what_was_true_then(bloom: Store) -> None:
    confirmed("1", days_ago=50)
    confirmed("2", days_ago=50, paid_after=30)
    confirmed("3", days_ago=10)
    backtest = story.begun(bloom, remind(20, UNPAID))
    # Order 1 was reminded after 20 and 40 days, order 2 only after 20: then it was paid.
    rows = found(bloom, backtest, "gained")
    assert sorted((number, ago) for number, ago, _ in rows) == [("1", 10), ("1", 30), ("2", 30)]
    text = rows[0][2].text
    assert text == "Bram would have got it: payment status is Unpaid."
    assert rows[0][2].also == "Email to bram@mail.example"


def test_two_schedules_meet_where_both_are_due(bloom: Store) -> None:
    confirmed("1", days_ago=50)
    backtest = story.begun(bloom, remind(20, UNPAID, then_draft=10))
    assert {fate: backtests.count_of(backtest, fate) for fate in ("gained", "lost", "same")} == {
        "gained": 2,
        "lost": 1,
        "same": 1,
    }
    (gained, *_) = found(bloom, backtest, "gained")
    assert gained[2].text.endswith("version 1 was not due then.")
    (lost,) = found(bloom, backtest, "lost")
    assert lost[2].text.endswith("the draft would not have been due then.")


def test_the_worker_finds_the_same_in_strides(bloom: Store) -> None:
    for number in range(5):
        confirmed(str(number), days_ago=15 * (number + 1), paid_after=25 * (number % 2))
    id = remind(7, UNPAID, then_draft=14)
    at_once, later = story.begun(bloom, id), story.begun(bloom, id, at_once=-1)
    assert story.read() == 1
    later = story.again(later.id)
    for fate in ("gained", "lost", "same"):
        one, other = (backtests.firings(db.session(), each, fate, 0, 100) for each in (at_once, later))
        assert sorted(one, key=repr) == sorted(other, key=repr)
        assert one == sorted(one, key=lambda firing: firing.at, reverse=True)


def test_where_history_is_missing_the_page_says_since_when_it_knows(bloom: Store) -> None:
    confirmed("1", days_ago=80)
    with write() as session:
        store = session.get_one(Store, bloom.id)
        store.retention = {"nothing": 31, "unsent": 31, "sent": 31}
        store.created_at = story.NOW - 200 * story.DAY
    with write() as session:
        session.execute(db.text("DELETE FROM occurrence"))
    shop.place_order("1", now=story.NOW - story.DAY, note="Ring twice")
    backtest = story.begun(bloom, remind(20, UNPAID), key="90")
    assert backtest.figures["unknown"] == 1
    assert dt.datetime.fromisoformat(backtest.figures["known_from"]) > story.NOW - 32 * story.DAY


def test_firings_are_in_order_and_of_this_store_only(bloom: Store) -> None:
    confirmed("1", days_ago=50)
    thorn = db.session.query(Store).filter_by(name="Thorn & Co").one()
    data = db.session.get_one(Automation, remind(20)).draft
    period = period_of("90", bloom, story.moment())
    ours = would_have_fired(db.session(), bloom, rule_from(0, data), period)
    assert len(ours) == 2 and ours == sorted(ours, key=lambda firing: firing.at)
    assert would_have_fired(db.session(), thorn, rule_from(0, data), period) == []
