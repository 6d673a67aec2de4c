"""Who a customer was before: customers that were merged into them, and how what names those is led on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.customer import Customer
from automations.models.tables.customer_merge import CustomerMerge

_VALID = CustomerMerge.undone_at.is_(None)
#: The phone of a customer who was merged, as digits.
PHONE = CustomerMerge.merged_phone


def ids_of(session: Session, customer_id: int) -> list[int]:
    """Return the id of a customer with those of all who were merged into them."""
    merged = sa.select(CustomerMerge.merged_id).where(CustomerMerge.customer_id == customer_id, _VALID)
    return [customer_id, *session.scalars(merged.order_by(CustomerMerge.id))]


def now_called(session: Session, store_id: int, numbers: Collection[str]) -> dict[str, str]:
    """Return, for those of these numbers whose customer was merged, the number of who they are now."""
    return _led_on(session, store_id, CustomerMerge.merged_number, numbers)


def by_email(session: Session, store_id: int, emails: Collection[str]) -> dict[str, str]:
    """Return, by email in small letters, the number of who had it before they were merged."""
    return _led_on(session, store_id, CustomerMerge.merged_email, emails)


def had_phones(store_id: int, columns: Sequence[Any]) -> sa.Select[Any]:
    """Select columns of customers and PHONE, as "phone_key", of those who had a phone before a merge."""
    query = sa.select(*columns, PHONE.label("phone_key")).select_from(CustomerMerge)
    joined = query.join(Customer, Customer.id == CustomerMerge.customer_id)
    return joined.where(CustomerMerge.store_id == store_id, _VALID).order_by(PHONE, CustomerMerge.id)


def now_id(customer_id: int | sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """Return the id of who this customer is now, as a part of a statement."""
    merged = sa.select(CustomerMerge.customer_id).where(CustomerMerge.merged_id == customer_id, _VALID)
    return sa.func.coalesce(merged.limit(1).scalar_subquery(), customer_id)


def number_of(session: Session, store_id: int, merged_id: int) -> str:
    """Return the number a merged customer had; "" if this id is none."""
    of_store = sa.and_(CustomerMerge.store_id == store_id, CustomerMerge.merged_id == merged_id, _VALID)
    return session.scalar(sa.select(CustomerMerge.merged_number).where(of_store)) or ""


def now_is(session: Session, store_id: int, number: str) -> int | None:
    """Return the id of who a merged customer is now, by the number they had."""
    had = sa.and_(CustomerMerge.store_id == store_id, CustomerMerge.merged_number == number, _VALID)
    newest = sa.select(CustomerMerge.customer_id).where(had).order_by(CustomerMerge.id.desc()).limit(1)
    return session.scalar(newest)


def withdraw(session: Session, customer_id: int) -> None:
    """Note at the merges of a customer that they ended marketing: an undo must not bring a consent back."""
    valid = sa.and_(CustomerMerge.customer_id == customer_id, CustomerMerge.kept.is_not(None), _VALID)
    for merged in session.scalars(sa.select(CustomerMerge).where(valid).with_for_update()):
        merged.kept = {**merged.kept, "withdrawn": True}


def is_taken(session: Session, store_id: int, number: str) -> bool:
    """Return whether a number belongs to a customer who was merged: an undo needs it."""
    return bool(now_called(session, store_id, [number]))


def _led_on(session: Session, store_id: int, column: Any, values: Collection[str]) -> dict[str, str]:
    wanted = [value for value in values if value]
    if not wanted:
        return {}
    query = (
        sa.select(column, Customer.number)
        .join(Customer, Customer.id == CustomerMerge.customer_id)
        .where(CustomerMerge.store_id == store_id, column.in_(wanted), _VALID)
        .order_by(CustomerMerge.id)
    )
    return dict(session.execute(query).all())
