"""Renews what was made of phone numbers when a store's country changes: in pieces, while it goes on working.

A number without a country code is another number in another country. Until a record is renewed, customers are
found by it as before the change, see pipeline/intake/phone_matching.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.search.catching_up import settled
from automations.features.search.kept_words import keep, locked_progress
from automations.features.search.record_words import phone
from automations.models.db.base import db, run_in_write
from automations.models.tables.customer_merge import CustomerMerge
from automations.models.tables.store import Store, locked
from automations.pipeline.records.phone_keys import key_of
from automations.pipeline.records.record_kinds import CUSTOMER_TABLE, ORDER_TABLE

#: Records looked at in one transaction.
PIECE = 500
_LAST = 2**62
_WITHOUT = {"synchronize_session": False}

GoOn = Callable[[], bool]


def renew_some(now: dt.datetime, go_on: GoOn = lambda: True) -> int:
    """Renew the next piece of each store whose country changed; return how many stores are not done."""
    changed = sa.select(Store.id).where(Store.region_changed_at.is_not(None)).order_by(Store.id)
    ids = db.session.scalars(changed).all()
    db.session.rollback()
    return sum(run_in_write(partial(_renew, store_id=id, now=now)) for id in ids if go_on())


def _renew(session: Session, store_id: int, now: dt.datetime) -> bool:
    """Renew the next records of a store, inside write(); return whether there is more to do."""
    progress = locked_progress(session)
    store = session.get_one(Store, store_id, populate_existing=True)
    # Who began before the change may still write a customer as of the old country.
    if store.region_changed_at is None or store.region_changed_at > settled(session, now):
        return False
    marks = dict(progress.phones or {})
    asked = store.region_changed_at.isoformat()
    mark = marks.get(str(store.id)) or {}
    if mark.get("asked") != asked:
        mark = {"asked": asked, "step": 0, "below": _LAST}
    if mark["step"] == len(_STEPS):
        del marks[str(store.id)]
        progress.phones = marks or None
        _end(session, store.id, store.region_changed_at)
        return False
    below = _STEPS[mark["step"]](session, store, mark["below"])
    # A new object: the session compares it with the one it loaded.
    reached = {"below": below} if below else {"step": mark["step"] + 1, "below": _LAST}
    progress.phones = {**marks, str(store.id): {**mark, **reached}}
    return True


def _end(session: Session, store_id: int, changed_at: dt.datetime) -> None:
    store = locked(session, store_id)
    if store.region_changed_at == changed_at:
        store.phone_regions = store.region_changed_at = None


def _customers(session: Session, store: Store, below: int) -> int:
    """Renew customers with an id below this one, the newest first; return the next id, 0 at the end."""
    table = CUSTOMER_TABLE.c
    theirs = sa.select(table.id, table.phone, table.phone_key).where(table.store_id == store.id)
    rows = _page(session, theirs.where(table.phone != ""), table.id, below)
    keys = {row.id: key_of(row.phone, store.region) for row in rows}
    for row in sorted(rows, key=lambda row: row.id):
        if keys[row.id] != row.phone_key:
            same = sa.and_(table.id == row.id, table.phone == row.phone)
            session.execute(sa.update(CUSTOMER_TABLE).where(same).values(phone_key=keys[row.id]))
    keep(session, store, "customer", _reads_otherwise(store, ((row.id, row.phone) for row in rows)))
    return _next(rows)


def _orders(session: Session, store: Store, below: int) -> int:
    """Renew the words of orders that have a phone at the address they go to."""
    table = ORDER_TABLE.c
    theirs = sa.select(table.id, table.delivery_address).where(table.store_id == store.id)
    rows = _page(session, theirs.where(table.delivery_address.is_not(None)), table.id, below)
    phones = ((row.id, _phone_in(row.delivery_address)) for row in rows)
    keep(session, store, "order", _reads_otherwise(store, phones))
    return _next(rows)


def _merged(session: Session, store: Store, below: int) -> int:
    """Renew by which phone those are found who were merged into another, as long as it is known."""
    valid = sa.and_(CustomerMerge.store_id == store.id, CustomerMerge.undone_at.is_(None))
    query = (
        sa.select(CustomerMerge)
        .where(valid, CustomerMerge.id < below)
        .order_by(CustomerMerge.id.desc())
        .limit(PIECE)
    )
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    for merged in sorted(rows, key=lambda row: row.id):
        number = str(((merged.kept or {}).get("row") or {}).get("phone") or "")
        if number:
            merged.merged_phone = key_of(number, store.region)
    return _next(rows)


_STEPS = (_customers, _orders, _merged)


def _page(session: Session, query: sa.Select[Any], id: Any, below: int) -> Sequence[Any]:
    return session.execute(query.where(id < below).order_by(id.desc()).limit(PIECE)).all()


def _next(rows: Sequence[Any]) -> int:
    return rows[-1].id if len(rows) == PIECE else 0


def _reads_otherwise(store: Store, numbers: Iterable[tuple[int, str]]) -> list[int]:
    """Return the ids of those whose number is another one in the present country than in one before."""
    former = store.phone_regions or ()
    return [
        id
        for id, text in numbers
        if text and any(phone(text, region) != phone(text, store.region) for region in former)
    ]


def _phone_in(address: Any) -> str:
    return str(address.get("phone") or "") if isinstance(address, Mapping) else ""
