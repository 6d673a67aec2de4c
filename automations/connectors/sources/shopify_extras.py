"""What orders of Shopify have beside goods: refunds in another currency, tips, and what companies agree."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from automations.connectors.sources.payload import Data, at, number, objects, text, total
from automations.connectors.sources.shop_messages import Attribute
from automations.engine.fields.currencies import CODES
from automations.engine.fields.written_amounts import rounded_half_up

_NOTHING = Decimal(0)
#: A line that has one of these is money for the staff.
_OF_TIPS = ("tip", "tip_payment_gateway", "tip_payment_method")


def refunded_by(refund: Data) -> Decimal:
    """Return the money that a refund gave back, in the shop's currency.

    One of a cancelled order that was never paid has none.
    """
    done = [
        transaction
        for transaction in objects(refund, "transactions")
        if text(transaction, "kind") == "refund" and text(transaction, "status") == "success"
    ]
    given_back = total(number(one, "amount") for one in done)
    pairs = list(_pairs(refund))
    theirs = {text(money, "presentment_money", "currency_code") for money in pairs}
    ours = {text(money, "shop_money", "currency_code") for money in pairs}
    said = {text(one, "currency") for one in done} - {""}
    if not said or not said <= theirs - ours:
        return given_back
    # Transactions are in the currency that the customer saw; what they are about is told in both.
    seen, kept = (
        total(abs(number(money, name, "amount") or Decimal(0)) for money in pairs)
        for name in ("presentment_money", "shop_money")
    )
    currency = next(iter(ours))
    return rounded_half_up(given_back * kept / seen, currency) if seen and currency in CODES else given_back


def charged_for(way: Data) -> Decimal:
    """Return what a way of delivery costs now.

    “discounted_price” leaves out the discounts of the whole order, and so a code for free delivery.
    """
    listed, discounted = number(way, "price"), number(way, "discounted_price")
    allocated = total(number(one, "amount") for one in objects(way, "discount_allocations"))
    after = listed - allocated if listed is not None else None
    now = number(way, "current_discounted_price_set", "shop_money", "amount")
    return max(min((one for one in (discounted, after, now) if one is not None), default=_NOTHING), _NOTHING)


def is_tip(line: Data) -> bool:
    """Whether a line is a tip, which is no item."""
    return any(line.get(name) for name in _OF_TIPS)


def business_attributes(data: Data) -> Iterator[Attribute]:
    """Yield what an order of a company says beside the goods; it need not be kept anywhere."""
    terms = data.get("payment_terms")
    schedule = (objects(terms, "payment_schedules") or [{}])[0]
    said = {
        "PO number": text(data, "po_number"),
        "Company": text(data, "company", "name") or text(data, "billing_address", "company"),
        "Payment terms": text(terms, "payment_terms_name"),
        "Payment due": text(schedule, "due_at"),
    }
    yield from (Attribute(name, value, is_internal=True) for name, value in said.items() if value)


def _pairs(refund: Data) -> Iterator[Any]:
    """Yield every amount that a refund tells in both currencies."""
    for item in objects(refund, "refund_line_items"):
        yield from (money for name in ("subtotal_set", "total_tax_set") if (money := at(item, name)))
    for adjustment in objects(refund, "order_adjustments"):
        yield from (money for name in ("amount_set", "tax_amount_set") if (money := at(adjustment, name)))
