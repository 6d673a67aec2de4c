"""Merges one customer into another: all that is theirs goes along, nothing fires, and it can be undone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.merging.joined_values import joined, plain_row
from automations.features.search.kept_words import keep, locked_progress
from automations.models.access import audit
from automations.models.settings.choices import StoreWords
from automations.models.tables.customer_merge import CustomerMerge
from automations.models.tables.own_date import CustomDate
from automations.models.tables.people import User
from automations.models.tables.segment import SegmentMember
from automations.models.tables.shop_connection import ShopRecord
from automations.models.tables.store import Store, note_log_change
from automations.pipeline.evaluation import segment_membership
from automations.pipeline.records import custom_date_index
from automations.pipeline.records.change import Cause
from automations.pipeline.records.phone_keys import key_of
from automations.pipeline.records.record_kinds import CUSTOMER_TABLE, EVENT_TABLE, ORDER_TABLE

CUSTOMER = "customer"
#: SQLite and Postgres take lists of ids no longer than this.
PIECE = 5_000
INSTANTS = frozenset({"created_at", "updated_at", "marketing_consent_since"})
WITHOUT = {"synchronize_session": False}


class NotMerged(ValueError):
    """The two cannot be merged, or not parted; the message is a sentence."""


def merge(
    session: Session, store: Store, stays_id: int, goes_id: int, user_id: int, now: dt.datetime
) -> CustomerMerge:
    """Merge the customer `goes_id` into `stays_id`, inside write(). Raises NotMerged."""
    if stays_id == goes_id:
        raise NotMerged("This is the same customer. Choose another one.")
    locked_progress(session)
    note_log_change(session, store.id, rewritten=True)
    rows = locked_rows(session, store.id, [stays_id, goes_id])
    if len(rows) < 2:
        raise NotMerged("One of the two is no longer there. Look for the customer again.")
    stays, goes = rows[stays_id], rows[goes_id]
    after = joined(stays, goes)
    kept = _moved(session, store.id, stays_id, goes_id) | {"stayed": members_of(session, stays_id)}
    kept |= {"row": plain_row(goes), "before": plain_row({name: stays[name] for name in after})}
    kept["after"] = plain_row(after)
    kept["consent"] = (stays | after)["marketing_consent"]
    session.execute(sa.delete(CUSTOMER_TABLE).where(CUSTOMER_TABLE.c.id == goes_id))
    store.has_merged_customers = True
    change_row(session, store, stays, after, now)
    merged = CustomerMerge(store_id=store.id, customer_id=stays_id, merged_id=goes_id, kept=kept)
    merged.merged_number, merged.merged_email = goes["number"], (goes["email"] or "").lower()
    merged.merged_phone, merged.merged_at, merged.merged_by = goes["phone_key"], now, user_id
    session.add(merged)
    session.flush()
    user = session.get_one(User, user_id)
    segment_membership.update_members(session, store, [stays_id], Cause("person", user.name), now)
    # Changes of customers lock their segments before the words they are found by.
    keep(session, store, CUSTOMER, [stays_id, goes_id])
    about = f"customer {goes['number']} into customer {stays['number']}"
    audit.note(session, action="merged", about=about, store_id=store.id, user_id=user_id)
    return merged


def locked_rows(session: Session, store_id: int, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Return the customers of a store by id, locked in the order of their ids."""
    table = CUSTOMER_TABLE
    of_store = sa.select(table).where(table.c.store_id == store_id, table.c.id.in_(ids))
    rows = session.execute(of_store.order_by(table.c.id).with_for_update()).mappings()
    return {row["id"]: dict(row) for row in rows}


def change_row(
    session: Session, store: Store, row: dict[str, Any], values: dict[str, Any], now: dt.datetime
) -> None:
    """Set columns of a customer; a form that is open elsewhere then sees that it is no longer current."""
    counted = {"revision": row["revision"] + 1, "updated_at": now}
    if "phone" in values:
        # The store may be in another country than when the phone was written down.
        values = {**values, "phone_key": key_of(values["phone"], store.region)}
    theirs = sa.update(CUSTOMER_TABLE).where(CUSTOMER_TABLE.c.id == row["id"])
    session.execute(theirs.values({**values, **counted}))
    if "custom" in values:
        own = StoreWords(session, store).custom_ever(CUSTOMER)
        custom_date_index.update(session, store.id, CUSTOMER, [{**row, **values}], own)
    session.flush()
    session.expire_all()


def members_of(session: Session, customer_id: int) -> list[list[Any]]:
    """Return the segments of a customer, each with since when."""
    of_customer = sa.select(SegmentMember.segment_id, SegmentMember.since)
    rows = session.execute(of_customer.where(SegmentMember.customer_id == customer_id)).all()
    return [[segment_id, since.isoformat()] for segment_id, since in rows]


def point(session: Session, table: sa.Table, ids: list[int], from_id: int, to_id: int) -> None:
    """Give those of these orders or events that belong to one customer to the other."""
    for start in range(0, len(ids), PIECE):
        theirs = sa.and_(table.c.id.in_(ids[start : start + PIECE]), table.c.customer_id == from_id)
        session.execute(sa.update(table).where(theirs).values(customer_id=to_id))


def _moved(session: Session, store_id: int, stays_id: int, goes_id: int) -> dict[str, Any]:
    """Move everything that refers to the one to the other; return what it was."""
    kept: dict[str, Any] = {}
    for name, table in (("orders", ORDER_TABLE), ("events", EVENT_TABLE)):
        theirs = sa.select(table.c.id).where(table.c.customer_id == goes_id, table.c.store_id + 0 == store_id)
        kept[name] = list(session.scalars(theirs.order_by(table.c.id).with_for_update()))
        point(session, table, kept[name], goes_id, stays_id)
    kept["members"] = members_of(session, goes_id)
    session.execute(
        sa.delete(SegmentMember).where(SegmentMember.customer_id == goes_id), execution_options=WITHOUT
    )
    of_customer = sa.and_(CustomDate.subject == CUSTOMER, CustomDate.record_id == goes_id)
    dates = session.execute(sa.select(CustomDate.key, CustomDate.day).where(of_customer)).all()
    kept["dates"] = [[key, day.isoformat()] for key, day in dates]
    session.execute(sa.delete(CustomDate).where(of_customer), execution_options=WITHOUT)
    theirs_in_shops = sa.and_(ShopRecord.subject == CUSTOMER, ShopRecord.record_id == goes_id)
    kept["links"] = _pointed(session, ShopRecord, ShopRecord.record_id, theirs_in_shops, stays_id)
    kept["merges"] = _pointed(
        session, CustomerMerge, CustomerMerge.customer_id, CustomerMerge.customer_id == goes_id, stays_id
    )
    return kept


def _pointed(
    session: Session, table: Any, column: Any, which: sa.ColumnElement[bool], to_id: int
) -> list[int]:
    ids = list(session.scalars(sa.select(table.id).where(which).order_by(table.id)))
    if ids:
        change = sa.update(table).where(table.id.in_(ids)).values({column.key: to_id})
        session.execute(change, execution_options=WITHOUT)
    return ids
