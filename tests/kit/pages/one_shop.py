"""One shop with everything that it may have: a word that waits, a delivery, a record with a conflict."""

from __future__ import annotations

from sqlalchemy.orm import Session

from automations.models.settings import shop_connections
from automations.models.tables.order import Order
from automations.models.tables.people import User
from automations.models.tables.shop_connection import (
    NOT_UNDERSTOOD,
    ShopConnection,
    ShopDelivery,
    ShopRecord,
    ShopWord,
)
from automations.models.tables.shop_fetch import ShopFetch
from automations.models.tables.store import Store
from tests.world import NOW

PAYLOAD = '{"id": null, "status": "on hold", "total": "84.50", "lines": [{"name": "Roses"}]}'


def one_shop(session: Session, store: Store, person: User, number: str) -> dict[str, int]:
    """Add it, inside write(); return the values of URL parts by name."""
    options = dict(shop_connections.OPTIONS)
    shop = ShopConnection(store_id=store.id, kind="shopify", name="Web shop", token="1-t", options=options)
    shop.secret, shop.changed_at, shop.created_at, shop.created_by = "x", NOW, NOW, person.id
    shop.access = "x"
    session.add(shop)
    session.flush()
    of_shop = {"store_id": store.id, "connection_id": shop.id}
    order_id = session.query(Order).filter_by(store_id=store.id, number=number).one().id
    delivery = ShopDelivery(**of_shop, delivery_id="d", body_hash="ff", topic="orders/create", payload="{}")
    delivery.headers, delivery.understood, delivery.received_at, delivery.tried_at = {}, {}, NOW, NOW
    delivery.outcome, delivery.sentence = NOT_UNDERSTOOD, "Square sent an object without an id."
    link = ShopRecord(**of_shop, subject="order", source_id="7", record_id=order_id, said={}, refunds={})
    link.conflicts = {"note": {"theirs": "Theirs", "ours": "Ours", "kept": "theirs", "at": NOW.isoformat()}}
    word = ShopWord(**of_shop, kind="status", said="on hold", is_optional=False, first_at=NOW, last_at=NOW)
    session.add_all([delivery, link, word])
    session.flush()
    fetch = ShopFetch(**of_shop, delivery_id=delivery.id, kind="order", source_id="8", asked=1, tries=0)
    fetch.asked_at = fetch.due_at = NOW
    session.add(fetch)
    mapped_id = _mapped(session, shop)
    return {"shop_id": shop.id, "delivery_id": delivery.id, "link_id": link.id, "mapped_id": mapped_id}


def _mapped(session: Session, beside: ShopConnection) -> int:
    """Add a source whose values are picked, with a delivery that lacks its number; return its id."""
    options = dict(shop_connections.OPTIONS) | {"signature": {"way": "hex", "header": "X-Signature"}}
    options |= {"mapping": {"paths": {"number": ["id"]}}, "mapped_at": NOW.isoformat()}
    of_store = {"store_id": beside.store_id, "created_by": beside.created_by}
    market = ShopConnection(**of_store, kind="other", name="Market", token="1-m", options=options, secret="x")
    market.changed_at = market.created_at = NOW
    session.add(market)
    session.flush()
    delivery = ShopDelivery(store_id=market.store_id, connection_id=market.id, delivery_id="", body_hash="x")
    delivery.topic, delivery.payload, delivery.headers, delivery.understood = "", PAYLOAD, {}, {}
    delivery.received_at = delivery.tried_at = NOW
    delivery.outcome, delivery.sentence = NOT_UNDERSTOOD, "Number: there is nothing at id."
    session.add(delivery)
    return market.id
