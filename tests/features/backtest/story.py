"""Paid deliveries of a few weeks, with a live automation over £60.00 and a draft over £40.00."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from automations.features.backtest import backtest_reading, backtests
from automations.features.backtest.lines import Teller
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.backtest import Backtest
from automations.models.tables.store import Store
from tests.kit import shop

NOW = dt.datetime.now(dt.UTC).replace(hour=10, minute=0, second=0, microsecond=0)
DAY = dt.timedelta(days=1)
#: Number, total, method, days ago it was paid.
ORDERS = (
    ("1049", "52.80", "delivery", 1),
    ("1045", "41.50", "delivery", 2),
    ("1040", "75.00", "delivery", 3),
    ("1036", "80.00", "delivery", 20),
    ("1031", "20.00", "delivery", 4),
    ("1024", "90.00", "collection", 5),
)
DELIVERY = shop.condition("fulfilment_method", "equals", "delivery")
EMAIL = shop.email_to(subject="Your order #{{ order.number }} is confirmed", message="Hello Anna.")


def over(amount: str) -> dict[str, Any]:
    return shop.condition("total", "greater_than", amount)


def pay_the_orders(customer_id: int) -> None:
    """Place the orders, oldest first, and pay each an hour later."""
    for number, total, method, ago in sorted(ORDERS, key=lambda order: -order[3]):
        values: dict[str, Any] = {"total": Decimal(total), "fulfilment_method": method}
        values["customer_id"] = customer_id
        shop.place_order(number, now=NOW - ago * DAY, **values)
        shop.place_order(number, now=NOW - ago * DAY + dt.timedelta(hours=1), payment_status="paid")


def live_and_draft(*draft: dict[str, Any]) -> int:
    """Publish the automation over £60.00, then give its draft these conditions; return its id."""
    id = shop.publish_automation(
        "Confirm", "payment_status_changed", DELIVERY, over("60"), after="paid", actions=[EMAIL], now=NOW
    )
    with write() as session:
        automation = session.get_one(Automation, id)
        automation.draft = automation.draft | {"conditions": list(draft)}
    return id


def begun(store: Store, automation_id: int, key: str = "90", at_once: int = 10_000) -> Backtest:
    """Begin a backtest; with `at_once` 0 it waits for the worker."""
    session = db.session()
    automation, words = session.get_one(Automation, automation_id), StoreWords(session, store)
    planned = backtests.plan(session, store, words, automation, automation.draft, key, moment(), at_once)
    with write() as writing:
        id = backtests.begin(writing, store, automation, planned, "Rosa Lind", moment()).id
    return session.get_one(Backtest, id)


def moment() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def read(worker: str = "one") -> int:
    """Read all that waits, as the worker does."""
    return backtest_reading.read_all(moment, worker, lambda: True)


def again(backtest_id: int) -> Backtest:
    db.session.rollback()
    return db.session.get_one(Backtest, backtest_id, populate_existing=True)


def teller(store: Store, backtest: Backtest) -> Teller:
    return Teller(db.session(), store, StoreWords(db.session(), store), backtest)


def turns(count: int) -> Callable[[], bool]:
    """Let a worker go on that often: once to take a backtest, then once for each stretch."""
    left = iter([True] * count)
    return lambda: next(left, False)
