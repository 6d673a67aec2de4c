"""A small world with names, the same in every test.

Ada is admin of Bloom & Wild St, Rosa manages it, Finn views; Mallory manages Thorn & Co.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from automations.models.access.password_hashing import Passwords
from automations.models.settings.choices import add_defaults
from automations.models.tables.customer import Account, Customer
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store

NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
PASSWORD = "petals and thorns"
# Cheap parameters: the real ones take 20 ms a hash, and the world is built for many tests.
CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}

PEOPLE = (
    ("ada@bloom.example", "Ada Quill", "Bloom & Wild St", "admin"),
    ("rosa@bloom.example", "Rosa Lind", "Bloom & Wild St", "manager"),
    ("finn@bloom.example", "Finn Ash", "Bloom & Wild St", "viewer"),
    ("mallory@thorn.example", "Mallory Vex", "Thorn & Co", "manager"),
)


def build(session: Session) -> None:
    """Add two stores with their lists, four people, one account and two customers."""
    stores = {}
    for name in ("Bloom & Wild St", "Thorn & Co"):
        stores[name] = Store(
            name=name, created_at=NOW, sender_email=f"hello@{name.split()[0].lower()}.example"
        )
        session.add(stores[name])
    session.flush()
    for store in stores.values():
        add_defaults(session, store)
    password_hash = Passwords(CHEAP).hash(PASSWORD)
    for email, person, store_name, role in PEOPLE:
        user = User(email=email, name=person, password_hash=password_hash, created_at=NOW)
        session.add(user)
        session.flush()
        session.add(Membership(user_id=user.id, store_id=stores[store_name].id, role=role))
    _add_customers(session, stores["Bloom & Wild St"])


def _add_customers(session: Session, bloom: Store) -> None:
    hotel = Account(store_id=bloom.id, name="Grand Hotel", created_at=NOW)
    session.add(hotel)
    session.flush()
    session.add(
        Customer(
            store_id=bloom.id,
            number="C-1",
            first_name="Anna",
            last_name="Petrova",
            email="anna@grandhotel.example",
            phone="+44 20 7946 0958",
            account_id=hotel.id,
            created_at=NOW,
            updated_at=NOW,
        )
    )
    session.add(
        Customer(
            store_id=bloom.id,
            number="C-2",
            first_name="Bob",
            last_name="Marsh",
            email="bob(at)nowhere",
            created_at=NOW,
            updated_at=NOW,
        )
    )
