"""Who receives an order, where, and what the card says go with the customer who is erased."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from automations.features.privacy import complete_erasure
from automations.models.db.base import db
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from tests.web.api.conftest import till_of
from tests.world import NOW

ADDRESS = {"street": "17 Quillfeather Lane\nFlat 2", "city": "Bath", "postcode": "QZ1 7XX"}


def test_the_recipient_the_address_and_the_card_are_erased_everywhere_and_the_rest_stays(
    app: Flask, bloom: Store
) -> None:
    till = till_of(app)
    sent = {
        "number": "1",
        "customer": {"email": "zephyrine@quill.example"},
        "recipient": "Ivo Quillfeather",
        "card_message": "To my Ivo",
        "delivery_address": ADDRESS,
        "parcels": [{"carrier": "DHL", "tracking_number": "D1"}],
    }
    record = till.post("/api/orders", sent).json["record"]
    till.patch(
        "/api/orders/1", {"delivery_address": {"street": "1 New Road"}, "note": "For Ivo Quillfeather"}
    )
    store_id, customer_id = bloom.id, record["customer"]["id"]
    db.session.rollback()
    complete_erasure.erase_completely(store_id, customer_id, NOW, lambda _: None)
    order = db.session.query(Order).one()
    assert (order.recipient, order.card_message, order.note) == ("erased", "erased", "erased")
    assert order.delivery_address == {"street": "erased"}
    assert order.parcels[0]["carrier"] == "DHL"
    kept = db.session.execute(sa.select(Occurrence.snapshot, Occurrence.moment)).all()
    assert not [word for word in ("Ivo", "Quill", "QZ1", "New Road", "my") if word in str(kept)]
    assert till.get("/api/orders/1").json["record"]["number"] == "1"
