"""Takes a customer out of what shops sent: payloads about them go, and so does what the shop calls them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.privacy.customer_rows import CustomerRows
from automations.models.db import text_search
from automations.models.tables.shop_connection import ShopDelivery, ShopRecord, ShopWord
from automations.models.tables.shop_fetch import ShopFetch

_TEXTS = ("delivery_id", "topic", "payload", "fetched", "headers", "sentence", "understood")


def erase(
    session: Session, customer_rows: CustomerRows, strong: Iterable[str], erased: Callable[[Any], Any]
) -> int:
    """Delete or rewrite the rows that name the customer, inside write(); return how many."""
    named = [
        text_search.contains(sa.type_coerce(getattr(ShopDelivery, name), sa.Text), text)
        for name in _TEXTS
        for text in strong
    ]
    of_store = ShopDelivery.store_id == customer_rows.store_id
    theirs = sa.and_(of_store, sa.or_(customer_rows.about(ShopDelivery), *named))
    ids = list(session.scalars(sa.select(ShopDelivery.id).where(theirs)))
    changed = delete_deliveries(session, ids)
    words = [text_search.contains(ShopWord.said, text) for text in strong]
    if words:
        found = sa.and_(ShopWord.store_id == customer_rows.store_id, sa.or_(*words))
        changed += len(list(session.scalars(sa.delete(ShopWord).where(found).returning(ShopWord.id))))
    return changed + _rewrite_records(session, customer_rows, erased)


def delete_deliveries(session: Session, ids: list[int]) -> int:
    """Delete deliveries with what is still to be fetched for them, inside write(); words forget them."""
    if ids:
        without = {"synchronize_session": False}
        words = sa.update(ShopWord).where(ShopWord.delivery_id.in_(ids)).values(delivery_id=None)
        session.execute(words, execution_options=without)
        fetches = sa.delete(ShopFetch).where(ShopFetch.delivery_id.in_(ids))
        session.execute(fetches, execution_options=without)
        session.execute(sa.delete(ShopDelivery).where(ShopDelivery.id.in_(ids)), execution_options=without)
    return len(ids)


def _rewrite_records(session: Session, customer_rows: CustomerRows, erased: Callable[[Any], Any]) -> int:
    changed = 0
    query = sa.select(ShopRecord).where(
        ShopRecord.store_id == customer_rows.store_id, customer_rows.about(ShopRecord)
    )
    for record in session.scalars(query):
        if record.subject == "customer":
            # The shop may speak of them again: then they are someone new.
            session.delete(record)
        else:
            record.said, record.conflicts = erased(record.said), erased(record.conflicts)
        changed += 1
    session.flush()
    return changed
