"""An order of WooCommerce's (REST API version 3), as its webhooks send it."""

from __future__ import annotations

import html
import json
from decimal import Decimal
from typing import Any

from automations.connectors.sources.payload import (
    Data,
    address_parts,
    full_name,
    identity,
    long_text,
    moment,
    number,
    objects,
    text,
    total,
)
from automations.connectors.sources.shop_messages import (
    Attribute,
    ShopCustomer,
    ShopLine,
    ShopOrder,
    ShopParcel,
    Word,
)
from automations.engine.fields.written_amounts import rounded_half_up

#: How the names of what WooCommerce and WordPress keep for themselves begin.
_INTERNAL = ("_wc_", "_wp_")
_COLLECTED = frozenset({"local_pickup", "pickup_location"})
#: The statuses of plugins for orders of which a deposit was paid: the date of payment is that of the deposit.
_DEPOSIT = ("partial-payment", "partially-paid")
_DEPOSIT_AMOUNT = "_wc_deposits_deposit_amount"
#: WooCommerce's status -> ours. “processing” is not paid: cash on delivery is processing too.
_STATUS = {
    "pending": "unconfirmed",
    "on-hold": "unconfirmed",
    "failed": "unconfirmed",
    "processing": "confirmed",
    "ready-for-pickup": "ready_for_fulfilment",
    "completed": "fulfilled",
    "cancelled": "cancelled",
    **dict.fromkeys(_DEPOSIT, "confirmed"),
}
_PAYMENT = {
    "deposit paid": "partially_paid",
    "not paid": "unpaid",
    "paid": "paid",
    "never paid": "void",
    "refunded": "refunded",
    "partly refunded": "partially_refunded",
}
_SOURCES = {"checkout": "web", "store-api": "web", "admin": "phone", "pos-rest-api": "till"}


def order_of(data: Data) -> ShopOrder:
    """Return the order in a payload."""
    status, currency = text(data, "status").removeprefix("wc-"), text(data, "currency").upper()
    # Refunds are negative, and the total never changes by them.
    now_total = (number(data, "total") or Decimal(0)) + total(
        [number(refund, "total") for refund in objects(data, "refunds")]
    )
    paid = bool(data.get("date_paid_gmt"))
    values: dict[str, object] = {
        "placed_at": moment(data, "date_created_gmt"),
        "total": now_total,
        "amount_paid": _amount_paid(data, status, now_total, paid),
        "note": long_text(data, "customer_note"),
        **_beside(data),
        **_delivery(data.get("shipping")),
    }
    parcels = _parcels(data)
    if parcels:
        values["tracking_number"] = parcels[-1].tracking_number
    shipping = objects(data, "shipping_lines")
    if shipping:
        collected = _is_collected(shipping[0])
        values["fulfilment_method"] = "collection" if collected else "delivery"
    return ShopOrder(
        identity(data, "id"),
        text(data, "number") or identity(data, "id"),
        moment(data, "date_modified_gmt"),
        currency,
        values,
        _words(data, status, now_total, paid),
        _lines(data, currency),
        _attributes(data),
        _buyer(data),
        {
            identity(refund, "id"): -(number(refund, "total") or Decimal(0))
            for refund in objects(data, "refunds")
        },
        parcels=parcels,
    )


def _is_collected(way: Data) -> bool:
    """Whether a way of delivery is none; older shops write its place in the settings behind it."""
    return text(way, "method_id").partition(":")[0] in _COLLECTED


def _amount_paid(data: Data, status: str, now_total: Decimal, paid: bool) -> Decimal | None:
    """Return what was paid; None of a deposit whose amount is not said."""
    if status in _DEPOSIT:
        said = [item for item in objects(data, "meta_data") if text(item, "key") == _DEPOSIT_AMOUNT]
        return number(said[0], "value") if said else None
    return now_total if paid else Decimal(0)


def _beside(data: Data) -> dict[str, object]:
    """Return what is charged beside the items, with tax where the shop's prices have it, and the refunds."""
    with_tax = data.get("prices_include_tax") is True
    postage, discount = (
        total([number(data, f"{name}_total"), number(data, f"{name}_tax") if with_tax else None])
        for name in ("shipping", "discount")
    )
    given_back = [-(number(refund, "total") or Decimal(0)) for refund in objects(data, "refunds")]
    tax = number(data, "total_tax") or Decimal(0)
    return {"shipping": postage, "discount": discount, "tax": tax, "amount_refunded": total(given_back)}


