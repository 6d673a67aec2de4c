"""What a shop sent, and the one order that came of it."""

from __future__ import annotations

import copy
from typing import Any

from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.kit.shops import Shop, differences, payload, stored

Json = dict[str, Any]


def order() -> Order:
    """Return the only order there is, as it is now."""
    db.session.expire_all()
    return db.session.query(Order).one()


def wrong(client: FlaskClient, expected: Json) -> Json:
    """Return what of the only order, as the API shows it, is not as expected."""
    return differences(stored(client, order().number), expected)


def pounds(pence: int) -> Json:
    """Return an amount as Square writes it."""
    return {"amount": pence, "currency": "GBP"}


def sent(shop: Shop, data: Any, outcome: str = "taken", topic: str = "", delivery: str = "") -> str:
    """Send a payload, which is answered with 200 and has this outcome; return the sentence about it."""
    answer = shop.send(data, topic or TOPICS.get(shop.kind, ""), delivery)
    said: Json = answer.json or {}
    assert (answer.status_code, said.get("outcome")) == (200, outcome), answer.text
    return str(said["detail"])


def paid(**changes: Any) -> Json:
    """Return a paid order of Shopify's, changed at its top."""
    return {**copy.deepcopy(payload("shopify-order-paid.json")), **changes}


def processing(**changes: Any) -> Json:
    """Return an order of WooCommerce's that is processing, changed at its top."""
    return {**copy.deepcopy(payload("woocommerce-processing.json")), **changes}


#: What an order is sent about if a test does not say.
TOPICS = {"shopify": "orders/updated", "woocommerce": "order.updated"}
