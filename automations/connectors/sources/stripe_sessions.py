"""A session of Stripe Checkout as an order: amounts in smallest units, the currency in small letters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import quote

from automations.connectors.sources.payload import (
    Data,
    NotUnderstood,
    address_parts,
    at,
    identity,
    json_object,
    moment,
    number,
    objects,
    text,
)
from automations.connectors.sources.shop_api import Asking, NoSuchRecord
from automations.connectors.sources.shop_messages import (
    Attribute,
    Fetched,
    ShopCustomer,
    ShopLine,
    ShopOrder,
    ShopRequest,
    ToFetch,
    Word,
)
from automations.engine.fields.currencies import decimals_of

_PAYMENT = {"paid": "paid", "no_payment_required": "paid", "unpaid": "unpaid"}
#: Where Stripe counts other smallest units than ISO 4217: krónur and shillings in hundredths, ariary whole.
_DECIMALS = {"ISK": 2, "UGX": 2, "MGA": 0}
_CONSENT = {"opt_in": True, "opt_out": False}


def amount(data: object, name: str, currency: str) -> Decimal:
    """Return an amount in whole smallest units as one of the currency; nothing if there is none."""
    units, code = number(data, name), currency.upper()
    return units.scaleb(-_DECIMALS.get(code, decimals_of(code))) if units is not None else Decimal(0)


def fetch(asking: Asking, wanted: ToFetch, request: ShopRequest) -> Fetched:
    """Return the session as it is now, with its items. Raises NotUnderstood, and what `Asking.ask` raises."""
    path = f"/v1/checkout/sessions/{quote(wanted.id, safe='')}"
    session = asking.ask(path).data
    if not isinstance(session, dict) or not identity(session, "id"):
        raise NotUnderstood("Stripe’s answer holds no session.")
    lines, after = [], ""
    while True:
        page = asking.ask(f"{path}/line_items?limit=100{after}").data
        lines += objects(page, "data")
        if at(page, "has_more") is not True or not lines:
            break
        after = f"&starting_after={quote(identity(lines[-1], 'id'), safe='')}"
    charge = _charge(asking, payment_of(session))
    told = moment(json_object(request.body), "created")
    return order_of(session, told, lines, charge)


def _charge(asking: Asking, intent: str) -> object:
    """Return the charge, which alone says what was given back: without it, a refund would be undone."""
    if not intent:
        return None
    try:
        path = f"/v1/payment_intents/{quote(intent, safe='')}?expand%5B%5D=latest_charge"
        return at(asking.ask(path).data, "latest_charge")
    except NoSuchRecord:
        return None


def payment_of(data: object) -> str:
    """Return the id of the payment of a session or charge, which may be there as a whole; "" without one."""
    return identity(data, "payment_intent") or identity(data, "payment_intent", "id")


def order_of(
    session: Data, told: dt.datetime | None, lines: Sequence[Data] | None = None, charge: object = None
) -> ShopOrder:
    """Return the order; without `lines` they are not known. `charge` says what was given back."""
    currency = text(session, "currency").upper()
    refunded = _given_back(charge, currency)
    total = amount(session, "amount_total", currency) - refunded
    status = text(session, "payment_status")
    paid = max(_taken(session, charge, currency) - refunded, Decimal(0))
    details = at(session, "total_details")
    values: dict[str, object] = {
        "placed_at": moment(session, "created"),
        "total": total,
        "amount_paid": paid,
        "amount_refunded": refunded,
        "shipping": amount(details, "amount_shipping", currency),
        "discount": amount(details, "amount_discount", currency),
        "tax": amount(details, "amount_tax", currency),
        **_delivery(session),
    }
    # The id of a session is longer than a number; refunds name the payment.
    id = payment_of(session) or identity(session, "id")
    lines = (objects(session, "line_items", "data") or None) if lines is None else lines
    return ShopOrder(
        id,
        id,
        told or moment(session, "created"),
        currency,
        values,
        [
            *_words(status, total, paid, refunded),
            Word("source", "checkout", ("source=web",), is_optional=True),
        ],
        [_line(line, currency) for line in lines or ()],
        _attributes(session),
        _buyer(session, told),
        {f"{identity(charge, 'id')} {refunded}": refunded} if refunded else {},
        knows_refunds=charge is not None,
        has_lines=lines is not None,
    )


def _taken(session: Data, charge: object, currency: str) -> Decimal:
    """Return the money that has come; of what was only reserved, as much as was taken of it."""
    if at(charge, "captured") is False:
        return Decimal(0)
    if number(charge, "amount_captured") is not None:
        return amount(charge, "amount_captured", currency)
    is_paid = text(session, "payment_status") == "paid"
    return amount(session, "amount_total", currency) if is_paid else Decimal(0)


def _given_back(charge: object, currency: str) -> Decimal:
    """Return what was given back; what was reserved and never taken is not."""
    refunded, taken = (amount(charge, name, currency) for name in ("amount_refunded", "amount_captured"))
    is_release = 0 < taken < amount(charge, "amount", currency) == taken + refunded
    return Decimal(0) if is_release else refunded


def _words(status: str, total: Decimal, paid: Decimal, refunded: Decimal) -> list[Word]:
    said, key = status, _PAYMENT.get(status, "")
    if not refunded and 0 < paid < total:
        said, key = "partly taken", "partially_paid"
    elif status == "unpaid" and 0 < total <= paid:
        said, key = "taken", "paid"
    if refunded:
        said, key = ("refunded", "refunded") if total <= 0 else ("partly refunded", "partially_refunded")
    payment = Word("payment_status", said or "no status", (f"payment_status={key}",) if key else ())
    return [payment, Word("status", "complete", ("status=confirmed",))]


def _delivery(session: Data) -> dict[str, object]:
    collected = at(session, "collected_information", "shipping_details") or at(session, "shipping_details")
    address = at(collected, "address")
    if not isinstance(address, dict):
        return {}
    where = address_parts(address, ("line1", "line2"), "state", "postal_code")
    return {"recipient": text(collected, "name"), "delivery_address": where, "fulfilment_method": "delivery"}


def _buyer(session: Data, told: dt.datetime | None) -> ShopCustomer | None:
    details = at(session, "customer_details")
    first, _, last = text(details, "name").rpartition(" ")
    said = {
        "email": text(details, "email", longest=254),
        "first_name": first or last,
        "last_name": last if first else "",
        "phone": text(details, "phone", longest=50),
    }
    parts: dict[str, str | bool] = {name: value for name, value in said.items() if value}
    if not parts:
        return None
    consent = _CONSENT.get(text(session, "consent", "promotions"))
    if consent is not None:
        parts["marketing_consent"] = consent
    id = identity(session, "customer") or identity(session, "customer", "id")
    return ShopCustomer(id, parts, told)


def _line(line: Data, currency: str) -> ShopLine:
    quantity = number(line, "quantity") or Decimal(1)
    whole = amount(line, "amount_subtotal", currency)
    return ShopLine(text(line, "description") or "Item", quantity, whole / quantity if quantity else whole)


def _answer(field: Data) -> str:
    """Return what the customer typed, or the words of the entry they chose."""
    kind = text(field, "type")
    value = text(field, kind, "value", longest=2000)
    chosen = (entry for entry in objects(field, kind, "options") if value and text(entry, "value") == value)
    return next((text(entry, "label") for entry in chosen), "") or value


def _attributes(session: Data) -> list[Attribute]:
    fields = objects(session, "custom_fields")
    found = [Attribute(text(field, "key"), _answer(field)) for field in fields if text(field, "key")]
    metadata = session.get("metadata")
    if isinstance(metadata, dict):
        found += [
            Attribute(name, value) for name, value in metadata.items() if isinstance(value, str) and name
        ]
    return found
