"""Applies a carrier's update on a parcel to the orders with its tracking number. After: receive."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy.orm import Session

from automations.connectors.easypost import TrackerEvent
from automations.models.access import audit
from automations.models.settings.choices import StoreWords
from automations.models.tables.last_told import LastTold
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.intake.idempotency import RequestKey, StoredAnswer, answer_once
from automations.pipeline.intake.late_messages import note_late, receive_newer, told_by
from automations.pipeline.records import tracked_orders
from automations.pipeline.records.change import Cause, Change, SourceMessage
from automations.pipeline.records.record_kinds import KINDS, Row, locked_rows
from automations.pipeline.records.snapshots import instant
from automations.pipeline.records.tracked_orders import has_number, of_one

CAUSE = Cause("api", "EasyPost")
SOURCE = "easypost"
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
#: Our delivery statuses after which a parcel goes nowhere: only what is from a later time leaves them.
ENDS = frozenset({*STATUSES["delivered"], *STATUSES["return_to_sender"]})
_WITHOUT_STATUS = (
    "None of the store’s delivery statuses is called “{}”, so nothing was changed."
    " Add one by that name to take it."
)
#: The most orders one update changes: a parcel may hold several, but hardly more.
MOST = 50


def take(
    session: Session, store_id: int, event: TrackerEvent, cause: Cause, now: dt.datetime
) -> StoredAnswer:
    """Change the orders of the parcel, once per event, inside write(); return the answer to the carrier."""
    store = session.get_one(Store, store_id)
    key = RequestKey(f"easypost:{event.id}", "easypost")
    return answer_once(session, store_id, key, now, lambda: apply(session, store, event, cause, now))


def apply(
    session: Session, store: Store, event: TrackerEvent, cause: Cause, now: dt.datetime, source: str = SOURCE
) -> StoredAnswer:
    """Change the orders of the parcel, inside write(). `source` says whose clock the event's time is by."""
    if not event.tracking_number:
        return _answer(202, "This is not about a parcel; nothing was changed.")
    if event.is_test:
        return _answer(202, "This is a test and not about a real parcel; nothing was changed.")
    numbers = tracked_orders.orders_with(session, store.id, event.tracking_number, MOST)
    if not numbers:
        _note_unknown(session, store.id, event, cause, now)
        return _answer(202, "No order has this tracking number; nothing was changed.")
    words = StoreWords(session, store)
    values = _status(words, event)
    if not values:
        return _answer(200, _WITHOUT_STATUS.format(event.status.replace("_", " ")))
    several = _several(session, store, numbers, event.tracking_number)
    parcels = [
        parcel
        for number, row in several.items()
        if (parcel := _parcel_change(session, store, row, values, event, cause, now))
    ]
    numbers = [number for number in numbers if number not in several]
    ended = _ended(session, store, numbers, values, event, cause, now, source)
    changes = [Change(number, values) for number in numbers if number not in ended]
    message = SourceMessage(source, event.at) if event.at else None
    received = receive_newer(session, store, "order", changes, cause, now, words, None, message)
    taken = len([one for one in received if not one.late]) + len(parcels)
    receive(session, store, "order", parcels, cause, now, words)
    if not taken:
        return _answer(
            202, "It came late: something newer is already known. It is in the log; nothing was changed."
        )
    return _answer(200, f"Taken for {taken} order{'' if taken == 1 else 's'}.")


def _several(session: Session, store: Store, numbers: list[str], tracking_number: str) -> dict[str, Row]:
    """Return the orders that have several parcels, locked, of which one has the tracking number."""
    rows = locked_rows(session, KINDS["order"], store.id, numbers)
    return {
        number: row
        for number, row in rows.items()
        if len(row["parcels"] or ()) > 1
        and any(has_number(parcel, tracking_number) for parcel in row["parcels"])
    }


def _parcel_change(
    session: Session,
    store: Store,
    row: Row,
    values: dict[str, Any],
    event: TrackerEvent,
    cause: Cause,
    now: dt.datetime,
) -> Change | None:
    """Return what the event changes of one parcel of an order; None, and it is in the log, if it is late.

    The parcel keeps the time of what the carrier said last about it.
    """
    status = values["delivery_status"]
    parcel = next(one for one in row["parcels"] if has_number(one, event.tracking_number))
    said_at = dt.datetime.fromisoformat(parcel["said_at"]) if parcel.get("said_at") else None
    is_later = event.at is not None and (said_at is None or event.at > said_at)
    is_over = parcel.get("status") in ENDS and status not in ENDS
    if (said_at and event.at and event.at < said_at) or (is_over and not (is_later and said_at)):
        note_late(session, store, "order", row, ["parcels"], cause, now, at=event.at)
        return None
    said = {"status": status} | ({"said_at": instant(event.at)} if event.at else {})
    return Change(row["number"], {"parcels": of_one(row["parcels"], event.tracking_number, **said)})


def _ended(
    session: Session,
    store: Store,
    numbers: list[str],
    values: dict[str, Any],
    event: TrackerEvent,
    cause: Cause,
    now: dt.datetime,
    source: str,
) -> set[str]:
    """Return the orders that have arrived or come back, and that this event is too old to take back.

    Each of them keeps the event in its log.
    """
    status = values["delivery_status"]
    if status in ENDS:
        return set()
    rows = locked_rows(session, KINDS["order"], store.id, numbers)
    told = told_by(session, store.id, "order", source, [row["id"] for row in rows.values()])
    ended = set()
    for number, row in rows.items():
        if row["delivery_status"] in ENDS and not _is_later(event.at, row, told.get(row["id"])):
            note_late(session, store, "order", row, ["delivery_status"], cause, now, at=event.at, said=status)
            ended.add(number)
    return ended


def _is_later(at: dt.datetime | None, row: Row, told: LastTold | None) -> bool:
    """Return whether `at` is after the parcel ended, by the carrier's clock or, if a person said so, ours."""
    since = row["delivery_status_since"]
    if told and (since is None or since <= told.taken_at):
        since = dt.datetime.fromisoformat(told.times.get("delivery_status", "0001-01-01T00:00:00+00:00"))
    return at is not None and (since is None or at > since)


def _status(words: StoreWords, event: TrackerEvent) -> dict[str, Any]:
    choices = words.choices("delivery_status")
    matches = [key for key in STATUSES.get(event.status, (event.status,)) if key in choices]
    return {"delivery_status": matches[0]} if matches else {}


def _note_unknown(
    session: Session, store_id: int, event: TrackerEvent, cause: Cause, now: dt.datetime
) -> None:
    about = f"tracking number “{event.tracking_number}”, which no order has"
    action = "was told by EasyPost" if cause.label == CAUSE.label else f"was told by {cause.label} about"
    audit.note(session, action=action, about=about, store_id=store_id, after=event.status, at=now)


def _answer(status: int, sentence: str) -> StoredAnswer:
    return StoredAnswer(status, json.dumps({"detail": sentence}))
