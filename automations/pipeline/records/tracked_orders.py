"""Finds orders and parcels by a tracking number as people type it: “rm 0001 0020 0gb” is RM000100200GB."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.pipeline.records.parcel_numbers import PARCEL_TABLE
from automations.pipeline.records.parcels import Parcel
from automations.pipeline.records.record_kinds import ORDER_TABLE

_BESIDE = re.compile(r"[\s-]+")
#: Where carriers print spaces: in the numbers of all posts, and in those of UPS. Others print groups.
_PRINTED = (
    re.compile(r"([A-Z]{2})(\d{4})(\d{4})(\d[A-Z]{2})", re.ASCII),
    re.compile(r"([A-Z]{2})(\d{3})(\d{3})(\d{3})([A-Z]{2})", re.ASCII),
    re.compile(r"([A-Z]{2})(\d{9})([A-Z]{2})", re.ASCII),
    re.compile(r"(1Z)([A-Z0-9]{3})([A-Z0-9]{3})([A-Z0-9]{2})([A-Z0-9]{4})([A-Z0-9]{4})", re.ASCII),
    re.compile(r"(1Z)([A-Z0-9]{6})([A-Z0-9]{2})([A-Z0-9]{8})", re.ASCII),
)
_IN_GROUPS = (4, 3)


def orders_with(session: Session, store_id: int, tracking_number: str, most: int) -> list[str]:
    """Return the numbers of the newest orders that have this tracking number, on their own or by a parcel.

    It may be typed there in another spelling.
    """
    spelled = spellings(tracking_number)
    of_parcel = sa.select(PARCEL_TABLE.c.order_id).where(
        PARCEL_TABLE.c.store_id == store_id, PARCEL_TABLE.c.tracking_number.in_(spelled)
    )
    orders = ORDER_TABLE.c
    theirs = sa.select(orders.id).where(orders.store_id == store_id, orders.tracking_number.in_(spelled))
    query = sa.select(orders.number).where(orders.id.in_(sa.union(theirs, of_parcel)))
    return list(session.scalars(query.order_by(orders.id.desc()).limit(most)))


def of_one(parcels: Sequence[Parcel], tracking_number: str, **values: Any) -> list[Parcel]:
    """Return the parcels with these values in the one that has the tracking number."""
    return [{**parcel, **values} if has_number(parcel, tracking_number) else parcel for parcel in parcels]


def has_number(parcel: Parcel, tracking_number: str) -> bool:
    """Return whether a parcel has this tracking number, in any spelling."""
    return plain(parcel.get("tracking_number") or "") == plain(tracking_number)


def plain(number: str) -> str:
    """Return a tracking number by which all its spellings are the same."""
    return _BESIDE.sub("", number).upper()


def spellings(number: str) -> list[str]:
    """Return how a tracking number may stand in an order: as it is, without spaces, and as it is printed."""
    whole = plain(number)
    printed = [" ".join(match.groups()) for form in _PRINTED if (match := form.fullmatch(whole))]
    grouped = [" ".join(re.findall(f".{{1,{size}}}", whole)) for size in _IN_GROUPS]
    found = [whole, *printed, *grouped]
    return list(dict.fromkeys([number, *found, *(one.lower() for one in found)]))
