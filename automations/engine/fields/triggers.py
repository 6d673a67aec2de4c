"""The kinds of trigger that subjects share."""

from __future__ import annotations

from collections.abc import Iterable

from automations.engine.fields.subject import TriggerKind


def created(noun: str) -> TriggerKind:
    """Return the trigger "Created"; `noun` has its article: "an order"."""
    name = noun.rsplit(maxsplit=1)[-1]
    counted = (f"new {name}", f"new {name}s")
    words = ("Created", f"Fires once, when {noun} first exists.", " is created")
    return TriggerKind("created", *words, counted=counted)


def statuses(status: str) -> tuple[TriggerKind, ...]:
    """Return the triggers of a record with a status (from the list `status`) and a payment status."""
    return (
        TriggerKind(
            "status_changed",
            "Status changed",
            "Fires every time the status changes, not just once.",
            "’s status changes",
            status,
            watches=("status",),
            named=True,
            counted=("status change", "status changes"),
        ),
        TriggerKind(
            "payment_status_changed",
            "Payment status changed",
            "Fires every time the payment status changes, not just once.",
            "’s payment status changes",
            "payment_status",
            watches=("payment_status",),
            named=True,
            counted=("payment status change", "payment status changes"),
        ),
    )


FIELD_CHANGED = TriggerKind(
    "field_changed",
    "Field changed",
    "Fires every time the field you name changes, or on any change at all when you name none.",
    " changes",
    needs_field=True,
    counted=("change", "changes"),
)
CARRIER_CHANGED = TriggerKind(
    "carrier_changed",
    "Carrier update",
    "Fires every time the carrier reports another delivery status or tracking number.",
    "’s delivery status or tracking number changes",
    "delivery_status",
    narrows="delivery_status",
    watches=("delivery_status", "tracking_number"),
    counted=("carrier update", "carrier updates"),
)
DATE_REACHED = TriggerKind(
    "date_reached",
    "Date reached",
    "Fires at a time relative to one of the record’s dates; if the date moves, so does the time.",
    "’s date is reached",
    schedule="date_reached",
    counted=("due time", "due times"),
)
STAYS_IN_STATUS = TriggerKind(
    "stays_in_status",
    "Stays in a status",
    "Fires when a record has kept one status for as long as you say, and again while it stays if you say so.",
    " stays in a status",
    schedule="stays_in_status",
    counted=("due time", "due times"),
)
SCHEDULED = TriggerKind(
    "scheduled",
    "On a schedule",
    "Fires every day, week or month, for each record whose conditions hold.",
    " is due on the schedule",
    schedule="scheduled",
    counted=("due time", "due times"),
)
MANUAL = TriggerKind(
    "manual",
    "Run by hand",
    "Fires only when someone runs it on the records they choose.",
    " is chosen by hand",
)
SEGMENT_ENTERED = TriggerKind(
    "segment_entered",
    "Enters a segment",
    "Fires every time a customer enters the segment.",
    " enters a segment",
    segment="to",
    counted=("entry into a segment", "entries into a segment"),
)
SEGMENT_LEFT = TriggerKind(
    "segment_left",
    "Leaves a segment",
    "Fires every time a customer leaves the segment.",
    " leaves a segment",
    segment="from",
    counted=("exit from a segment", "exits from a segment"),
)


def by_key(kinds: Iterable[TriggerKind]) -> dict[str, TriggerKind]:
    """Return the kinds by key, in the same order."""
    return {kind.key: kind for kind in kinds}
