"""The buyer of a shop's order or a customer of its own: found by the shop's id, and merged like an order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from automations.connectors.sources.shop_messages import ShopCustomer, ShopOrder
from automations.models.tables.customer import ERASED
from automations.models.tables.shop_connection import TAKEN, UNCHANGED, ShopRecord
from automations.pipeline.intake import matching, take_records
from automations.pipeline.intake.reading import Item
from automations.pipeline.records.record_kinds import CUSTOMER_TABLE
from automations.pipeline.sources import linking, old_orders
from automations.pipeline.sources.merging import Merged, merge
from automations.pipeline.sources.outcome import Outcome, Taking
from automations.pipeline.sources.plain_values import plain_value

CUSTOMER = "customer"


def lock(taking: Taking, order: ShopOrder, record_id: int | None) -> None:
    """Lock everyone whom the order may name before the order itself, as whoever changes customers does."""
    lock_all(taking, [(order, record_id)])


def lock_all(taking: Taking, orders: Sequence[tuple[ShopOrder, int | None]]) -> None:
    """Lock everyone whom several orders, each with the id of its record, may name.

    SQLite locks as a whole.
    """
    session, store = taking.session, taking.store
    if session.get_bind().dialect.name == "sqlite":
        return
    ids: set[int] = set()
    numbers: list[str | None] = []
    for order, record_id in orders:
        buyer = order.customer
        ids |= linking.customers_of(session, store, taking.connection, order, record_id)
        if buyer is not None:
            link = linking.link_of(session, taking.connection, CUSTOMER, source_id(buyer, order.id))
            ids |= {link.record_id} if link else set()
            numbers += matching.known_numbers(session, store, [buyer.parts], [None])
    table = CUSTOMER_TABLE
    named = sa.or_(table.c.id.in_(ids), table.c.number.in_([number for number in numbers if number]))
    everyone = sa.select(table.c.id).where(table.c.store_id == store.id, named)
    session.execute(everyone.order_by(table.c.id).with_for_update())


def person_of(taking: Taking, buyer: ShopCustomer | None, order_id: str) -> dict[str, Any] | None:
    """Return what an order says of its customer that is not known; None if it says of nobody."""
    if buyer is None:
        return None
    link = linking.link_of(taking.session, taking.connection, CUSTOMER, source_id(buyer, order_id))
    row = linking.row_of(taking.session, taking.store, CUSTOMER, link.record_id) if link else None
    if link is None or row is None:
        return dict(buyer.parts)
    if _is_older(link, buyer.at):
        return {"number": row["number"]}
    merged = _merged(link, buyer.parts, row, taking.now)
    return {"number": row["number"], **merged.values}


def remember(taking: Taking, buyer: ShopCustomer, order_id: str, customer_id: int) -> None:
    """Keep what an order said about its customer, who has this id here."""
    key = source_id(buyer, order_id)
    link = linking.link_of(taking.session, taking.connection, CUSTOMER, key)
    if link is None:
        link = linking.new_link(taking.session, taking.connection, CUSTOMER, key, customer_id)
    elif _is_older(link, buyer.at):
        return
    link.record_id, link.told_at = customer_id, buyer.at
    link.said = {**link.said, **plain_value(buyer.parts)}


def is_erased(taking: Taking, customer_id: int | None) -> bool:
    """Return whether the customer of a record was erased: nothing may bring them back into it."""
    row = linking.row_of(taking.session, taking.store, CUSTOMER, customer_id) if customer_id else None
    return row is not None and row["first_name"] == ERASED


def source_id(buyer: ShopCustomer, order_id: str) -> str:
    """Return the shop's id of the customer; a guest is known by the order alone."""
    return buyer.id or f"order {order_id}"


def take_customer(taking: Taking, customer: ShopCustomer) -> Outcome:
    """Create or change the customer that a shop sent by itself."""
    link = linking.link_of(taking.session, taking.connection, CUSTOMER, customer.id)
    row = linking.row_of(taking.session, taking.store, CUSTOMER, link.record_id) if link else None
    if link is not None and row is not None:
        if _is_older(link, customer.at):
            return Outcome(
                "older", "It came late: something newer is already known.", {}, CUSTOMER, row["id"]
            )
        item = Item(row["number"], _merged(link, customer.parts, row, taking.now).values)
    elif customer.parts.keys() & {"email", "first_name", "last_name"}:
        item = Item(None, dict(customer.parts))
        taking = old_orders.quietly(taking, customer.made_at, customer.at)
    else:
        return Outcome("not taken", "This customer has neither a name nor an email.")
    (received,) = take_records.take(
        taking.session, taking.store, CUSTOMER, [item], taking.cause, taking.now, taking.words
    )
    remember(taking, customer, "", received.id)
    changed = received.created or bool(received.triggers)
    understood = {"values": plain_value(customer.parts)}
    verb = "added" if received.created else "changed" if changed else "is as before"
    sentence = f"Customer {received.number} {verb}." + (f" {old_orders.WHY}" if taking.cause.quiet else "")
    return Outcome(TAKEN if changed else UNCHANGED, sentence, understood, CUSTOMER, received.id)


def _merged(link: ShopRecord, parts: Mapping[str, Any], row: Mapping[str, Any], now: dt.datetime) -> Merged:
    merged = merge(link.said, parts, row)
    at = now.isoformat(timespec="seconds")
    link.conflicts = {
        **link.conflicts,
        **{name: {**conflict, "at": at} for name, conflict in merged.conflicts.items()},
    }
    return merged


def _is_older(link: ShopRecord, at: dt.datetime | None) -> bool:
    return at is not None and link.told_at is not None and at < link.told_at
