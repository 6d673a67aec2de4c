"""An order of BigCommerce's, fetched with its lines, addresses, shipments and refunds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from automations.connectors.sources.bigcommerce_options import chosen_name, typed_in
from automations.connectors.sources.payload import (
    Data,
    NotUnderstood,
    address_parts,
    first_number,
    full_name,
    identity,
    long_text,
    moment,
    number,
    objects,
    text,
    total,
)
from automations.connectors.sources.shop_api import Asking
from automations.connectors.sources.shop_messages import (
    Attribute,
    Fetched,
    NotTaken,
    ShopCustomer,
    ShopLine,
    ShopOrder,
    ShopParcel,
    ShopRequest,
    ToFetch,
    Word,
)

Parts = Sequence[Data]
#: Carts, and orders whose payment has not begun.
_NOT_YET = frozenset({"0", "1"})
_STATUS = {
    "7": "unconfirmed",
    "12": "unconfirmed",
    "11": "confirmed",
    "3": "confirmed",
    "8": "ready_for_fulfilment",
    "9": "ready_for_fulfilment",
    "2": "with_courier",
    "10": "fulfilled",
    "5": "cancelled",
    "6": "cancelled",
}
#: Refunded, partly refunded, disputed: what became of the order itself is known here only.
_ABOUT_MONEY = frozenset({"4", "13", "14"})
_PAYMENT = {
    "authorized": "unpaid",
    "pending": "unpaid",
    "capture pending": "unpaid",
    "held for review": "unpaid",
    "declined": "unpaid",
    "captured": "paid",
    "paid": "paid",
    "void": "void",
    "void pending": "void",
    "refunded": "refunded",
    "partially refunded": "partially_refunded",
}
_HAS_COME = frozenset({"paid", "refunded", "partially_refunded"})
_SOURCES = {"www": "web", "mobile": "web", "pos": "till", "manual": "phone"}
_PICKUP = "8"


def fetch(asking: Asking, wanted: ToFetch, request: ShopRequest) -> Fetched:
    """Return the order that a message names. Raises NotUnderstood, and what `Asking.ask` raises."""
    path = f"/v2/orders/{quote(wanted.id, safe='')}"
    order = asking.ask(path).data
    if not isinstance(order, dict) or not identity(order, "id"):
        raise NotUnderstood("BigCommerce’s answer holds no order.")
    if text(order, "status_id") in _NOT_YET:
        return NotTaken(f"“{text(order, 'status') or 'Incomplete'}” is a cart, not an order yet.")
    lines = _list(asking.ask(f"{path}/products").data)
    addresses = _list(asking.ask_if_there(f"{path}/shipping_addresses"))
    shipments = _list(asking.ask_if_there(f"{path}/shipments"))
    refunds = asking.ask_if_there(f"/v3/orders/{quote(wanted.id, safe='')}/payment_actions/refunds")
    return order_of(order, lines, addresses, shipments, objects(refunds, "data"))


def order_of(order: Data, lines: Parts, addresses: Parts, shipments: Parts, refunds: Parts) -> ShopOrder:
    """Return the order. What it says itself of refunds is always nothing."""
    given_back = total([number(one, "total_amount") for one in refunds])
    now_total = (number(order, "total_inc_tax") or Decimal(0)) - given_back
    said = text(order, "payment_status").lower()
    payment = _PAYMENT.get(said, "")
    values: dict[str, object] = {
        "placed_at": _moment(order, "date_created"),
        "total": now_total,
        "amount_refunded": given_back,
        "shipping": number(order, "shipping_cost_inc_tax") or Decimal(0),
        "discount": total([number(order, "discount_amount"), number(order, "coupon_discount")]),
        "tax": number(order, "total_tax") or Decimal(0),
        "note": long_text(order, "customer_message"),
        **_delivery(order, addresses),
    }
    if said:
        values["amount_paid"] = now_total if payment in _HAS_COME else Decimal(0)
    parcels = [
        ShopParcel(text(one, "tracking_number"), text(one, "tracking_carrier"))
        for one in shipments
        if text(one, "tracking_number")
    ]
    if parcels:
        values["tracking_number"] = parcels[-1].tracking_number
    return ShopOrder(
        identity(order, "id"),
        identity(order, "id"),
        _moment(order, "date_modified"),
        (text(order, "default_currency_code") or text(order, "currency_code")).upper(),
        values,
        _words(order, addresses, said, payment),
        _lines(lines),
        [*_days(lines), *(said for line in lines for said in typed_in(line))],
        _buyer(order),
        {identity(one, "id"): number(one, "total_amount") or Decimal(0) for one in refunds},
        parcels=parcels,
    )


def _words(order: Data, addresses: Parts, said: str, payment: str) -> list[Word]:
    status = text(order, "status_id")
    key = _STATUS.get(status)
    label = text(order, "status") or status
    words = [Word("status", label, (f"status={key}",) if key else (), is_optional=status in _ABOUT_MONEY)]
    if said:
        words.append(Word("payment_status", said, (f"payment_status={payment}",) if payment else ()))
    title = text(addresses[0], "shipping_method") if addresses else ""
    if title:
        words.append(Word("shipping", title, by_beginning=True))
    source = text(order, "order_source")
    if source:
        words.append(Word("source", source, (f"source={_SOURCES.get(source, 'api')}",), is_optional=True))
    return words


def _delivery(order: Data, addresses: Parts) -> dict[str, object]:
    if not addresses:
        return {"fulfilment_method": "collection"} if text(order, "status_id") == _PICKUP else {}
    where = address_parts(addresses[0], ("street_1", "street_2"), "state", "zip")
    return {
        "fulfilment_method": "delivery",
        "recipient": full_name(addresses[0]),
        "delivery_address": where or None,
    }


def _lines(lines: Parts) -> list[ShopLine]:
    """Return what is left of each line: one that was taken out stays there with the quantity 0."""
    counted = []
    for line in lines:
        ordered = number(line, "quantity") or Decimal(0)
        counted.append((line, ordered, ordered - (number(line, "quantity_refunded") or Decimal(0))))
    some_left = any(left > 0 for _, _, left in counted)
    return [
        ShopLine(
            chosen_name(line),
            left if some_left else ordered,
            first_number(line, "price_inc_tax", "base_price") or Decimal(0),
            text(line, "sku"),
        )
        for line, ordered, left in counted
        if (left if some_left else ordered) > 0
    ]


def _days(lines: Parts) -> list[Attribute]:
    days = [_moment(line, "event_date") for line in lines]
    return [Attribute("Delivery date", day.date().isoformat()) for day in days if day is not None][:1]


def _buyer(order: Data) -> ShopCustomer | None:
    billing = order.get("billing_address")
    said = {
        "email": text(billing, "email", longest=254),
        "first_name": text(billing, "first_name"),
        "last_name": text(billing, "last_name"),
        "phone": text(billing, "phone", longest=50),
    }
    parts: dict[str, str | bool] = {name: value for name, value in said.items() if value}
    if not parts:
        return None
    if order.get("is_email_opt_in") is True:
        parts["marketing_consent"] = True
    guest = text(order, "customer_id") in ("", "0")
    return ShopCustomer("" if guest else text(order, "customer_id"), parts, _moment(order, "date_modified"))


def _moment(data: Data, name: str) -> dt.datetime | None:
    """Return an instant that is written as in emails, "Sat, 21 Nov 2026 14:19:40 +0000", or by ISO 8601."""
    try:
        written = parsedate_to_datetime(text(data, name))
    except (TypeError, ValueError):
        return moment(data, name)
    return written.astimezone(dt.UTC) if written.tzinfo else written.replace(tzinfo=dt.UTC)


def _list(data: Any) -> list[Data]:
    return [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []
