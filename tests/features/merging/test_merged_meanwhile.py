"""A customer is merged between the moment an order's customer is looked up and the moment it is stored."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from automations.pipeline.intake import matching
from tests.features.merging.test_merged_and_parted import merge_two
from tests.kit.shop import place_customer
from tests.web.api.conftest import till_of

LIMIT = 20


def test_the_order_belongs_to_who_they_are_now(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    place_customer("A-1")
    place_customer("B-1")
    till, looked_up, goes_on = till_of(app), threading.Event(), threading.Event()
    real = matching.numbers_of

    def slowly(*given: Any) -> list[str]:
        numbers = real(*given)
        if not looked_up.is_set():
            looked_up.set()
            goes_on.wait(LIMIT)
        return numbers

    def merge() -> None:
        with app.app_context():
            merge_two("A-1", "B-1")

    monkeypatch.setattr(matching, "numbers_of", slowly)
    order = {"number": "O-9", "customer": {"number": "B-1"}}
    sending = threading.Thread(target=till.post, args=("/api/orders", order))
    sending.start()
    assert looked_up.wait(LIMIT)
    merging = threading.Thread(target=merge)
    merging.start()
    # SQLite lets nobody else write before the order is stored; Postgres merges now.
    merging.join(0.2 if db.engine.dialect.name == "sqlite" else LIMIT)
    goes_on.set()
    for thread in (sending, merging):
        thread.join(LIMIT)
    db.session.rollback()
    assert [customer.number for customer in db.session.query(Customer)].count("B-1") == 0
    assert db.session.query(Order).filter_by(number="O-9").one().customer.number == "A-1"
