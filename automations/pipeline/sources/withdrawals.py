"""What a shop tells apart from the order: that it is gone, was paid, or that money was given back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from automations.connectors.sources.shop_messages import Deleted, PaymentNews, Refunded, ShopOrder, Word
from automations.models.tables.shop_connection import NOT_TAKEN, OLDER, TAKEN, UNCHANGED, ShopRecord
from automations.pipeline.intake import take_records
from automations.pipeline.intake.reading import Item
from automations.pipeline.records.change import Received
from automations.pipeline.records.record_kinds import Row
from automations.pipeline.sources import linking
from automations.pipeline.sources.outcome import Outcome, Taking
from automations.pipeline.sources.plain_values import plain_value

ORDER = "order"
GONE = "deleted in shop"
_UNKNOWN = "No order of this shop is known by that id."


def take_deletion(taking: Taking, deleted: Deleted) -> Outcome:
    """Cancel the order unless it is fulfilled, and tag it, so that whatever waits for its dates stops."""
    link, row = _known(taking, deleted.id)
    if link is None or row is None:
        link = link or linking.new_link(
            taking.session, taking.connection, ORDER, deleted.id, linking.NO_RECORD
        )
        link.deleted_at = deleted.at or taking.now
        return Outcome(NOT_TAKEN, f"{_UNKNOWN} Should it still come, it stays out.")
    values: dict[str, Any] = {"tags": [*(row["tags"] or []), GONE]} if GONE not in (row["tags"] or []) else {}
    cancelled = taking.words.key_for("order_status", "cancelled")
    if cancelled and row["status"] != taking.words.key_for("order_status", "fulfilled"):
        values["status"] = cancelled
    received = _change(taking, row, values)
    # If the shop restores it, what it then says is a change.
    link.said = {**link.said, **plain_value(values)}
    link.deleted_at = deleted.at or taking.now
    if not received.triggers:
        return Outcome(UNCHANGED, f"Order {row['number']} is cancelled already.", {}, ORDER, row["id"])
    return Outcome(TAKEN, f"Order {row['number']} was deleted in the shop.", {}, ORDER, row["id"])


def take_refund(taking: Taking, refunded: Refunded) -> Outcome:
    """Take the refund off the order's total and what was paid, once."""
    link, row = _known(taking, refunded.order_id)
    if link is None or row is None:
        return _before_its_order(taking, link, refunded)
    is_in_order = bool(refunded.at and link.told_at and refunded.at <= link.told_at)
    if refunded.id in link.refunds or is_in_order or refunded.amount <= 0:
        return Outcome(UNCHANGED, f"Order {row['number']} has this refund already.", {}, ORDER, row["id"])
    values = _after(taking, row, refunded.amount)
    _change(taking, row, values)
    link.said = {**link.said, **plain_value(values)}
    _remember(link, refunded)
    sentence = f"Order {row['number']}: {refunded.amount} was refunded."
    return Outcome(TAKEN, sentence, {"values": plain_value(values)}, ORDER, row["id"])


def _before_its_order(taking: Taking, link: ShopRecord | None, refunded: Refunded) -> Outcome:
    """Remember a refund of which messages about the order say nothing; the others tell it again."""
    if not refunded.is_apart:
        return Outcome(NOT_TAKEN, _UNKNOWN)
    link = link or linking.new_link(
        taking.session, taking.connection, ORDER, refunded.order_id, linking.NO_RECORD
    )
    _remember(link, refunded)
    return Outcome(NOT_TAKEN, f"{_UNKNOWN} Should it still come, this is taken off it.")


def net_of_refunds(order: ShopOrder, refunds: Mapping[str, str]) -> ShopOrder:
    """Return the order less the `refunds`, which were told apart, if its source does not know of them."""
    given_back = sum((Decimal(amount) for amount in refunds.values()), Decimal(0))
    if order.knows_refunds or given_back <= 0:
        return order
    total, paid = (Decimal(str(order.values.get(name) or 0)) for name in ("total", "amount_paid"))
    left, kept = max(total - given_back, Decimal(0)), max(paid - given_back, Decimal(0))
    key = "refunded" if left == 0 else "partially_refunded"
    word = Word("payment_status", key.replace("_", " "), (f"payment_status={key}",))
    words = [word, *(one for one in order.words if one.kind != word.kind)]
    values = {**order.values, "total": left, "amount_paid": kept, "amount_refunded": given_back}
    return replace(order, values=values, words=words)


def take_payment(taking: Taking, news: PaymentNews) -> Outcome:
    """Take what was paid of an order, or that nothing will be, unless it is older than what is known."""
    link, row = _known(taking, news.order_id)
    if link is None or row is None:
        return Outcome(NOT_TAKEN, _UNKNOWN)
    if news.at and link.told_at and news.at < link.told_at:
        sentence = f"It came late: order {row['number']} already has something newer. Nothing was changed."
        return Outcome(OLDER, sentence, {}, ORDER, row["id"])
    paid = max(news.amount - row["amount_refunded"], Decimal(0))
    key = "paid" if paid >= row["total"] else "partially_paid"
    if row["amount_refunded"] > 0:
        key = "refunded" if row["total"] == 0 else "partially_refunded"
    word = news.word or Word("payment_status", key.replace("_", " "), (f"payment_status={key}",))
    choices = taking.translation.targets([word], is_new=False, now=taking.now)
    values: dict[str, Any] = {"amount_paid": paid, **choices}
    received = _change(taking, row, values)
    link.said = {**link.said, **plain_value(values)}
    link.told_at = news.at or link.told_at
    what = f"{news.amount} was paid" if paid else "nothing will be paid"
    sentence = f"Order {row['number']}: {what}."
    outcome = TAKEN if received.triggers else UNCHANGED
    return Outcome(outcome, sentence, {"values": plain_value(values)}, ORDER, row["id"])


def _remember(link: ShopRecord, refunded: Refunded) -> None:
    link.refunds = {**link.refunds, refunded.id: plain_value(refunded.amount)}


def _after(taking: Taking, row: Row, amount: Decimal) -> dict[str, Any]:
    left = max(row["total"] - amount, Decimal(0))
    paid = max(row["amount_paid"] - amount, Decimal(0))
    given_back = row["amount_refunded"] + amount
    values: dict[str, Any] = {"total": left, "amount_paid": paid, "amount_refunded": given_back}
    word = "refunded" if left == 0 or paid == 0 else "partially_refunded"
    key = taking.words.key_for("payment_status", word)
    return values | ({"payment_status": key} if key else {})


def _known(taking: Taking, source_id: str) -> tuple[ShopRecord | None, Row | None]:
    link = linking.link_of(taking.session, taking.connection, ORDER, source_id)
    row = linking.row_of(taking.session, taking.store, ORDER, link.record_id) if link else None
    return link, row


def _change(taking: Taking, row: Row, values: dict[str, Any]) -> Received:
    items = [Item(row["number"], values)]
    session, store = taking.session, taking.store
    (received,) = take_records.take(session, store, ORDER, items, taking.cause, taking.now, taking.words)
    return received
