"""All examples at once in a running shop: a real worker, the pages, the till and servers outside."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from automations.models.db.base import db
from automations.models.tables.run import SUCCEEDED
from tests.kit.live import wait_until, working
from tests.kit.pages.by_hand import Action
from tests.seeds.examples import (
    AT_THE_DEPOT,
    BOOK_THE_COURIER,
    CONFIRM_PAID_DELIVERIES,
    CONFIRM_PAID_ORDERS,
    PLAN_AGAIN,
    TAG_IMPORTANT_CUSTOMERS,
    TELL_HEAD_OF_STORE,
    TELL_MANAGERS,
    THANK_BY_SMS,
)
from tests.seeds.store import ANNA, OpenStore

LIMIT = 240.0


@pytest.mark.slow
def test_all_examples_side_by_side(store: OpenStore) -> None:
    store.use_text_gateway()
    store.web.expect_request("/deliveries", method="POST").respond_with_json({"job": "J7"}, status=201)
    store.keep_secret("courier", "token of the courier")
    (request,) = BOOK_THE_COURIER.actions
    here = Action(request.kind, {**request.fields, "URL": store.web.url_for("/deliveries")})
    for one in (
        CONFIRM_PAID_DELIVERIES,
        THANK_BY_SMS,
        AT_THE_DEPOT,
        replace(BOOK_THE_COURIER, actions=[here]),
        PLAN_AGAIN,
        TELL_MANAGERS,
        TELL_HEAD_OF_STORE,
        CONFIRM_PAID_ORDERS,
        TAG_IMPORTANT_CUSTOMERS,
    ):
        store.publish(one)
    with working(store.app):
        store.order(customer=ANNA, fulfilment_method="Delivery", delivery_type="Own van", total="320.00")
        store.order(delivery_type="Courier delivery")
        store.order(delivery_date=(dt.date.today() + dt.timedelta(days=3)).isoformat())
        store.order(payment_status="Paid")
        store.order(delivery_type="Royal Mail", tracking_number="AB123456789GB")
        store.order(delivery_status="At the depot")
        store.event(name="The Larks’ wedding", customer=ANNA)
        store.event(guests=90)
        wait_until(lambda: {run.state for run in store.runs} == {SUCCEEDED} and _confirmed(store), LIMIT)
    db.session.rollback()
    assert [email["Subject"] for email in store.emails] == ["Your order 10482 is confirmed"]
    assert len(store.texts) == 2 and len(store.calls("/deliveries")) == 1
    assert "Plan order 10482" in store.read("/tasks")
    assert "Order 10482 has changed" in store.read("/notifications")
    assert "Tags important" in store.log("C-1", "customers")
    store.ada.goto("/notifications")
    assert "The Larks’ wedding has changed" in store.ada.words


def _confirmed(store: OpenStore) -> bool:
    """Check that changes made by automations triggered automations too."""
    return "Order 10482 Confirmed Paid" in store.log()
