"""The same order posted by several clients at once is stored once and fires once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import pytest
import requests
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from tests.kit.live import serving
from tests.kit.set_up import api_key
from tests.kit.shop import publish_automation, runs

CLIENTS, TIMES = 4, 3
ORDER = {"number": "1042", "payment_status": "Paid", "customer": {"email": "new@buyer.example"}}


def post(address: str, secret: str, headers: dict[str, str], order: dict[str, object]) -> int:
    told = {"Authorization": f"Bearer {secret}", **headers}
    return requests.post(f"{address}/api/orders", json=order, headers=told, timeout=60).status_code


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "sale-1042"}], ids=["no key", "one key"])
def test_an_order_posted_concurrently_is_stored_and_fires_once(app: Flask, headers: dict[str, str]) -> None:
    publish_automation("Confirm", "created")
    secret, customers = api_key("till"), db.session.query(Customer).count()
    db.session.rollback()
    with serving(app) as address, ThreadPoolExecutor(CLIENTS) as clients:
        same = (repeat(one, CLIENTS * TIMES) for one in (address, secret, headers, ORDER))
        answers = list(clients.map(post, *same))
    assert set(answers) <= {200, 201}
    assert db.session.query(Order).count() == 1
    assert db.session.query(Customer).count() == customers + 1
    assert Counter(one.trigger for one in db.session.query(Occurrence).filter_by(subject="order")) == {
        "created": 1
    }
    assert len(runs()) == 1


def test_a_webhook_and_a_redirect_describing_the_same_order_create_one_order(app: Flask) -> None:
    publish_automation("Confirm", "created")
    secret = api_key("till")
    words = [ORDER, {**ORDER, "fulfilment_method": "Delivery"}] * TIMES
    db.session.rollback()
    with serving(app) as address, ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(post, repeat(address), repeat(secret), repeat({}), words))
    assert set(answers) <= {200, 201}
    assert db.session.query(Order).one().fulfilment_method == "delivery"
    assert len(runs()) == 1
