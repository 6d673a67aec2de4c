"""Customers who may be the same person: the same phone, email or name."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.customer import ERASED, Customer

#: So many are shown.
MOST = 5


def possible_duplicates(session: Session, customer: Customer) -> Sequence[tuple[Customer, str]]:
    """Return other customers with what they share: "phone", "email" or "name", the strongest first."""
    if customer.first_name == ERASED:
        return ()
    found: dict[int, tuple[Customer, str]] = {}
    for what, same in _same(customer):
        others = sa.and_(Customer.store_id == customer.store_id, Customer.id != customer.id)
        query = sa.select(Customer).where(others, *same).order_by(Customer.id.desc()).limit(MOST)
        for other in session.scalars(query):
            found.setdefault(other.id, (other, what))
    return list(found.values())[:MOST]


def _same(customer: Customer) -> list[tuple[str, list[sa.ColumnElement[bool]]]]:
    lower = sa.func.lower
    ways = [
        ("email", customer.email, [lower(Customer.email) == customer.email.lower()]),
        ("phone", customer.phone_key, [Customer.phone_key == customer.phone_key]),
        (
            "name",
            customer.first_name and customer.last_name,
            [
                lower(Customer.last_name) == lower(sa.literal(customer.last_name)),
                lower(Customer.first_name) == lower(sa.literal(customer.first_name)),
            ],
        ),
    ]
    return [(what, same) for what, value, same in ways if value]
