"""What a shop tells apart from the order: that it is gone, or that money was given back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from automations.connectors.sources.shop_messages import Deleted, Refunded
from automations.models.tables.shop_connection import NOT_TAKEN, TAKEN, UNCHANGED, ShopRecord
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
        return Outcome(NOT_TAKEN, _UNKNOWN)
    is_in_order = bool(refunded.at and link.told_at and refunded.at <= link.told_at)
    if refunded.id in link.refunds or is_in_order or refunded.amount <= 0:
        return Outcome(UNCHANGED, f"Order {row['number']} has this refund already.", {}, ORDER, row["id"])
    values = _after(taking, row, refunded.amount)
    _change(taking, row, values)
    link.said = {**link.said, **plain_value(values)}
    link.refunds = {**link.refunds, refunded.id: plain_value(refunded.amount)}
    sentence = f"Order {row['number']}: {refunded.amount} was refunded."
    return Outcome(TAKEN, sentence, {"values": plain_value(values)}, ORDER, row["id"])


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
