"""The settings of a store's mail server, as the Settings page saves them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.secret_encryption import SecretBox
from automations.models.access import audit
from automations.models.tables.people import User
from automations.models.tables.store import Connection, Store

KIND = "smtp"
NAMES = ("host", "port", "security", "username")


def find(session: Session, store_id: int) -> Connection | None:
    """Return the settings of the store's mail server, or None."""
    query = sa.select(Connection).where(Connection.store_id == store_id, Connection.kind == KIND)
    return session.scalar(query)


def is_set_up(session: Session, store_id: int) -> bool:
    """Return whether emails of the store leave the house; without a server the Mailbox keeps them."""
    server = find(session, store_id)
    return server is not None and bool(server.settings.get("host"))


def save(
    session: Session, store: Store, user: User, entered: Mapping[str, Any], password: str, box: SecretBox
) -> None:
    """Save the settings (NAMES) inside write(). An empty `password` leaves the stored one in place.

    Without a host there is no server, and without a user name no password is kept.
    """
    connection = find(session, store.id)
    if connection is None:
        connection = Connection(store_id=store.id, kind=KIND, settings={})
        session.add(connection)
    settings = {name: entered[name] for name in NAMES}
    moved = connection.settings.get("host") not in (None, "", settings["host"])
    if moved or not settings["host"] or not settings["username"]:
        # A stored password must not go to a server its owner never meant it for.
        connection.secret = None
    if password and settings["username"]:
        connection.secret = box.encrypt(password)
    before, after = audit.differences(dict.fromkeys(NAMES, "") | connection.settings, settings)
    connection.settings, connection.updated_at = settings, dt.datetime.now(dt.UTC)
    connection.last_result = connection.last_result_at = None
    _note(session, store, user, before, after | ({"password": "a new one"} if password else {}))


def keep_result(session: Session, store_id: int, result: str, now: dt.datetime) -> None:
    """Record the result of the last test, inside write()."""
    connection = find(session, store_id)
    if connection is not None:
        connection.last_result, connection.last_result_at = result, now


def _note(session: Session, store: Store, user: User, before: object, after: object) -> None:
    audit.note(
        session,
        action="changed",
        about="email server",
        store_id=store.id,
        user_id=user.id,
        before=before,
        after=after,
    )
