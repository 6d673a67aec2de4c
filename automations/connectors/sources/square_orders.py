"""An order of Square's, as its API returns it: amounts in smallest units, no number that people use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from automations.connectors.sources.payload import (
    Data,
    at,
    identity,
    long_text,
    moment,
    number,
    objects,
    text,
)
from automations.connectors.sources.shop_messages import (
    Attribute,
    ShopCustomer,
    ShopLine,
    ShopOrder,
    ShopParcel,
    Word,
)
from automations.connectors.sources.square_payments import (
    is_taken,
    money,
    payment_word,
    receipts_of,
    refunds_of,
    source_word,
)
from automations.connectors.sources.square_people import delivery_of

_DETAILS = {"PICKUP": "pickup_details", "DELIVERY": "delivery_details", "SHIPMENT": "shipment_details"}
#: What a fulfilment says -> our status; a shipment that is complete is on its way.
_FULFILMENT = {
    "PROPOSED": "unconfirmed",
    "RESERVED": "confirmed",
    "PREPARED": "ready_for_fulfilment",
    "COMPLETED": "fulfilled",
}
#: Statuses of a tender whose money has not come.
_NOT_CAPTURED = frozenset({"AUTHORIZED", "VOIDED", "FAILED"})
#: States of a fulfilment that came to nothing.
_FAILED = frozenset({"CANCELED", "FAILED"})
_POSTAGE = ("ship", "deliver", "postage")


def order_of(
    order: Data,
    payments: Sequence[Data],
    buyer: ShopCustomer | None,
    goods: Mapping[str, tuple[str, str]],
) -> ShopOrder:
    """Return the order; `goods` are (SKU, category) by the id in the catalog."""
    total, refunded = money(order, "total_money"), refunds_of(order, payments)
    paid = _paid(order, payments, total)
    fulfilments = _going(objects(order, "fulfillments"))
    values: dict[str, object] = {
        "placed_at": moment(order, "created_at"),
        "total": total - refunded,
        "amount_paid": max(paid - refunded, Decimal(0)),
        "amount_refunded": refunded,
        "discount": money(order, "total_discount_money"),
        "tax": money(order, "total_tax_money"),
        "shipping": _postage(order),
        "note": _note(fulfilments, payments),
        **_delivery(fulfilments),
    }
    cancelled = text(order, "state") == "CANCELED"
    words = [
        _status(order, fulfilments),
        payment_word(total, paid, refunded, cancelled),
        *_source(order, payments),
    ]
    times = [moment(one, "updated_at") for one in (order, *payments)]
    return ShopOrder(
        identity(order, "id"),
        identity(order, "id"),
        max((at for at in times if at is not None), default=None),
        text(order, "total_money", "currency").upper(),
        values,
        words,
        [_line(line, goods) for line in objects(order, "line_items")],
        [*_days(fulfilments), *receipts_of(payments)],
        buyer,
        version=_version(order),
        parcels=_parcels(fulfilments) if fulfilments else None,
    )


def _version(order: Data) -> int | None:
    """Return the version; an order that was not made by the API has none."""
    counted = number(order, "version")
    return int(counted) if counted is not None else None


def _paid(order: Data, payments: Sequence[Data], total: Decimal) -> Decimal:
    """Return what was paid, before refunds: the total less what is due, and less what is only reserved."""
    due = total if at(order, "net_amount_due_money") is None else money(order, "net_amount_due_money")
    if at(order, "net_amount_due_money") is None and text(order, "state") == "COMPLETED":
        due = Decimal(0)
    reserved = {identity(one, "id"): money(one, "amount_money") for one in payments if not is_taken(one)}
    for tender in objects(order, "tenders"):
        if text(tender, "card_details", "status") in _NOT_CAPTURED:
            reserved[identity(tender, "payment_id") or identity(tender, "id")] = money(tender, "amount_money")
    return max(total - due - sum(reserved.values(), Decimal(0)), Decimal(0))


def _going(fulfilments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the fulfilments that come to something; all of them if none does."""
    return [one for one in fulfilments if text(one, "state") not in _FAILED] or fulfilments


