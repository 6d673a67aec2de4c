"""A customer that was merged into another."""

from __future__ import annotations

from sqlalchemy.orm import Session

from automations.features.merging import customer_merging
from automations.models.tables.customer import Customer
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.world import NOW


def one_merge(session: Session, store: Store, user: User, number: str) -> int:
    """Merge someone into the customer with this number, inside write(); return the id of the merge."""
    customer = session.query(Customer).filter_by(store_id=store.id, number=number).one()
    other = Customer(store_id=store.id, number=f"{number}-again", email="a@b.example", tags=[])
    other.created_at = other.updated_at = NOW
    session.add(other)
    session.flush()
    return customer_merging.merge(session, store, customer.id, other.id, user.id, NOW).id
