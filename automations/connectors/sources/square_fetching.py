"""Fetches an order of Square's, with its payments, its customer, and the goods of its lines."""

from __future__ import annotations

from urllib.parse import quote

from automations.connectors.sources.payload import (
    Data,
    NotUnderstood,
    at,
    identity,
    json_object,
    moment,
    objects,
    text,
)
from automations.connectors.sources.shop_api import Asking
from automations.connectors.sources.shop_messages import (
    Fetched,
    NotTaken,
    ShopCustomer,
    ShopRequest,
    ToFetch,
)
from automations.connectors.sources.square_orders import order_of
from automations.connectors.sources.square_payments import buyer_of
from automations.connectors.sources.square_people import customer_parts, recipient_parts

#: So many different goods of one order are looked up.
MOST_GOODS = 60


def fetch(asking: Asking, wanted: ToFetch, request: ShopRequest) -> Fetched:
    """Return the order that a message is about. Raises NotUnderstood, and what `Asking.ask` raises."""
    order_id = wanted.id
    if wanted.kind == "payment":
        payment = _object(asking.ask(f"/v2/payments/{_part(wanted.id)}").data, "payment")
        order_id = identity(payment, "order_id")
        if not order_id:
            return NotTaken("It is a payment that belongs to no order.")
    order = _order(asking, order_id)
    sold = [identity(one, "source_order_id") for one in objects(order, "returns")]
    if any(sold) and not objects(order, "line_items"):
        # What comes back is another order there; the money that was given back stands on the first one.
        order = _order(asking, next(filter(None, sold)))
    if text(order, "state") == "DRAFT":
        return NotTaken("It is a draft, not an order yet.")
    payments = _payments(asking, order, request)
    return order_of(order, payments, _buyer(asking, order, payments), _goods(asking, order))


def _order(asking: Asking, order_id: str) -> Data:
    return _object(asking.ask(f"/v2/orders/{_part(order_id)}").data, "order")


def _payments(asking: Asking, order: Data, request: ShopRequest) -> list[Data]:
    """Return the payments of an order; one that may not be fetched may stand in the message."""
    told = at(json_object(request.body), "data", "object", "payment") or {}
    found: list[Data] = []
    for tender in objects(order, "tenders"):
        payment_id = identity(tender, "payment_id")
        data = asking.ask_if_there(f"/v2/payments/{_part(payment_id)}") if payment_id else None
        payment = at(data, "payment")
        if isinstance(payment, dict):
            found.append(payment)
        elif payment_id and identity(told, "id") == payment_id:
            found.append(told)
    return found


def _buyer(asking: Asking, order: Data, payments: list[Data]) -> ShopCustomer | None:
    customer_id = identity(order, "customer_id") or next(
        filter(None, (identity(payment, "customer_id") for payment in payments)), ""
    )
    data = asking.ask_if_there(f"/v2/customers/{_part(customer_id)}") if customer_id else None
    parts = customer_parts(at(data, "customer"))
    if parts.keys() - {"marketing_consent"}:
        customer = at(data, "customer")
        return ShopCustomer(customer_id, parts, moment(customer, "updated_at"))
    for fulfilment in objects(order, "fulfillments"):
        for details in ("pickup_details", "delivery_details", "shipment_details"):
            parts = recipient_parts(at(fulfilment, details, "recipient"))
            if parts:
                return ShopCustomer(customer_id, parts, moment(order, "updated_at"))
    return next(filter(None, map(buyer_of, payments)), None)


def _goods(asking: Asking, order: Data) -> dict[str, tuple[str, str]]:
    """Return (SKU, category) by the id of what was sold."""
    ids = dict.fromkeys(identity(line, "catalog_object_id") for line in objects(order, "line_items"))
    goods = {}
    for id in [one for one in ids if one][:MOST_GOODS]:
        data = asking.ask_if_there(f"/v2/catalog/object/{_part(id)}?include_related_objects=true")
        goods[id] = (text(data, "object", "item_variation_data", "sku"), _category(data))
    return goods


def _category(data: object) -> str:
    related = objects(data, "related_objects")
    names = {identity(one, "id"): text(one, "category_data", "name") for one in related}
    for item in related:
        kept = at(item, "item_data")
        ids = [identity(kept, "reporting_category", "id"), identity(kept, "category_id")]
        ids += [identity(one, "id") for one in objects(kept, "categories")]
        for id in ids:
            if names.get(id):
                return names[id]
    return ""


def _object(data: object, name: str) -> Data:
    found = at(data, name)
    if not isinstance(found, dict):
        raise NotUnderstood(f"Square’s answer holds no {name}.")
    return found


def _part(id: str) -> str:
    return quote(id, safe="")