def _status(order: Data, fulfilments: Sequence[Data]) -> Word:
    """Return the status. To be complete means to be paid there, so a fulfilment says more."""
    state = text(order, "state")
    if state == "CANCELED" or not fulfilments:
        key = {"OPEN": "confirmed", "COMPLETED": "fulfilled", "CANCELED": "cancelled"}.get(state)
        return Word("status", state or "no state", (f"status={key}",) if key else ())
    kind, said = text(fulfilments[0], "type"), text(fulfilments[0], "state")
    key = "with_courier" if (kind, said) == ("SHIPMENT", "COMPLETED") else _FULFILMENT.get(said)
    return Word("status", f"{kind} {said}".strip(), (f"status={key}",) if key else ())


def _source(order: Data, payments: Sequence[Data]) -> list[Word]:
    products = [text(payment, "application_details", "square_product") for payment in payments]
    said = next(filter(None, products), "") or text(order, "source", "name")
    return [source_word(said)] if said else []


def _delivery(fulfilments: Sequence[Data]) -> dict[str, object]:
    """Return how, to whom and in which parcels it goes."""
    if not fulfilments:
        return {}
    kind = text(fulfilments[0], "type")
    if kind not in _DETAILS:
        return {}
    details = at(fulfilments[0], _DETAILS[kind])
    parcels = _parcels(fulfilments)
    found: dict[str, object] = {
        "fulfilment_method": "collection" if kind == "PICKUP" else "delivery",
        **delivery_of(at(details, "recipient")),
    }
    if parcels:
        found["tracking_number"] = parcels[-1].tracking_number
    return found


def _parcels(fulfilments: Sequence[Data]) -> list[ShopParcel]:
    details = [at(one, "shipment_details") for one in fulfilments]
    return [
        ShopParcel(text(one, "tracking_number"), text(one, "carrier"))
        for one in details
        if text(one, "tracking_number")
    ]


def _days(fulfilments: Sequence[Data]) -> list[Attribute]:
    """Return the day on which it is collected or delivered, an instant in UTC, as an attribute."""
    for fulfilment in fulfilments:
        for name, path in (
            ("Pickup date", ("pickup_details", "pickup_at")),
            ("Delivery date", ("delivery_details", "deliver_at")),
            ("Shipping date", ("shipment_details", "expected_shipped_at")),
        ):
            written = text(fulfilment, *path)
            if written:
                return [Attribute(name, written)]
    return []


def _note(fulfilments: Sequence[Data], payments: Sequence[Data]) -> str:
    for fulfilment in fulfilments:
        for path in (
            ("pickup_details", "note"),
            ("delivery_details", "note"),
            ("shipment_details", "shipping_note"),
        ):
            if long_text(fulfilment, *path):
                return long_text(fulfilment, *path)
    return next(filter(None, (long_text(payment, "note") for payment in payments)), "")


def _postage(order: Data) -> Decimal:
    charges = [
        money(charge, "total_money") or money(charge, "applied_money")
        for charge in objects(order, "service_charges")
        if any(word in text(charge, "name").lower() for word in _POSTAGE)
    ]
    return sum(charges, Decimal(0))


def _line(line: Data, goods: Mapping[str, tuple[str, str]]) -> ShopLine:
    quantity = number(line, "quantity") or Decimal(0)
    # A gift card is no sale there as long as nobody spends it.
    whole = money(line, "gross_sales_money") or money(line, "base_price_money") * quantity
    # What was added costs, and is in the price: "Posy, Small, Gift wrap".
    added = [text(one, "name") for one in objects(line, "modifiers")]
    name = ", ".join(part for part in (text(line, "name"), text(line, "variation_name"), *added) if part)
    sku, category = goods.get(identity(line, "catalog_object_id"), ("", ""))
    price = whole / quantity if quantity else whole
    return ShopLine(name or "Item", quantity, price, sku, category)
