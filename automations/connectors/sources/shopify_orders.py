"""An order of Shopify's, as its webhooks send it: whole, at every edit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from automations.connectors.sources.payload import (
    Data,
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
from automations.connectors.sources.shop_messages import Attribute, ShopLine, ShopOrder, ShopParcel, Word
from automations.connectors.sources.shopify_customers import buyer_of
from automations.connectors.sources.shopify_extras import (
    business_attributes,
    charged_for,
    is_tip,
    refunded_by,
)

Parcels = list[dict[str, Any]]
#: Money that is only promised, or that will never come.
_NOT_TAKEN = frozenset({"authorized", "pending", "voided", "expired"})
_PAYMENT = {
    "pending": "unpaid",
    "authorized": "unpaid",
    "partially_paid": "partially_paid",
    "paid": "paid",
    "overpaid": "over_paid",
    "partially_refunded": "partially_refunded",
    "refunded": "refunded",
    "voided": "void",
    "expired": "expired",
}
#: What became of an order -> our statuses, best first.
_STATUS = {
    "cancelled": ("cancelled",),
    "unconfirmed": ("unconfirmed",),
    "unfulfilled": ("confirmed",),
    "partial": ("confirmed",),
    "fulfilled": ("fulfilled",),
    "shipped": ("with_courier",),
    "out_for_delivery": ("out_for_delivery", "with_courier"),
    "delivered": ("fulfilled",),
    "ready_for_pickup": ("ready_for_fulfilment",),
    "at_the_depot": ("with_courier",),
}
_PARCEL = {
    "in_transit": ("in_transit",),
    "out_for_delivery": ("out_for_delivery", "in_transit"),
    "delivered": ("delivered",),
    "ready_for_pickup": ("at_the_depot",),
    "label_printed": ("booked",),
    "label_purchased": ("booked",),
    "confirmed": ("booked",),
}
_SOURCES = {"web": "web", "pos": "till", "shopify_draft_order": "phone"}
#: “partial” is a state between two of ours.
PART_SHIPPED = "part shipped"


def order_of(data: Data) -> ShopOrder:
    """Return the order in a payload."""
    parcels = [one for one in objects(data, "fulfillments") if text(one, "status") == "success"]
    tracked = [one for one in parcels if text(one, "tracking_number")]
    currency = text(data, "currency").upper()
    now_total, paid = _amounts(data)
    values: dict[str, object] = {
        "placed_at": moment(data, "processed_at") or moment(data, "created_at"),
        "total": now_total,
        "amount_paid": paid,
        "note": long_text(data, "note"),
        "tags": _tags(data),
        "tracking_number": text(tracked[-1], "tracking_number") if tracked else "",
        **_beside(data),
        **delivery_of(data.get("shipping_address")),
    }
    method = _method(data)
    if method:
        values["fulfilment_method"] = method
    return ShopOrder(
        identity(data, "id"),
        text(data, "name").removeprefix("#") or text(data, "order_number") or identity(data, "id"),
        moment(data, "updated_at"),
        currency,
        values,
        _words(data, parcels, tracked, method),
        _lines(data),
        _attributes(data),
        buyer_of(data),
        _refunds(data),
        is_test=data.get("test") is True,
        parcels=_parcels(tracked),
        made_at=moment(data, "created_at"),
    )


def _amounts(data: Data) -> tuple[Decimal, Decimal | None]:
    """Return the total net of refunds, and what of it was paid; None if it does not say."""
    total_now = number(data, "current_total_price")
    if total_now is None:
        total_now = (number(data, "total_price") or Decimal(0)) - total(list(_refunds(data).values()))
    outstanding, status = number(data, "total_outstanding"), text(data, "financial_status")
    if status in _NOT_TAKEN:
        return total_now, Decimal(0)
    if outstanding is None and status == "partially_paid":
        return total_now, None
    return total_now, total_now - (outstanding or Decimal(0))


def _refunds(data: Data) -> dict[str, Decimal]:
    return {identity(refund, "id"): refunded_by(refund) for refund in objects(data, "refunds")}


def _beside(data: Data) -> dict[str, object]:
    """Return what is charged beside the items, and what was given back."""
    return {
        "shipping": total(map(charged_for, _shipping(data))),
        "discount": first_number(data, "current_total_discounts", "total_discounts") or Decimal(0),
        "tax": first_number(data, "current_total_tax", "total_tax") or Decimal(0),
        "amount_refunded": total(list(_refunds(data).values())),
    }


def _shipping(data: Data) -> list[dict[str, Any]]:
    """Return how it is delivered; a way that an edit took out stays in the list."""
    return [one for one in objects(data, "shipping_lines") if one.get("is_removed") is not True]


def delivery_of(address: object) -> dict[str, object]:
    """Return who receives the order, and where."""
    if not isinstance(address, dict):
        return {}
    where = address_parts(address, ("address1", "address2"), "province", "zip")
    return {"recipient": text(address, "name") or full_name(address), "delivery_address": where or None}


def _method(data: Data) -> str:
    """Return delivery, collection, or "" where nothing is shipped. A pick-up has no sign of its own."""
    ships = any(line.get("requires_shipping") is True for line in objects(data, "line_items"))
    if not ships or not _shipping(data):
        return ""
    return "delivery" if isinstance(data.get("shipping_address"), dict) else "collection"


def _words(
    data: Data, parcels: list[dict[str, Any]], tracked: list[dict[str, Any]], method: str
) -> list[Word]:
    status = _status(data, parcels, tracked, method)
    words = [Word("status", status, tuple(f"status={key}" for key in _STATUS.get(status, ())))]
    payment = text(data, "financial_status")
    if payment == "paid" and (number(data, "total_outstanding") or Decimal(0)) < 0:
        payment = "overpaid"
    if payment:
        ours = (f"payment_status={_PAYMENT[payment]}",) if payment in _PAYMENT else ()
        words.append(Word("payment_status", payment, ours))
    shipping = _shipping(data)
    if shipping and text(shipping[0], "title"):
        # For a collection it is the name of the place, which need not mean anything here.
        title = text(shipping[0], "title")
        words.append(Word("shipping", title, by_beginning=True, is_optional=method == "collection"))
    source = text(data, "source_name")
    if source:
        # Apps write their own number there.
        words.append(Word("source", source, (f"source={_SOURCES.get(source, 'api')}",), is_optional=True))
    return words + [Word("tag", tag, is_optional=True) for tag in _tags(data) if tag != PART_SHIPPED]


def _parcels(tracked: Parcels) -> list[ShopParcel]:
    """Return the parcels; one fulfilment may have several numbers."""
    found = []
    for one in tracked:
        said = text(one, "shipment_status")
        keys = tuple(f"delivery_status={key}" for key in _PARCEL.get(said, ()))
        word = Word("delivery_status", said, keys) if said else None
        more = one.get("tracking_numbers")
        numbers = [text({"number": number}, "number") for number in more] if isinstance(more, list) else []
        for code in dict.fromkeys([text(one, "tracking_number"), *filter(None, numbers)]):
            found.append(ShopParcel(code, text(one, "tracking_company"), word))
    return found


def _status(data: Data, parcels: Parcels, tracked: Parcels, method: str) -> str:
    if data.get("cancelled_at"):
        return "cancelled"
    fulfilled = text(data, "fulfillment_status")
    if not fulfilled:
        return "unconfirmed" if data.get("confirmed") is False else "unfulfilled"
    if fulfilled != "fulfilled":
        return fulfilled
    said = [text(parcel, "shipment_status") for parcel in parcels]
    if said and all(status == "delivered" for status in said):
        return "delivered"
    if "out_for_delivery" in said:
        return "out_for_delivery"
    if "ready_for_pickup" in said:
        return "ready_for_pickup" if method == "collection" else "at_the_depot"
    return "shipped" if tracked else "fulfilled"


def _lines(data: Data) -> list[ShopLine]:
    """Return the lines of which something is left; all, as ordered, if nothing is left of any."""
    returned: dict[str, Decimal] = {}
    for refund in objects(data, "refunds"):
        for item in objects(refund, "refund_line_items"):
            key = identity(item, "line_item_id")
            returned[key] = returned.get(key, Decimal(0)) + (number(item, "quantity") or Decimal(0))
    lines = []
    for line in objects(data, "line_items"):
        if is_tip(line):
            continue
        ordered, left = number(line, "quantity") or Decimal(0), number(line, "current_quantity")
        if left is None:
            left = ordered - returned.get(identity(line, "id"), Decimal(0))
        lines.append((line, ordered, left))
    some_left = any(left > 0 for _, _, left in lines)
    return [
        ShopLine(
            text(line, "name") or text(line, "title") or "Item",
            left if some_left else ordered,
            number(line, "price") or Decimal(0),
            text(line, "sku"),
        )
        for line, ordered, left in lines
        if left > 0 or not some_left
    ]


def _tags(data: Data) -> list[str]:
    tags = [tag.strip() for tag in text(data, "tags", longest=5000).split(",")]
    if text(data, "fulfillment_status") == "partial" and not data.get("cancelled_at"):
        tags.append(PART_SHIPPED)
    return list(dict.fromkeys(tag[:100] for tag in tags if tag))[:50]


def _attributes(data: Data) -> list[Attribute]:
    return [
        *(
            Attribute(text(item, "name"), long_text(item, "value"), text(item, "name").startswith("_"))
            for item in objects(data, "note_attributes")
            if text(item, "name")
        ),
        *business_attributes(data),
    ]
