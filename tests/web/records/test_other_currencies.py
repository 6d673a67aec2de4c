"""An order in another currency than its store's, on the pages of managers."""

from __future__ import annotations

from decimal import Decimal

from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.kit.shop import place_order
from tests.web.pages import signed_in, text_of


def test_its_form_takes_amounts_with_the_decimals_of_its_currency(client: FlaskClient) -> None:
    place_order("1", currency="JPY", total=Decimal(5000))
    managers = signed_in(client, "rosa")
    changed = {"status": "unconfirmed", "payment_status": "unpaid", "revision": "1"}
    refused = managers.post("/orders/1", data={**changed, "total": "6000.50"})
    assert "JPY, not “6000.50”" in text_of(refused)
    taken = managers.post("/orders/1", data={**changed, "total": "6000"})
    assert taken.status_code == 303
    db.session.expire_all()
    assert db.session.query(Order.total).scalar() == 6000
    assert "¥6,000" in text_of(managers.get("/orders/1"))
