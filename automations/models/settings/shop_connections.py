"""The shops that send to a store: their addresses, secrets and options."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.secret_encryption import SecretBox
from automations.connectors.sources.all_sources import SOURCES
from automations.connectors.sources.shop_api import ShopAccess
from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.tables.people import User
from automations.models.tables.secret import OVERLAP
from automations.models.tables.shop_connection import ShopConnection
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep

#: The options of a new connection. `silence` is in hours, 0 for never.
OPTIONS: Mapping[str, Any] = {
    "two_steps": True,
    "quiet_after": 7,
    "takes_tests": False,
    "month_first": False,
    "prefix": "",
    "silence": 72,
}
_SECRET_BYTES = 32
OPTIONS_EDITED = "shop options edit"


def of_store(session: Session, store_id: int) -> list[ShopConnection]:
    """Return all connections of a store, the open ones first."""
    query = sa.select(ShopConnection).where(ShopConnection.store_id == store_id)
    return list(session.scalars(query.order_by(ShopConnection.closed_at.is_not(None), ShopConnection.id)))


def find(session: Session, kind: str, token: str) -> ShopConnection | None:
    """Return the open connection with this complete address, or None."""
    query = sa.select(ShopConnection).where(ShopConnection.token == token, ShopConnection.closed_at.is_(None))
    connection = session.scalar(query)
    if connection is None or connection.kind != kind:
        return None
    return connection if hmac.compare_digest(connection.token.encode(), token.encode()) else None


def create(
    session: Session, store: Store, user: User, kind: str, name: str, box: SecretBox, now: dt.datetime
) -> tuple[ShopConnection, str]:
    """Create a connection, inside write(). Return it, and the secret if we make it, which is shown once."""
    options = dict(OPTIONS) | {"month_first": store.region == "US"}
    token = f"{store.id}-{secrets.token_urlsafe(18)}"
    connection = ShopConnection(store_id=store.id, kind=kind, name=name, token=token, options=options)
    connection.changed_at = connection.created_at = now
    connection.created_by = user.id
    secret = secrets.token_urlsafe(_SECRET_BYTES) if SOURCES[kind].makes_secret else ""
    connection.secret = box.encrypt(secret) if secret else None
    session.add(connection)
    note(session, connection, user, "added", now)
    return connection, secret


def set_secret(
    session: Session, connection: ShopConnection, user: User, secret: str, box: SecretBox, now: dt.datetime
) -> None:
    """Replace the secret, inside write(); the one before is accepted for OVERLAP."""
    connection.previous, connection.secret = connection.secret, box.encrypt(secret)
    connection.changed_at = now
    note(session, connection, user, "gave a new secret to", now)


def make_secret(
    session: Session, connection: ShopConnection, user: User, box: SecretBox, now: dt.datetime
) -> str:
    """Replace the secret by one of ours, inside write(), and return it."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    set_secret(session, connection, user, secret, box, now)
    return secret


def set_access(
    session: Session,
    connection: ShopConnection,
    user: User,
    access: ShopAccess,
    box: SecretBox,
    now: dt.datetime,
) -> None:
    """Keep with what the shop's API is asked, inside write(); without a token, the one before stays."""
    before, after = audit.differences(connection.options, {"site": access.site, "account": access.name})
    connection.options = {**connection.options, "site": access.site, "account": access.name}
    if access.token:
        connection.access = box.encrypt(access.token)
    connection.access_problem = None
    note(session, connection, user, "gave an access token to", now, before, after)


def forget_access(session: Session, connection: ShopConnection, user: User, now: dt.datetime) -> None:
    """Forget the access token, inside write(): nothing is fetched any more."""
    connection.access = connection.access_problem = None
    note(session, connection, user, "took the access token from", now)


def access_of(connection: ShopConnection, box: SecretBox) -> ShopAccess | None:
    """Return with what the shop's API is asked; None without a token. Raises SecretUnreadable."""
    api = SOURCES[connection.kind].api
    if connection.access is None or api is None:
        return None
    site = str(connection.options.get("site") or api.site)
    return ShopAccess(site, box.decrypt(connection.access), str(connection.options.get("account") or ""))


def set_options(
    session: Session, connection: ShopConnection, user: User, options: Mapping[str, Any], now: dt.datetime
) -> None:
    """Change the options, inside write()."""
    before, after = audit.differences(connection.options, options)
    if after:
        connection.options = {**connection.options, **options}
        note(session, connection, user, "changed", now, before, after)


def save_options(
    session: Session, connection: ShopConnection, user: User, options: Mapping[str, Any], now: dt.datetime
) -> UndoStep | None:
    """Change the options, inside write(); return what takes it back, None if they were so already."""
    before, after = audit.differences(connection.options, options)
    if not after:
        return None
    set_options(session, connection, user, after, now)
    return undo_steps.remember(
        session, OPTIONS_EDITED, user, connection.store_id, connection.id, before, after
    )


def options_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> ShopConnection:
    """Give a connection its former options, inside write(); return it. Raises CannotUndo."""
    connection = locked(session, step.about_id)
    if {name: connection.options.get(name) for name in step.after} != step.after:
        raise CannotUndo("These options were changed in the meantime, so nothing was undone.")
    former = {**connection.options, **step.before}
    connection.options = {name: value for name, value in former.items() if value is not None}
    note(session, connection, user, "undid a change of", now, step.after, step.before)
    return connection


def close(session: Session, connection: ShopConnection, user: User, now: dt.datetime) -> None:
    """Close the address for good, inside write(). What came by it stays."""
    connection.closed_at = connection.closed_at or now
    note(session, connection, user, "closed", now)


def valid_secrets(connection: ShopConnection, box: SecretBox, now: dt.datetime) -> list[str]:
    """Return the secrets that are valid now. Raises SecretUnreadable."""
    encrypted = [connection.secret, connection.previous if now - connection.changed_at < OVERLAP else None]
    return [box.decrypt(secret) for secret in encrypted if secret]


def locked(session: Session, connection_id: int) -> ShopConnection:
    """Return the connection, locked: what one shop sends is taken one after the other."""
    return session.get_one(ShopConnection, connection_id, with_for_update=True, populate_existing=True)


def note(
    session: Session,
    connection: ShopConnection,
    user: User,
    action: str,
    now: dt.datetime,
    before: Any = None,
    after: Any = None,
) -> None:
    """Note in the audit what someone did with a connection, inside write()."""
    audit.note(
        session,
        action=action,
        about=f"the connection “{connection.name}”",
        store_id=connection.store_id,
        user_id=user.id,
        before=before,
        after=after,
        at=now,
    )
