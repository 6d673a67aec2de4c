"""A sale of Lightspeed Retail's as an order; what comes back has quantities below zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import parse_qs, quote

from automations.connectors.sources.payload import (
    Data,
    at,
    identity,
    json_object,
    long_text,
    moment,
    number,
    objects,
    text,
    total,
)
from automations.connectors.sources.shop_api import Asking
from automations.connectors.sources.shop_messages import (
    Fetched,
    ShopCustomer,
    ShopLine,
    ShopOrder,
    ShopRequest,
    ToFetch,
    Word,
)

_STATUS = {
    "OPEN": "unconfirmed",
    "SAVED": "unconfirmed",
    "LAYBY": "confirmed",
    "ONACCOUNT": "fulfilled",
    "CLOSED": "fulfilled",
    "LAYBY_CLOSED": "fulfilled",
    "ONACCOUNT_CLOSED": "fulfilled",
    "VOIDED": "cancelled",
}
MOST_GOODS = 60


def is_sale(data: Data) -> bool:
    """Whether it is a sale."""
    return "register_sale_products" in data or "line_items" in data


def names_are_missing(data: Data) -> bool:
    """Whether lines have ids of products alone."""
    return any(not text(line, "name") and identity(line, "product_id") for line in _lines(data))


def fetch(asking: Asking, wanted: ToFetch, request: ShopRequest) -> Fetched:
    """Return the sale of the message with the names of what was sold. Raises what `Asking.ask` raises."""
    form = parse_qs(request.body.decode("utf-8", "replace"))
    data = json_object(form.get("payload", ["{}"])[0].encode())
    ids = dict.fromkeys(identity(line, "product_id") for line in _lines(data))
    goods = {}
    for id in [one for one in ids if one][:MOST_GOODS]:
        found = at(asking.ask_if_there(f"/api/2.0/products/{quote(id, safe='')}"), "data")
        if isinstance(found, dict):
            goods[id] = found
    return order_of(data, goods)


def order_of(data: Data, goods: Mapping[str, Data] | None = None) -> ShopOrder:
    """Return the sale as an order; `goods` are products by their id."""
    # The price of a sale is without its tax.
    whole = total([number(data, "total_price"), number(data, "total_tax")])
    payments = objects(data, "register_sale_payments") or objects(data, "payments")
    paid = total([number(payment, "amount") for payment in payments])
    status = text(data, "status").upper()
    values: dict[str, object] = {
        "placed_at": _moment(data, "sale_date") or _moment(data, "created_at"),
        "total": whole,
        "amount_paid": paid,
        "tax": number(data, "total_tax") or Decimal(0),
        "note": long_text(data, "note"),
    }
    counted = number(data, "version")
    key = _STATUS.get(status)
    return ShopOrder(
        identity(data, "id"),
        text(data, "invoice_number") or identity(data, "id"),
        _moment(data, "updated_at"),
        "",
        values,
        [
            Word("status", status or "no status", (f"status={key}",) if key else ()),
            _payment(whole, paid, status),
            Word("source", "register", ("source=till",), is_optional=True),
        ],
        [_line(line, goods or {}) for line in _lines(data)],
        customer=_buyer(data),
        version=int(counted) if counted is not None else None,
    )


def customer_of(data: Data) -> ShopCustomer | None:
    """Return a customer; None if it says of nobody."""
    said = {
        "email": text(data, "email", longest=254),
        "first_name": text(data, "first_name"),
        "last_name": text(data, "last_name"),
        "phone": text(data, "mobile", longest=50) or text(data, "phone", longest=50),
    }
    parts: dict[str, str | bool] = {name: value for name, value in said.items() if value}
    if not parts:
        return None
    if data.get("do_not_email") is True:
        parts["marketing_consent"] = False
    times = (_moment(data, "updated_at"), _moment(data, "created_at"))
    return ShopCustomer(identity(data, "id"), parts, *times)


def _buyer(data: Data) -> ShopCustomer | None:
    customer = data.get("customer")
    return customer_of(customer) if isinstance(customer, dict) else None


def _payment(whole: Decimal, paid: Decimal, status: str) -> Word:
    if status == "VOIDED":
        said, key = "voided", "void"
    elif paid >= whole:
        said, key = "paid", "paid"
    else:
        said, key = ("partly paid", "partially_paid") if paid > 0 else ("not paid", "unpaid")
    return Word("payment_status", said, (f"payment_status={key}",))


def _lines(data: Data) -> list[Data]:
    return [*(objects(data, "register_sale_products") or objects(data, "line_items"))]


def _line(line: Data, goods: Mapping[str, Data]) -> ShopLine:
    product = goods.get(identity(line, "product_id"), {})
    price = total([number(line, "price"), number(line, "tax")])
    return ShopLine(
        text(line, "name") or text(product, "name") or "Item",
        number(line, "quantity") or Decimal(0),
        price,
        text(line, "sku") or text(product, "sku"),
        text(product, "product_type_name") or text(product, "type", "name"),
    )


def _moment(data: Data, name: str) -> dt.datetime | None:
    """Return an instant; one without an offset is in UTC."""
    written = text(data, name)
    return moment({"at": written}, "at") or moment({"at": written.replace(" ", "T") + "Z"}, "at")
