"""Undoes a merge: the other customer is there again as they were, with what was theirs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.merging.customer_merging import (
    CUSTOMER,
    INSTANTS,
    WITHOUT,
    NotMerged,
    change_row,
    locked_rows,
    point,
)
from automations.features.merging.joined_values import parted, read_row
from automations.features.search.kept_words import keep, locked_progress
from automations.models.access import audit
from automations.models.tables.customer_merge import KEPT_FOR, CustomerMerge
from automations.models.tables.own_date import CustomDate
from automations.models.tables.people import User
from automations.models.tables.segment import Segment, SegmentMember
from automations.models.tables.shop_connection import ShopRecord
from automations.models.tables.store import Store, note_log_change
from automations.pipeline.evaluation import segment_membership
from automations.pipeline.records.change import Cause
from automations.pipeline.records.phone_keys import key_of
from automations.pipeline.records.record_kinds import CUSTOMER_TABLE, EVENT_TABLE, ORDER_TABLE

TOO_LATE = "This merge can no longer be undone: it is more than 30 days old, or the customer was erased."
UNDONE = "This merge is undone already. Nothing was changed."
LATER_FIRST = "Another customer was merged since then. Undo that first."
NUMBER_TAKEN = "The number {} is in use again. Change it there, then undo the merge."


def can_be_undone(merged: CustomerMerge, now: dt.datetime) -> bool:
    """Return whether a merge is young enough and what it needs is kept."""
    return merged.undone_at is None and merged.kept is not None and now - merged.merged_at < KEPT_FOR


def part(session: Session, store: Store, merge_id: int, user_id: int, now: dt.datetime) -> str:
    """Undo a merge, inside write(); return the number of the customer who is back. Raises NotMerged."""
    locked_progress(session)
    note_log_change(session, store.id, rewritten=True)
    # The customer first, as an erasure does. Which one it is changes only behind the lock above.
    customer_id = session.get_one(CustomerMerge, merge_id, populate_existing=True).customer_id
    locked = locked_rows(session, store.id, [customer_id])
    merged = session.get_one(CustomerMerge, merge_id, with_for_update=True, populate_existing=True)
    if merged.undone_at is not None:
        raise NotMerged(UNDONE)
    if not can_be_undone(merged, now):
        raise NotMerged(TOO_LATE)
    _refuse_out_of_turn(session, merged)
    stays = locked[customer_id]
    kept, row = merged.kept, read_row(merged.kept["row"], INSTANTS)
    has_withdrawn = kept.get("withdrawn") or (kept["consent"] and not stays["marketing_consent"])
    if has_withdrawn:
        row |= {name: stays[name] for name in ("marketing_consent", "marketing_consent_since")}
    row["phone_key"] = key_of(row["phone"], store.region)
    session.execute(sa.insert(CUSTOMER_TABLE).values(row))
    for name, table in (("orders", ORDER_TABLE), ("events", EVENT_TABLE)):
        point(session, table, kept[name], merged.customer_id, merged.merged_id)
    _give_back(session, store.id, merged, kept)
    before, after = read_row(kept["before"], INSTANTS), read_row(kept["after"], INSTANTS)
    values = parted(before, after, stays)
    if has_withdrawn:
        values = {name: value for name, value in values.items() if not name.startswith("marketing_consent")}
    change_row(session, store, stays, values, now)
    merged = session.get_one(CustomerMerge, merge_id, populate_existing=True)
    merged.undone_at, merged.kept, merged.merged_email, merged.merged_phone = now, None, "", ""
    session.flush()
    user = session.get_one(User, user_id)
    segment_membership.update_members(session, store, [merged.customer_id], Cause("person", user.name), now)
    _since_before(session, merged.customer_id, kept["stayed"])
    keep(session, store, CUSTOMER, [merged.customer_id, merged.merged_id])
    about = f"customer {row['number']} from customer {stays['number']}"
    audit.note(session, action="parted", about=about, store_id=store.id, user_id=user_id)
    return str(row["number"])


def _refuse_out_of_turn(session: Session, merged: CustomerMerge) -> None:
    """Later merges stand on earlier ones, so they are undone in the opposite order."""
    later = sa.and_(CustomerMerge.customer_id == merged.customer_id, CustomerMerge.id > merged.id)
    valid = sa.and_(later, CustomerMerge.undone_at.is_(None))
    if session.scalar(sa.select(CustomerMerge.id).where(valid).limit(1)):
        raise NotMerged(LATER_FIRST)
    table, number = CUSTOMER_TABLE, merged.merged_number
    taken = sa.select(table.c.id).where(table.c.store_id == merged.store_id, table.c.number == number)
    if session.scalar(taken):
        raise NotMerged(NUMBER_TAKEN.format(number))


def _since_before(session: Session, customer_id: int, stayed: list[list[Any]]) -> None:
    """Let the customer who stayed be a member since when they were one before the merge."""
    for segment_id, since in stayed:
        theirs = sa.and_(SegmentMember.segment_id == segment_id, SegmentMember.customer_id == customer_id)
        change = sa.update(SegmentMember).where(theirs).values(since=dt.datetime.fromisoformat(since))
        session.execute(change, execution_options=WITHOUT)


def _give_back(session: Session, store_id: int, merged: CustomerMerge, kept: dict[str, Any]) -> None:
    goes_id = merged.merged_id
    known = set(session.scalars(sa.select(Segment.id).where(Segment.store_id == store_id)))
    for segment_id, since in kept["members"]:
        if segment_id in known:
            entered = dt.datetime.fromisoformat(since)
            session.add(SegmentMember(segment_id=segment_id, customer_id=goes_id, since=entered))
    for key, day in kept["dates"]:
        date = CustomDate(store_id=store_id, subject=CUSTOMER, record_id=goes_id, key=key)
        date.day = dt.date.fromisoformat(day)
        session.add(date)
    session.flush()
    for table, column, ids in (
        (ShopRecord, ShopRecord.record_id, kept["links"]),
        (CustomerMerge, CustomerMerge.customer_id, kept["merges"]),
    ):
        theirs = sa.and_(table.id.in_(ids), column == merged.customer_id)
        change = sa.update(table).where(theirs).values({column.key: goes_id})
        session.execute(change, execution_options=WITHOUT)
