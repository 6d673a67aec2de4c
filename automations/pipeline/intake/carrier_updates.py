"""Applies a carrier's update on a parcel to the orders with its tracking number. After: receive."""

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
from automations.pipeline.intake.idempotency import RequestKey, StoredAnswer, answer_once
from automations.pipeline.records.change import Cause, Change

CAUSE = Cause("api", "EasyPost")
#: EasyPost's status -> our delivery statuses in order of preference: the first that the store has is used.
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
#: The most orders one update changes: a parcel may hold several, but hardly more.
MOST = 50


def take(
    session: Session, store_id: int, event: TrackerEvent, cause: Cause, now: dt.datetime
) -> StoredAnswer:
    """Change the orders of the parcel, once per event, inside write(); return the answer to the carrier."""
    store = session.get_one(Store, store_id)
    key = RequestKey(f"easypost:{event.id}", "easypost")
    return answer_once(session, store_id, key, now, lambda: _take(session, store, event, cause, now))


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
    of_parcel = sa.and_(Order.store_id == store_id, Order.tracking_number == tracking_number)
    return list(
        session.scalars(sa.select(Order.number).where(of_parcel).order_by(Order.id.desc()).limit(MOST))
    )


def _status(words: StoreWords, event: TrackerEvent) -> dict[str, Any]:
    choices = words.choices("delivery_status")
    matches = [key for key in STATUSES.get(event.status, (event.status,)) if key in choices]
    return {"delivery_status": matches[0]} if matches else {}


def _note_unknown(session: Session, store_id: int, event: TrackerEvent, now: dt.datetime) -> None:
    about = f"tracking number “{event.tracking_number}”, which no order has"
    audit.note(
        session, action="was told by EasyPost", about=about, store_id=store_id, after=event.status, at=now
    )


def _answer(status: int, sentence: str) -> StoredAnswer:
    return StoredAnswer(status, json.dumps({"detail": sentence}))
