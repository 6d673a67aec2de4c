"""Takes what a carrier says about a parcel to the orders that carry its tracking number. Before: receive."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.easypost import TrackerEvent
from automations.models.access import audit
from automations.models.settings.choices import StoreWords
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.intake.idempotency import Once, StoredAnswer, once
from automations.pipeline.records.change import Cause, Change

CAUSE = Cause("api", "EasyPost")
#: EasyPost's status -> our delivery statuses, the first that the store has.
STATUSES = {
    "pre_transit": ("pre_transit", "booked"),
    "in_transit": ("in_transit",),
    "out_for_delivery": ("out_for_delivery", "in_transit"),
    "available_for_pickup": ("available_for_pickup", "at_the_depot"),
    "delivered": ("delivered",),
    "return_to_sender": ("return_to_sender", "returned"),
    "failure": ("failure", "failed"),
    "cancelled": ("cancelled",),
    "error": ("error", "failed"),
}
#: One parcel may hold several orders, but hardly more than this.
MOST = 50


def take(
    session: Session, store_id: int, event: TrackerEvent, cause: Cause, now: dt.datetime
) -> StoredAnswer:
    """Change the orders of the parcel, once for each event. Call it inside `write()`."""
    store = session.get_one(Store, store_id)
    given = Once(f"easypost:{event.id}", "easypost")
    return once(session, store_id, given, now, lambda: _take(session, store, event, cause, now))


def _take(
    session: Session, store: Store, event: TrackerEvent, cause: Cause, now: dt.datetime
) -> StoredAnswer:
    if not event.tracking_number:
        return _answer(202, "This is not about a parcel; nothing was changed.")
    numbers = _orders(session, store.id, event.tracking_number)
    if not numbers:
        _note_unknown(session, store.id, event, now)
        return _answer(202, "No order has this tracking number; nothing was changed.")
    words = StoreWords(session, store)
    values = {"tracking_number": event.tracking_number} | _status(words, event)
    changes = [Change(number, values) for number in numbers]
    receive(session, store, "order", changes, cause, now, words)
    return _answer(200, f"Taken for {len(numbers)} order{'' if len(numbers) == 1 else 's'}.")


def _orders(session: Session, store_id: int, tracking_number: str) -> list[str]:
    mine = sa.and_(Order.store_id == store_id, Order.tracking_number == tracking_number)
    return list(session.scalars(sa.select(Order.number).where(mine).order_by(Order.id.desc()).limit(MOST)))


def _status(words: StoreWords, event: TrackerEvent) -> dict[str, Any]:
    known = words.choices("delivery_status")
    fitting = [key for key in STATUSES.get(event.status, (event.status,)) if key in known]
    return {"delivery_status": fitting[0]} if fitting else {}


def _note_unknown(session: Session, store_id: int, event: TrackerEvent, now: dt.datetime) -> None:
    about = f"tracking number “{event.tracking_number}”, which no order has"
    audit.note(
        session, action="was told by EasyPost", about=about, store_id=store_id, after=event.status, at=now
    )


def _answer(status: int, sentence: str) -> StoredAnswer:
    return StoredAnswer(status, json.dumps({"detail": sentence}))
