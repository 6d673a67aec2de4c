"""The settings of a store's providers other than its mail server: text messages, chat, carriers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.secret_encryption import SecretBox
from automations.models.access import audit
from automations.models.access.action_rate_limit import TESTED
from automations.models.db.fast_select import Lookup
from automations.models.tables.people import User
from automations.models.tables.store import Connection, Store

SMS, CHAT, HTTP, EASYPOST = "sms", "chat", "http", "easypost"
#: Their names in the audit.
NAMES = {
    SMS: "text message settings",
    CHAT: "chat settings",
    HTTP: "HTTP secrets",
    EASYPOST: "EasyPost settings",
}
_TABLE = Connection.metadata.tables["connection"]
_OF_STORE = Lookup(lambda _: sa.select(_TABLE).where(_TABLE.c.store_id == sa.bindparam("store_id")))


def find(session: Session, store_id: int, kind: str) -> Connection | None:
    """Return the settings of one provider, or None if there are none."""
    query = sa.select(Connection).where(Connection.store_id == store_id, Connection.kind == kind)
    return session.scalar(query)


def by_kind(session: Session, store_id: int) -> dict[str, Connection]:
    """Return the settings of all providers by kind, attached to no session."""
    return {row["kind"]: Connection(**row) for row in _OF_STORE.rows(session, store_id=store_id)}


def save(
    session: Session,
    store: Store,
    user: User,
    kind: str,
    settings: Mapping[str, str],
    secret: str | None,
    box: SecretBox,
) -> Connection:
    """Save the settings, inside write(). A `secret` of None keeps the stored one, "" removes it."""
    connection, now = _find_or_add(session, store.id, kind), dt.datetime.now(dt.UTC)
    before, after = audit.differences(connection.settings, dict(settings))
    if secret is not None:
        connection.secret = box.encrypt(secret) if secret else None
        after = after | {"secret": "a new one" if secret else "none"}
    connection.settings, connection.updated_at = dict(settings), now
    connection.last_result = connection.last_result_at = None
    audit_row = audit.note(session, action="changed", about=NAMES[kind], store_id=store.id, user_id=user.id)
    audit_row.before, audit_row.after = before, after
    return connection


def remove(session: Session, store: Store, user: User, kind: str) -> None:
    """Delete the settings and the secret, inside write()."""
    connection = find(session, store.id, kind)
    if connection is not None:
        session.delete(connection)
        audit.note(session, action="removed", about=NAMES[kind], store_id=store.id, user_id=user.id)


def keep_result(
    session: Session, store_id: int, user_id: int, kind: str, result: str, now: dt.datetime
) -> None:
    """Record the result of a test, inside write()."""
    connection = _find_or_add(session, store_id, kind)
    connection.last_result, connection.last_result_at = result, now
    about = NAMES[kind]
    audit.note(session, action=TESTED, about=about, store_id=store_id, user_id=user_id, after=result)


def _find_or_add(session: Session, store_id: int, kind: str) -> Connection:
    connection = find(session, store_id, kind)
    if connection is None:
        now = dt.datetime.now(dt.UTC)
        connection = Connection(store_id=store_id, kind=kind, settings={}, updated_at=now)
        session.add(connection)
    return connection
