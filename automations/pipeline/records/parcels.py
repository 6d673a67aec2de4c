"""What follows from the parcels of an order, and for them. Pure.

The order has the tracking number of its last parcel, and the delivery status of the parcel that is furthest
behind, in the order of the store's list. What is said of an order with one parcel is said of the parcel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Parcel = Mapping[str, Any]
#: The column of the order -> the part of a parcel.
_PARTS: Mapping[str, str] = {"tracking_number": "tracking_number", "delivery_status": "status"}


def follow(
    before: Mapping[str, Any] | None, values: Mapping[str, Any], statuses: Sequence[str]
) -> Mapping[str, Any]:
    """Return the columns of a change with what follows; `statuses` are the store's delivery statuses."""
    was = before or {}
    old: Sequence[Parcel] = was.get("parcels") or []
    if "parcels" in values:
        new = values["parcels"] or ()
        together = _of_order(new, statuses) if list(new) != list(old) else {}
        # A form sends an empty control for what nobody said.
        return {**values, **{name: values.get(name) or value for name, value in together.items()}}
    # What is only said again is nothing new for the parcel.
    news = (column for column in _PARTS if column in values and values[column] != was.get(column))
    said = {_PARTS[column]: values[column] for column in news}
    return {**values, "parcels": [{**old[0], **said}]} if said and len(old) == 1 else values


def _of_order(parcels: Sequence[Parcel], statuses: Sequence[str]) -> dict[str, Any]:
    numbers = [parcel["tracking_number"] for parcel in parcels if parcel.get("tracking_number")]
    found: dict[str, Any] = {"tracking_number": numbers[-1]} if numbers else {}
    known = [parcel["status"] for parcel in parcels if parcel.get("status")]
    if known:
        # A parcel of which nobody has heard is at the beginning.
        first = statuses[:1] if len(known) < len(parcels) else []
        found["delivery_status"] = min([*first, *known], key=lambda key: _place(key, statuses))
    return found


def _place(status: str, statuses: Sequence[str]) -> int:
    return statuses.index(status) if status in statuses else len(statuses)
