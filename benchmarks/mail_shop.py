"""A store with so many customers in a segment, its mail server, and a campaign to all of them."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import Flask

from automations.features.audience import campaign_edits, segment_edits
from automations.features.search.catching_up import CatchingUp
from automations.models.db import schema
from automations.models.db.base import write
from automations.models.settings.choices import add_defaults
from automations.models.tables.customer import Customer
from automations.models.tables.people import Membership, User
from automations.models.tables.segment import Campaign, SegmentMember
from automations.models.tables.store import Connection, Store

NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
MESSAGE = {
    "channel": "email",
    "subject": "Peonies, {{ customer.first_name }}",
    "message": "Dear {{ customer.first_name }},\n\nthe first peonies are in. Come and see them.\n\n" * 3,
}
#: Rows written at once.
TOGETHER = 1000


def prepare(app: Flask, customers: int, port: int) -> int:
    """Make all of it; return the id of the campaign, which is not started yet."""
    with app.app_context():
        schema.upgrade()
        with write() as session:
            store = Store(
                name="Bench & Bloom", created_at=NOW, quiet_hours=[], sender_email="us@bloom.example"
            )
            ada = User(email="ada@bench.example", name="Ada Quill", password_hash="x", created_at=NOW)
            session.add_all([store, ada])
            session.flush()
            session.add(Membership(user_id=ada.id, store_id=store.id, role="admin"))
            add_defaults(session, store)
            settings = {"host": "127.0.0.1", "port": port, "security": "none", "username": ""}
            session.add(Connection(store_id=store.id, kind="smtp", settings=settings, updated_at=NOW))
            segment = segment_edits.save(session, store, ada, None, "Everybody", [], NOW)
            _add_customers(session, store.id, segment.id, customers)
            made = campaign_edits.create(session, store, ada, segment, "Peonies", MESSAGE, None, NOW)
            campaign_id = made.id
        # As a worker would have done by now: the words by which customers are found.
        while CatchingUp().once(NOW):
            pass
        return campaign_id


def start(app: Flask, campaign_id: int) -> None:
    """Begin the campaign, as the button does."""
    with app.app_context(), write() as session:
        user = session.query(User).first()
        assert user is not None
        campaign_edits.start(session, session.get_one(Campaign, campaign_id), user)


def _add_customers(session: sa.orm.Session, store_id: int, segment_id: int, count: int) -> None:
    for first in range(1, count + 1, TOGETHER):
        ids = range(first, min(first + TOGETHER, count + 1))
        session.execute(sa.insert(Customer), [_customer(store_id, id) for id in ids])
        members = [{"segment_id": segment_id, "customer_id": id, "since": NOW} for id in ids]
        session.execute(sa.insert(SegmentMember), members)


def _customer(store_id: int, id: int) -> dict[str, object]:
    row: dict[str, object] = {"id": id, "store_id": store_id, "number": f"C-{id}", "first_name": f"Mia {id}"}
    row |= {"last_name": "Petrova", "email": f"mia{id}@bench.example", "marketing_consent": True}
    return row | {"created_at": NOW, "updated_at": NOW}
