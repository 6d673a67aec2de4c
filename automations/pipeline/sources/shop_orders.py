"""Takes an order or event as a shop has it: once, newest first, and only what the shop itself has changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from automations.connectors.sources.shop_messages import ShopOrder, ShopParcel
from automations.engine.fields.currencies import CODES
from automations.engine.fields.subjects import SUBJECTS
from automations.models.tables.shop_connection import (
    NOT_TAKEN,
    OLDER,
    TAKEN,
    UNCHANGED,
    ShopConnection,
    ShopRecord,
)
from automations.models.tables.store import Store
from automations.pipeline.intake import take_records
from automations.pipeline.intake.late_messages import note_late
from automations.pipeline.intake.order_types import MOST_PARCELS
from automations.pipeline.intake.reading import Item
from automations.pipeline.intake.vocabulary_cache import reader_of
from automations.pipeline.records.change import Received
from automations.pipeline.records.record_kinds import Row
from automations.pipeline.sources import buyers, linking, old_orders
from automations.pipeline.sources.merging import STATUSES, merge
from automations.pipeline.sources.order_form import WrittenOrder, as_item, written
from automations.pipeline.sources.outcome import Outcome, Taking
from automations.pipeline.sources.plain_values import plain_value
from automations.pipeline.sources.withdrawals import net_of_refunds

#: How far the clock of a shop may be ahead of ours; time beyond it would make every later message late.
SKEW = dt.timedelta(minutes=5)
#: What an order that arrives finished becomes in a second step, so that “changed to Paid” fires.
SECOND_STEP = STATUSES | {"amount_paid", "parcels"}


def take_order(taking: Taking, order: ShopOrder) -> Outcome:
    """Create or change the order; raises NotUnderstood."""
    why = why_not(order, taking.store, taking.connection)
    if why:
        return Outcome(NOT_TAKEN, why)
    link = _link(taking, order)
    order = net_of_refunds(order, link.refunds) if link else order
    buyers.lock(taking, order, link.record_id if link else None)
    row = linking.row_of(taking.session, taking.store, order.subject, link.record_id) if link else None
    if link is not None and row is not None and _is_older(link, order):
        return _late(taking, order, row)
    if link is not None and _is_gone(taking, link, order):
        return _late(taking, order, row)
    number, adopted = (row["number"], None) if row else _number(taking, order)
    form, item = _read(taking, order, number, is_new=row is None and adopted is None)
    before = row or adopted
    is_erased = before is not None and buyers.is_erased(taking, before["customer_id"])
    theirs = {name: item.values[name] for name in item.values.keys() - _left_alone(order.subject, is_erased)}
    item.customer = None if is_erased else buyers.person_of(taking, order.customer, order.id)
    if before is None and form.roundings:
        item.values["roundings"] = form.roundings
    if before:
        received = _change(taking, order.subject, link, item, theirs, before, form)
    else:
        made_at = order.made_at or item.values.get("placed_at")
        taking = old_orders.quietly(taking, made_at, order.at)
        received = _create(taking, order.subject, item)
    if is_erased:
        # What the shop sends again must not bring back who was taken out.
        order = replace(order, customer=None)
        form.data = {name: form.data[name] for name in form.data.keys() & theirs.keys()}
    return _remembered(taking, order, link, theirs, form, received, is_new=before is None)


def _link(taking: Taking, order: ShopOrder) -> ShopRecord | None:
    """Return what is known of it, by an id that it had before if by none that it has now."""
    for source_id in (order.id, *order.ids_before):
        link = linking.link_of(taking.session, taking.connection, order.subject, source_id)
        if link is not None:
            link.source_id = order.id
            return link
    return None


def _left_alone(subject: str, is_erased: bool) -> frozenset[str]:
    return frozenset({"customer_id", *(SUBJECTS[subject].free_texts if is_erased else ())})


def why_not(order: ShopOrder, store: Store, connection: ShopConnection) -> str:
    """Return why an order is not taken although it is understood; "" if it is."""
    if order.is_test and not connection.options.get("takes_tests"):
        return "It is a test order of the shop. Switch test orders on to take them."
    if order.currency and order.currency not in CODES:
        return f"“{order.currency}” is not a known currency, so its amounts cannot be read."
    if order.currency not in ("", store.currency) and order.subject != "order":
        return f"It is in {order.currency}, and the {order.subject}s of this store are in {store.currency}."
    return ""


def _is_older(link: ShopRecord, order: ShopOrder) -> bool:
    if order.version is not None and link.version is not None:
        return order.version < link.version
    return order.at is not None and link.told_at is not None and order.at < link.told_at


def _is_gone(taking: Taking, link: ShopRecord, order: ShopOrder) -> bool:
    """Whether the shop has deleted the order since it was so, and does not say that it is back."""
    if link.deleted_at is None or taking.says_back:
        return False
    return order.at is None or order.at <= link.deleted_at


def _late(taking: Taking, order: ShopOrder, row: Row | None) -> Outcome:
    """Keep a message that came late in the log of the order, if there is one."""
    if row is None:
        return Outcome(OLDER, f"It came late: the shop has deleted this {order.subject}. Nothing was added.")
    session, store, subject, now = taking.session, taking.store, order.subject, taking.now
    note_late(session, store, subject, row, ["status"], taking.cause, now, at=order.at, said=None)
    sentence = f"It came late: {subject} {row['number']} already has something newer. Nothing was changed."
    return Outcome(OLDER, sentence, {}, subject, row["id"])


def _number(taking: Taking, order: ShopOrder) -> tuple[str, Row | None]:
    placed_at = order.values.get("placed_at")
    return linking.number_for(taking.session, taking.store, taking.connection, order, placed_at)


def _read(taking: Taking, order: ShopOrder, number: str, *, is_new: bool) -> tuple[WrittenOrder, Item]:
    """Return the order as our API would have it, and as it reads that."""
    places = taking.translation.places(order.attributes, taking.now)
    words = [*taking.translation.words_in(places), *order.words]
    choices = taking.translation.targets(words, is_new=is_new, now=taking.now)
    form = written(order, choices, places, taking.words, taking.connection.options)
    form.data["number"] = number
    if order.parcels is not None:
        form.data["parcels"] = [_parcel(taking, parcel, is_new) for parcel in order.parcels[:MOST_PARCELS]]
    item = as_item(form, reader_of(taking.session, taking.store, order.subject))
    item.number = number
    return form, item


def _parcel(taking: Taking, parcel: ShopParcel, is_new: bool) -> dict[str, Any]:
    words = [parcel.word] if parcel.word else []
    status = taking.translation.targets(words, is_new=is_new, now=taking.now).get("delivery_status")
    written = {"carrier": parcel.carrier, "tracking_number": parcel.tracking_number}
    return {**written, "status": status} if status else written


def _create(taking: Taking, subject: str, item: Item) -> Received:
    """Create the order; with two steps, first as one that is open and unpaid, then as it is.

    What is quiet has no steps: nothing listens.
    """
    second = {}
    if taking.connection.options.get("two_steps") and not taking.cause.quiet:
        second = {name: item.values.pop(name) for name in SECOND_STEP & item.values.keys()}
    received = _take(taking, subject, item)
    if not second:
        return received
    changed = _take(taking, subject, Item(item.number, second))
    changed.created = True
    return changed


def _change(
    taking: Taking,
    subject: str,
    link: ShopRecord | None,
    item: Item,
    theirs: Mapping[str, Any],
    row: Row,
    form: WrittenOrder,
) -> Received:
    merged = merge(link.said if link else {}, theirs, row)
    rounded = {path: one for path, one in form.roundings.items() if path.split(".")[0] in merged.values}
    if rounded:
        merged.values["roundings"] = rounded
    if link is not None:
        at = taking.now.isoformat(timespec="seconds")
        fresh = {name: {**conflict, "at": at} for name, conflict in merged.conflicts.items()}
        agreed = {name for name, value in theirs.items() if plain_value(value) == plain_value(row.get(name))}
        link.conflicts = {name: one for name, one in link.conflicts.items() if name not in agreed} | fresh
    return _take(taking, subject, Item(item.number, merged.values, item.customer, item.account))


def _take(taking: Taking, subject: str, item: Item) -> Received:
    (received,) = take_records.take(
        taking.session, taking.store, subject, [item], taking.cause, taking.now, taking.words
    )
    return received


def _remembered(
    taking: Taking,
    order: ShopOrder,
    link: ShopRecord | None,
    theirs: Mapping[str, Any],
    form: WrittenOrder,
    received: Received,
    *,
    is_new: bool,
) -> Outcome:
    """Keep what the shop said last, and say what became of it."""
    if link is None:
        link = linking.new_link(taking.session, taking.connection, order.subject, order.id, received.id)
    link.record_id = received.id
    link.told_at = min(order.at, taking.now + SKEW) if order.at else link.told_at
    link.version = order.version if order.version is not None else link.version
    link.deleted_at = None
    said = {**link.said, **plain_value(theirs)}
    if is_new:
        # What it never said counts from how the order began.
        said |= {name: received.row[name] for name in STATUSES - said.keys() if received.row.get(name)}
    link.said = said
    link.refunds = {**link.refunds, **plain_value(order.refunds)}
    if order.customer is not None and received.row.get("customer_id"):
        buyers.remember(taking, order.customer, order.id, received.row["customer_id"])
    understood = {
        "values": plain_value(form.data),
        "customer": dict(order.customer.parts) if order.customer else {},
    }
    understood |= {"left": form.left, "words": taking.translation.used}
    changed = received.created or bool(received.triggers)
    verb = "added" if received.created else "changed" if changed else "is as it was"
    quiet = [old_orders.WHY] if taking.cause.quiet else []
    sentence = " ".join([f"{SUBJECTS[order.subject].label} {received.number} {verb}.", *quiet, *form.left])
    return Outcome(TAKEN if changed else UNCHANGED, sentence, understood, order.subject, received.id)
