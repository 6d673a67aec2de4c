"""A customer is merged between the moment an order's customer is looked up and the moment it is stored."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from automations.features.merging import customer_merging
from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from automations.pipeline.intake import matching
from tests.features.merging.test_merged_and_parted import merge_two
from tests.kit.shop import place_customer, place_order
from tests.web.api.conftest import till_of
from tests.web.pages import signed_in

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


@pytest.mark.parametrize("address", ["/orders", "/orders/O-1"])
def test_a_form_saved_during_the_merge_names_who_they_are_now(
    app: Flask, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    place_customer("A-1")
    place_customer("B-1", first_name="Bea")
    place_order("O-1")
    rosas, answers = signed_in(app.test_client(), "rosa"), list[TestResponse]()
    merging, sent = threading.Event(), threading.Event()
    real = customer_merging.keep

    def slowly(*given: Any) -> None:
        merging.set()
        sent.wait(LIMIT)
        # The form has begun to save, and waits for the merge.
        time.sleep(0.3)
        real(*given)

    def merge() -> None:
        with app.app_context():
            merge_two("A-1", "B-1")

    monkeypatch.setattr(customer_merging, "keep", slowly)
    db.session.rollback()
    thread = threading.Thread(target=merge)
    thread.start()
    assert merging.wait(LIMIT)
    is_new = address == "/orders"
    form = {
        "status": "unconfirmed",
        "payment_status": "unpaid",
        "customer": "B-1 · Bea",
        "note": "Ring twice.",
    }
    form |= {"customer": "B-1 · Bea"} | ({"number": "O-2"} if is_new else {"revision": "1"})

    def post() -> None:
        sent.set()
        answers.append(rosas.post(address, data=form))

    posting = threading.Thread(target=post)
    posting.start()
    for each in (posting, thread):
        each.join(LIMIT)
    db.session.rollback()
    assert answers[0].status_code == 303, answers[0].text
    order = db.session.query(Order).filter_by(number="O-2" if is_new else "O-1").one()
    assert (order.customer.number, order.note) == ("A-1", "Ring twice.")
