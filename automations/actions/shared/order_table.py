"""The lines of an order with what is added and taken off, as an email shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from automations.emails.email_layout import OrderTable, Row
from automations.emails.email_words import email_words
from automations.messages.money_texts import money_text
from automations.messages.numbers import calculated
from automations.messages.template_values import text

#: A mail program cuts a long message off: the total would be what nobody sees.
MOST_LINES = 40
_LONGEST_NAME = 160
#: The fields between the lines and the total, and whether they are taken off it. The others stand below it.
_SUMS = (("shipping", False), ("discount", True))
_BELOW = (("tax", False), ("amount_refunded", True), ("balance_due", False))


def order_table(
    context: Mapping[str, object], language: str, most: int = MOST_LINES, with_empty: bool = False
) -> OrderTable | None:
    """Return the table of the order in a message's context; None without lines, unless `with_empty`."""
    order = context.get("order")
    if not isinstance(order, Mapping) or not (order.get("lines") or with_empty):
        return None
    words = email_words(language)
    rows = [_line(line, context) for line in order.get("lines") or () if isinstance(line, Mapping)]
    lines = rows[:most]
    if len(rows) > most:
        lines.append((f"+ {len(rows) - most}", ""))
    sums, below = (list(_rows(fields, order, context, words)) for fields in (_SUMS, _BELOW))
    return OrderTable((words["order"], words["price"]), lines, sums, _total(order, context, words), below)


def _line(line: Mapping[str, object], context: Mapping[str, object]) -> Row:
    name = text(line.get("name"))[:_LONGEST_NAME]
    quantity, price = line.get("quantity"), line.get("unit_price")
    what = f"{text(quantity)} × {name}" if quantity is not None else name
    if price is None:
        return what, ""
    amount = price if quantity is None else calculated(quantity, "*", price)
    return what, money_text(amount, context)


def _rows(
    fields: Sequence[tuple[str, bool]],
    order: Mapping[str, object],
    context: Mapping[str, object],
    words: Mapping[str, str],
) -> Iterator[Row]:
    for name, taken_off in fields:
        amount = order.get(name)
        if isinstance(amount, Decimal) and amount:
            yield words[name], money_text(-abs(amount) if taken_off else amount, context)


def _total(order: Mapping[str, object], context: Mapping[str, object], words: Mapping[str, str]) -> Row:
    is_paid = order.get("payment_status") == "paid"
    return words["paid" if is_paid else "total"], money_text(order.get("total"), context)
