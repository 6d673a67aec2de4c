"""Saves the settings of a store, page by page, so that what they were can be put back for a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.tables.people import User
from automations.models.tables.store import Store, locked
from automations.models.tables.store_file import StoreFile
from automations.models.tables.undo_step import UndoStep

STORE, HOURS, RETENTION, LOOK = "store edit", "hours edit", "retention edit", "email look edit"

#: Returns the values of a page of settings as the audit tells them, from those of its columns.
Told = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class SettingsPage:
    """What one page of settings saves: its name in the audit, and the columns of the store."""

    about: str
    columns: tuple[str, ...]
    #: Whether compiled rules and prepared messages depend on it.
    is_compiled: bool = False


PAGES: Mapping[str, SettingsPage] = {
    STORE: SettingsPage(
        "the store", ("name", "sender_email", "currency", "timezone", "region", "language"), True
    ),
    HOURS: SettingsPage("the working hours", ("working_hours", "quiet_hours")),
    RETENTION: SettingsPage("how long the log is kept", ("retention",)),
    LOOK: SettingsPage("the look of emails", ("email_look",), True),
}


def name_taken(session: Session, name: str, but: int = 0) -> bool:
    """Return whether a store other than `but` has this name."""
    return session.scalar(sa.select(Store.id).where(Store.name == name, Store.id != but)) is not None


def save(
    session: Session,
    kind: str,
    store_id: int,
    user: User,
    values: Mapping[str, Any],
    told: Told,
    now: dt.datetime,
) -> UndoStep | None:
    """Save some columns of a page, inside write(); return what takes it back, None if all is as it was."""
    store = locked(session, store_id)
    was = _values(store, PAGES[kind].columns)
    values = {**was, **values}
    if told(was) == told(values):
        return None
    before, after = audit.differences(was, values)
    _write(session, kind, store, user, after, "changed", told, now)
    return undo_steps.remember(session, kind, user, store_id, store_id, before, after)


def change_back(session: Session, step: UndoStep, user: User, told: Told, now: dt.datetime) -> None:
    """Give the columns that were saved their former values, inside write(). Raises CannotUndo."""
    store = locked(session, step.store_id)
    if _values(store, step.after) != step.after:
        raise CannotUndo("Someone has changed these settings in the meantime, so nothing was undone.")
    name = step.before.get("name")
    if name and name_taken(session, name, but=store.id):
        raise CannotUndo(f"Nothing was undone: another store is called “{name}” now.")
    logo = (step.before.get("email_look") or {}).get("logo")
    if logo and session.get(StoreFile, logo) is None:
        raise CannotUndo("The logo of before is no longer kept, so nothing was undone.")
    _write(session, step.kind, store, user, step.before, "undid a change of", told, now)


def _values(store: Store, names: Any) -> dict[str, Any]:
    return {name: getattr(store, name) for name in names}


def _write(
    session: Session,
    kind: str,
    store: Store,
    user: User,
    values: Mapping[str, Any],
    action: str,
    told: Told,
    now: dt.datetime,
) -> None:
    page = PAGES[kind]
    was = _values(store, page.columns)
    for name, value in values.items():
        setattr(store, name, value)
    if "region" in values:
        store.phone_regions = sorted({*(store.phone_regions or ()), was["region"]})
        store.region_changed_at = now
    if page.is_compiled:
        store.ruleset += 1
    before, after = audit.differences(told(was), told(_values(store, page.columns)))
    whose = {"store_id": store.id, "user_id": user.id}
    audit.note(session, action=action, about=page.about, before=before, after=after, at=now, **whose)
