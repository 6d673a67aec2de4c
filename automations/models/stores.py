"""The stores of a person, and a new one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.models import audit
from automations.models.choices import add_defaults
from automations.models.people import Membership, SignIn
from automations.models.store import Store


def memberships(session: Session, user_id: int) -> list[Membership]:
    """A person's stores by name, each with her role."""
    mine = sa.select(Membership).join(Membership.store).where(Membership.user_id == user_id)
    return list(session.scalars(mine.order_by(Store.name).options(joinedload(Membership.store))))


def name_taken(session: Session, name: str, but: int = 0) -> bool:
    """Whether another store is called so."""
    return session.scalar(sa.select(Store.id).where(Store.name == name, Store.id != but)) is not None


def create(session: Session, values: Mapping[str, str], user_id: int) -> int | None:
    """A new store with the usual lists and its first admin, inside write(); None where its name is taken.

    `values` are its name, currency, timezone and region.
    """
    if name_taken(session, values["name"]):
        return None
    store = Store(**values, created_at=dt.datetime.now(dt.UTC))
    session.add(store)
    session.flush()
    add_defaults(session, store)
    session.add(Membership(user_id=user_id, store_id=store.id, role="admin"))
    about, after = f"the store “{store.name}”", dict(values)
    audit.note(session, action="made", about=about, store_id=store.id, user_id=user_id, after=after)
    return store.id


def switch(session: Session, sign_in_id: int, store_id: int) -> None:
    """Let a signed-in browser work in another store, inside write()."""
    session.execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(store_id=store_id))
