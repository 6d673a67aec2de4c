"""The stores of a person, and creating one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.models.access import audit
from automations.models.settings import store_edits
from automations.models.settings.choices import add_defaults
from automations.models.settings.email_looks import NEW
from automations.models.tables.people import Membership, SignIn
from automations.models.tables.store import Store


def memberships(session: Session, user_id: int) -> list[Membership]:
    """Return a person's memberships, sorted by the name of the store."""
    query = sa.select(Membership).join(Membership.store).where(Membership.user_id == user_id)
    return list(session.scalars(query.order_by(Store.name).options(joinedload(Membership.store))))


def create(session: Session, values: Mapping[str, str], user_id: int) -> int | None:
    """Create a store with default lists and its first admin, inside write(); None if the name is taken.

    `values` are its name, currency, timezone and region.
    """
    if store_edits.name_taken(session, values["name"]):
        return None
    store = Store(**values, email_look=dict(NEW), created_at=dt.datetime.now(dt.UTC))
    session.add(store)
    session.flush()
    add_defaults(session, store)
    session.add(Membership(user_id=user_id, store_id=store.id, role="admin"))
    about, after = f"the store “{store.name}”", dict(values)
    audit.note(session, action="made", about=about, store_id=store.id, user_id=user_id, after=after)
    return store.id


def switch(session: Session, sign_in_id: int, store_id: int) -> None:
    """Switch a signed-in browser to another store, inside write()."""
    session.execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(store_id=store_id))
