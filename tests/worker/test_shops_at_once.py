"""The worker asks several shops at once: one that hangs delays no other."""

from __future__ import annotations

import threading

from flask import Flask

from automations.connectors.secret_encryption import SecretBox
from automations.models.db.base import db
from automations.models.tables.order import Order
from automations.worker import shops_at_once
from tests.kit import shop_apis
from tests.kit.live import wait_until
from tests.kit.shops import Shop, payload


def test_a_shop_that_hangs_delays_no_other(app: Flask) -> None:
    slow, quick = Shop(app, "square", "Slow"), Shop(app, "square", "Quick")
    let_go = threading.Event()
    with shop_apis.played() as hanging, shop_apis.played() as answering:
        hanging.before = lambda path: "" if let_go.wait(10) else None
        answering.answers = {
            "/v2/orders/CAISENtestOrder0000000000008": payload("square-order-fetched.json"),
        }
        slow.may_ask(hanging.site)
        quick.may_ask(answering.site)
        for one in (slow, quick):
            one.send(payload("square-order-updated.json"))
        with shops_at_once.begin(app, SecretBox([app.config["SECRET_KEY"]]), lambda: True) as once:
            once()
            wait_until(lambda: _orders() == 1)
            assert len(hanging.asked) == 1
            once()
            assert len(hanging.asked) == 1, "one thing at a time of each"
            let_go.set()


def _orders() -> int:
    db.session.rollback()
    return db.session.query(Order).count()