def _delivery(address: object) -> dict[str, object]:
    """Return who receives the order, and where; WooCommerce sends an empty address for a collection."""
    if not isinstance(address, dict) or not (text(address, "address_1") or text(address, "city")):
        return {}
    where = address_parts(address, ("address_1", "address_2"), "state", "postcode")
    return {"recipient": full_name(address), "delivery_address": where}


def customer_parts(data: object) -> dict[str, str | bool]:
    """Return what a customer's object says about them; WooCommerce itself knows of no consent."""
    billing = data.get("billing") if isinstance(data, dict) else None
    said = {
        "email": text(data, "email", longest=254) or text(billing, "email", longest=254),
        "first_name": text(data, "first_name") or text(billing, "first_name"),
        "last_name": text(data, "last_name") or text(billing, "last_name"),
        "phone": text(billing, "phone", longest=50),
    }
    return {name: value for name, value in said.items() if value}


def _buyer(data: Data) -> ShopCustomer | None:
    parts = customer_parts({"billing": data.get("billing")})
    if not parts:
        return None
    guest = text(data, "customer_id") in ("", "0")
    return ShopCustomer("" if guest else text(data, "customer_id"), parts, moment(data, "date_modified_gmt"))


def _words(data: Data, status: str, now_total: Decimal, paid: bool) -> list[Word]:
    ours = (f"status={_STATUS[status]}",) if status in _STATUS else ()
    # “refunded” takes the place of the status there; what became of the order is known here only.
    when_new = ("status=cancelled",) if status == "refunded" else ()
    words = [Word("status", status, ours, when_new, is_optional=status == "refunded")]
    payment = _payment(data, status, now_total, paid)
    words.append(Word("payment_status", payment, (f"payment_status={_PAYMENT[payment]}",)))
    shipping = objects(data, "shipping_lines")
    title = html.unescape(text(shipping[0], "method_title")) if shipping else ""
    if title:
        collected = _is_collected(shipping[0])
        words.append(Word("shipping", title, by_beginning=True, is_optional=collected))
    via = text(data, "created_via")
    if via:
        words.append(Word("source", via, (f"source={_SOURCES.get(via, 'api')}",), is_optional=True))
    return words


def _payment(data: Data, status: str, now_total: Decimal, paid: bool) -> str:
    refunds = objects(data, "refunds")
    if status in _DEPOSIT and not refunds:
        return "deposit paid"
    if status == "refunded" or (refunds and now_total <= 0):
        return "refunded"
    if refunds:
        return "partly refunded"
    if paid:
        return "paid"
    return "never paid" if status == "cancelled" else "not paid"


def _lines(data: Data, currency: str) -> list[ShopLine]:
    return [
        ShopLine(
            html.unescape(text(line, "name")) or "Item",
            number(line, "quantity") or Decimal(0),
            _unit_price(line, currency, data.get("prices_include_tax") is True),
            text(line, "sku"),
        )
        for line in objects(data, "line_items")
    ]


def _unit_price(line: Data, currency: str, with_tax: bool) -> Decimal:
    """Return the shop's own price before discounts; “price” is a float after them, and without tax."""
    quantity = number(line, "quantity") or Decimal(0)
    whole = (number(line, "subtotal") or Decimal(0)) + (
        (number(line, "subtotal_tax") or Decimal(0)) if with_tax else Decimal(0)
    )
    return rounded_half_up(whole / quantity if quantity else whole, currency)


def _attributes(data: Data) -> list[Attribute]:
    return [
        Attribute(
            text(item, "key"), _written(item.get("value")), text(item, "key").startswith(("_wc_", "_wp_"))
        )
        for item in objects(data, "meta_data")
        if text(item, "key")
    ]


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()[:10_000]
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)[:10_000]


def _parcels(data: Data) -> list[ShopParcel] | None:
    """Return the parcels that a common plugin wrote; None without it."""
    written = [
        item for item in objects(data, "meta_data") if text(item, "key") == "_wc_shipment_tracking_items"
    ]
    parcels = [parcel for item in written for parcel in objects(item, "value")]
    found = [
        ShopParcel(
            text(parcel, "tracking_number"),
            text(parcel, "tracking_provider") or text(parcel, "custom_tracking_provider"),
        )
        for parcel in parcels
        if text(parcel, "tracking_number")
    ]
    return found if written else None
