"""What payments of Square say about an order: what was paid, what was given back, and where it was sold."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from automations.connectors.sources.payload import Data, identity, moment, number, objects, text
from automations.connectors.sources.shop_messages import Attribute, ShopCustomer, ShopOrder, Word
from automations.engine.fields.currencies import decimals_of

#: Square's product, or its name for where an order comes from -> our sources.
_SOURCES = {
    "SQUARE_POS": "till",
    "RETAIL": "till",
    "RESTAURANTS": "till",
    "TERMINAL_API": "till",
    "POINT OF SALE": "till",
    "SQUARE POINT OF SALE": "till",
    "SQUARE FOR RETAIL": "till",
    "SQUARE FOR RESTAURANTS": "till",
    "ONLINE_STORE": "web",
    "ECOMMERCE_API": "web",
    "SQUARE ONLINE": "web",
    "ONLINE STORE": "web",
    "VIRTUAL_TERMINAL": "phone",
    "VIRTUAL TERMINAL": "phone",
}
_NOTHING = Decimal(0)


def money(data: object, *path: str) -> Decimal:
    """Return an amount of {"amount": smallest units, "currency"}; nothing if there is none."""
    units = number(data, *path, "amount")
    if units is None:
        return _NOTHING
    return units.scaleb(-decimals_of(text(data, *path, "currency").upper() or "GBP"))


def source_word(said: str) -> Word:
    """Return where an order comes from, as a word of the list of sources."""
    return Word("source", said, (f"source={_SOURCES.get(said.upper(), 'api')}",), is_optional=True)


def is_taken(payment: Data) -> bool:
    """Whether the money has come: one that is approved is only reserved."""
    return text(payment, "status") == "COMPLETED"


def payment_word(total: Decimal, paid: Decimal, refunded: Decimal, cancelled: bool) -> Word:
    """Return the payment status as a word; `total` and `paid` are before refunds."""
    if refunded > 0:
        said, key = (
            ("refunded", "refunded") if refunded >= paid else ("partly refunded", "partially_refunded")
        )
    elif cancelled and paid <= 0:
        said, key = "cancelled unpaid", "void"
    elif paid >= total:
        said, key = "paid", "paid"
    else:
        said, key = ("partly paid", "partially_paid") if paid > 0 else ("not paid", "unpaid")
    return Word("payment_status", said, (f"payment_status={key}",))


def buyer_of(payment: Data) -> ShopCustomer | None:
    """Return who paid, as far as the payment says."""
    email = text(payment, "buyer_email_address", longest=254)
    return ShopCustomer("", {"email": email}, moment(payment, "updated_at")) if email else None


def receipts_of(payments: Sequence[Data]) -> list[Attribute]:
    """Return the numbers of the receipts, which repeat and so are no order numbers."""
    numbers = [text(payment, "receipt_number") for payment in payments]
    written = ", ".join(dict.fromkeys(one for one in numbers if one))
    return [Attribute("receipt_number", written, is_internal=True)] if written else []


def order_of_payment(payment: Data) -> ShopOrder:
    """Return the order of a payment, as far as the payment alone tells it: no lines, and no status."""
    total = money(payment, "total_money") or money(payment, "amount_money")
    refunded = money(payment, "refunded_money")
    paid = total if is_taken(payment) else _NOTHING
    word = payment_word(total, paid, refunded, text(payment, "status") == "CANCELED")
    words = [word]
    product = text(payment, "application_details", "square_product")
    if product:
        words.append(source_word(product))
    order_id = identity(payment, "order_id")
    values: dict[str, object] = {
        "placed_at": moment(payment, "created_at"),
        "total": total - refunded,
        "amount_paid": max(paid - refunded, _NOTHING),
        "amount_refunded": refunded,
    }
    if text(payment, "note"):
        values["note"] = text(payment, "note", longest=500)
    return ShopOrder(
        order_id,
        order_id,
        moment(payment, "updated_at"),
        text(payment, "total_money", "currency").upper(),
        values,
        words,
        [],
        receipts_of([payment]),
        buyer_of(payment),
        has_lines=False,
    )


def refunds_of(order: Data, payments: Sequence[Data]) -> Decimal:
    """Return what was given back of an order; what the payments say is newer than what the order says."""
    if payments:
        return sum((money(payment, "refunded_money") for payment in payments), _NOTHING)
    done = [one for one in objects(order, "refunds") if text(one, "status") in ("APPROVED", "COMPLETED")]
    return sum((money(one, "amount_money") for one in done), _NOTHING)
