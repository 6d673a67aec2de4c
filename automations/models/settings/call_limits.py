"""How many requests of a store one host gets at the same time: a setting of the store's HTTP connection.

The relay lets that many workflows of a host be under way, and each of them sends its share, so that the limit
holds whichever workers do them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.db.fast_select import Lookup
from automations.models.settings import providers
from automations.models.tables.people import User
from automations.models.tables.store import Connection, Store, locked
from automations.models.tables.undo_step import UndoStep

_HTTP_SETTINGS = Lookup(
    lambda _: sa.select(Connection.store_id, Connection.settings).where(Connection.kind == providers.HTTP)
)
EDITED = "call limits edit"
AT_ONCE = 10
#: Their name in the audit.
ABOUT = "requests at the same time"
#: The most that may be set.
MOST = 200
#: Workflows of a host under way at once, so that a host that hangs leaves the other threads alone.
WORKFLOWS = 2
#: The most of them, of a host whose limit is high.
MOST_WORKFLOWS = 8


@dataclass(frozen=True, slots=True)
class CallLimits:
    """The limit of most hosts, and those of hosts that have their own."""

    usual: int = AT_ONCE
    hosts: Mapping[str, int] = field(default_factory=dict)

    def of(self, host: str) -> int:
        """Return how many requests this host gets at the same time."""
        return self.hosts.get(host, self.usual)

    def workflows(self, host: str) -> int:
        """Return how many workflows of this host may be under way."""
        limit = self.of(host)
        return min(limit, max(WORKFLOWS, min(MOST_WORKFLOWS, limit // AT_ONCE)))

    def share(self, host: str) -> int:
        """Return how many requests one of these workflows may have under way."""
        return self.of(host) // self.workflows(host)

    def to_settings(self) -> dict[str, Any]:
        """Return them as the connection keeps them."""
        return {"at_once": self.usual, "hosts": dict(self.hosts)}


def of_settings(settings: Mapping[str, Any] | None) -> CallLimits:
    """Read what `to_settings` wrote."""
    kept = settings or {}
    return CallLimits(int(kept.get("at_once") or AT_ONCE), kept.get("hosts") or {})


def of_store(session: Session, store_id: int) -> CallLimits:
    """Return the limits of a store."""
    same = sa.and_(Connection.store_id == store_id, Connection.kind == providers.HTTP)
    return of_settings(session.scalar(sa.select(Connection.settings).where(same)))


def of_stores(session: Session) -> dict[int, CallLimits]:
    """Return the limits of all stores that set their own."""
    return {row["store_id"]: of_settings(row["settings"]) for row in _HTTP_SETTINGS.rows(session)}


def save(session: Session, store: Store, user: User, limits: CallLimits) -> UndoStep | None:
    """Set the limits of a store, inside write(); return what takes it back, None if they were so already."""
    stored = locked(session, store.id)
    was = of_store(session, store.id)
    if was == limits:
        return None
    _write(session, stored, user, was, limits, "changed")
    return undo_steps.remember(
        session, EDITED, user, store.id, store.id, was.to_settings(), limits.to_settings()
    )


def change_back(session: Session, step: UndoStep, user: User) -> None:
    """Give a store its former limits, inside write(). Raises CannotUndo."""
    store = locked(session, step.store_id)
    was = of_store(session, store.id)
    if was != of_settings(step.after):
        raise CannotUndo("These limits were changed in the meantime, so nothing was undone.")
    _write(session, store, user, was, of_settings(step.before), "undid a change of")


def _write(
    session: Session, store: Store, user: User, was: CallLimits, limits: CallLimits, action: str
) -> None:
    connection, now = providers.find(session, store.id, providers.HTTP), dt.datetime.now(dt.UTC)
    if connection is None:
        connection = Connection(store_id=store.id, kind=providers.HTTP, settings={}, updated_at=now)
        session.add(connection)
    before, after = audit.differences(was.to_settings(), limits.to_settings())
    connection.settings, connection.updated_at = {**connection.settings, **limits.to_settings()}, now
    row = audit.note(session, action=action, about=ABOUT, store_id=store.id, user_id=user.id)
    row.before, row.after = before, after
