"""A sale of Lightspeed Retail's as an order; what comes back has quantities below zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import parse_qs, quote

from automations.connectors.sources.payload import (
    Data,
    at,
    first_number,
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
    "AWAITING_DISPATCH": "confirmed",
    "AWAITING_PICKUP": "ready_for_fulfilment",
    "SERVICE": "confirmed",
    "CLOSED": "fulfilled",
    "LAYBY_CLOSED": "fulfilled",
    "ONACCOUNT_CLOSED": "fulfilled",
    "DISPATCHED_CLOSED": "with_courier",
    "PICKED_UP_CLOSED": "fulfilled",
    "SERVICE_CLOSED": "fulfilled",
    "VOIDED": "cancelled",
}
#: The state of newer sales -> the status that it was before, and by an attribute, the first that is there.
_STATES: Mapping[str, Mapping[str, str]] = {
    "parked": {"": "SAVED"},
    "pending": {
        "delivery": "AWAITING_DISPATCH",
        "pickup": "AWAITING_PICKUP",
        "service": "SERVICE",
        "layby": "LAYBY",
        "onaccount": "ONACCOUNT",
        "": "OPEN",
    },
    "closed": {
        "delivery": "DISPATCHED_CLOSED",
        "pickup": "PICKED_UP_CLOSED",
        "service": "SERVICE_CLOSED",
        "layby": "LAYBY_CLOSED",
        "onaccount": "ONACCOUNT_CLOSED",
        "": "CLOSED",
    },
    "voided": {"": "VOIDED"},
}
_METHODS = {
    "AWAITING_DISPATCH": "delivery",
    "DISPATCHED_CLOSED": "delivery",
    "AWAITING_PICKUP": "collection",
    "PICKED_UP_CLOSED": "collection",
}
#: What rounding leaves between prices and their sum.
_DUST = Decimal("0.05")
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
    net, tax = _sum(data, "total_price"), _sum(data, "total_tax")
    whole, status = net + tax, _status(data)
    payments = objects(data, "register_sale_payments") or objects(data, "payments")
    paid = total([number(payment, "amount") for payment in payments if not payment.get("deleted_at")])
    is_reduced = _is_reduced(data, net)
    lines = [(line, *_prices(line, is_reduced)) for line in _lines(data)]
    values: dict[str, object] = {
        "placed_at": _moment(data, "sale_date") or _moment(data, "created_at"),
        "total": whole,
        # What was paid of a sale that is void goes back.
        "amount_paid": Decimal(0) if status == "VOIDED" else paid,
        "discount": total([_quantity(line) * (before - after) for line, before, after in lines]),
        "tax": tax,
        "note": long_text(data, "note"),
    }
    if status in _METHODS:
        values["fulfilment_method"] = _METHODS[status]
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
        [_line(line, price, goods or {}) for line, price, _ in lines],
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
    elif whole < 0 and paid > whole:
        # Of goods that come back, what has gone back so far is below zero too.
        said, key = ("partly given back", "partially_paid") if paid < 0 else ("not given back", "unpaid")
    elif paid >= whole:
        said, key = "paid", "paid"
    else:
        said, key = ("partly paid", "partially_paid") if paid > 0 else ("not paid", "unpaid")
    return Word("payment_status", said, (f"payment_status={key}",))


def _sum(data: Data, name: str) -> Decimal:
    found = number(data, name)
    return (number(data, "totals", name) or Decimal(0)) if found is None else found


def _status(data: Data) -> str:
    """Return the status of a sale; newer ones may have a state with attributes in place of it."""
    named = data.get("attributes") or data.get("register_sale_attributes")
    attributes = {one for one in named if isinstance(one, str)} if isinstance(named, list) else set()
    by_attribute = _STATES.get(text(data, "state").lower(), {})
    found = (status for name, status in by_attribute.items() if name in attributes or not name)
    return text(data, "status").upper() or next(found, "")


def _lines(data: Data) -> list[Data]:
    lines = objects(data, "register_sale_products") or objects(data, "line_items")
    return [line for line in lines if not line.get("deleted_at")]


def _quantity(line: Data) -> Decimal:
    return number(line, "quantity") or Decimal(0)


def _price(line: Data) -> Decimal:
    return first_number(line, "price", "unit_price") or Decimal(0)


def _reduction(line: Data) -> Decimal:
    """Return what is taken off the price of one, without tax; nothing of what comes back."""
    quantity, whole = _quantity(line), first_number(line, "total_discount", "discount_total")
    each = first_number(line, "unit_discount", "discount")
    if each is None and whole is not None and quantity:
        each = whole / quantity
    return max(each or Decimal(0), Decimal(0)) if quantity > 0 else Decimal(0)


def _is_reduced(data: Data, net: Decimal) -> bool:
    """Whether discounts are off the prices of the lines already: then these add up to the total."""
    lines = _lines(data)
    prices = total([_quantity(line) * _price(line) for line in lines])
    reductions = total([_quantity(line) * _reduction(line) for line in lines])
    return abs(prices - net) <= abs(prices - reductions - net) + _DUST


def _prices(line: Data, is_reduced: bool) -> tuple[Decimal, Decimal]:
    """Return the price of one before and after its discount, both with tax."""
    reduction, tax = _reduction(line), first_number(line, "tax", "unit_tax") or Decimal(0)
    after = _price(line) if is_reduced else _price(line) - reduction
    rate = 1 + tax / after if after > 0 else Decimal(1)
    return after + tax + reduction * rate, after + tax


def _line(line: Data, price: Decimal, goods: Mapping[str, Data]) -> ShopLine:
    product = goods.get(identity(line, "product_id"), {})
    return ShopLine(
        text(line, "name") or text(product, "name") or "Item",
        _quantity(line),
        price,
        text(line, "sku") or text(product, "sku"),
        text(product, "product_type_name") or text(product, "type", "name"),
    )


def _moment(data: Data, name: str) -> dt.datetime | None:
    """Return an instant; one without an offset is in UTC."""
    written = text(data, name)
    return moment({"at": written}, "at") or moment({"at": written.replace(" ", "T") + "Z"}, "at")
