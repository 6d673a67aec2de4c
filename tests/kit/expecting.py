"""The shop of the tests with an expectation about its confirmations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from automations.features.expectations import expectation_edits
from automations.features.expectations.follow import USUAL
from automations.models.db.base import db, write
from automations.models.tables.expectation import Expectation
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.doing import perform_all
from tests.kit.shop import condition, place_order, publish_automation
from tests.world import NOW

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
PAID = {"key": "payment_status_changed", "from": None, "to": "paid"}
DELIVERY = condition("fulfilment_method", "equals", "delivery")
#: "every paid delivery order gets exactly one email within 10 minutes".
RULE: dict[str, Any] = {"subject": "order", "trigger": PAID, "conditions": [DELIVERY]}


def confirming(name: str = "Confirm", *conditions: dict[str, Any], now: dt.datetime = NOW) -> int:
    """Publish an automation that emails the customer of a paid delivery order; return its id."""
    return publish_automation(name, "payment_status_changed", DELIVERY, *conditions, after="paid", now=now)


def pay(number: str, now: dt.datetime, **values: Any) -> int:
    """Place a delivery order and pay it a moment later; return the id of the record."""
    customer: dict[str, Any] = {"customer_id": 1, "fulfilment_method": "delivery"} | values
    place_order(number, now=now, **customer)
    return place_order(number, now=now + dt.timedelta(seconds=5), payment_status="paid").id


def pay_and_send(number: str, now: dt.datetime, **values: Any) -> int:
    """The same, and the worker does what follows at once."""
    record_id = pay(number, now, **values)
    perform_all(now + dt.timedelta(seconds=10))
    return record_id


def expect_one(now: dt.datetime = NOW, name: str = "", rule: Any = None, **follow: str) -> int:
    """Save an expectation; return its id."""
    values = {"name": name, "rule": rule or RULE, "follow": {**USUAL, **follow}}
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        return expectation_edits.save(session, store, rosa, None, values, 0, now).id


def the_expectation(id: int) -> Expectation:
    """Return it as it is in the database now."""
    db.session.rollback()
    return db.session.get_one(Expectation, id)
