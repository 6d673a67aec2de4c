"""The look of a store's emails, as the Settings page saves it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.emails.email_look import COLOUR
from automations.models.settings import store_edits
from automations.models.tables.people import User
from automations.models.tables.store import locked
from automations.models.tables.store_file import LOGO, StoreFile
from automations.models.tables.undo_step import UndoStep

#: What a new store begins with.
NEW: Mapping[str, Any] = {"on": True, "colour": COLOUR}
NAMES = ("on", "colour", "address", "phone")
#: Emails already sent go on showing the logo of their time; more than these nobody keeps.
_MOST_LOGOS = 20


@dataclass(frozen=True)
class Logo:
    """A picture ready to be stored, shown `width` by `height` pixels."""

    name: str
    content: bytes = field(repr=False)
    width: int
    height: int


def save(
    session: Session,
    store_id: int,
    user: User,
    entered: Mapping[str, Any],
    logo: Logo | None,
    keep_logo: bool,
    now: dt.datetime,
) -> UndoStep | None:
    """Save the look (NAMES) inside write(), with a new logo, the one it has, or none.

    Return what takes it back, None if all is as it was.
    """
    store = locked(session, store_id)
    before = dict(store.email_look or {})
    after = {name: entered[name] for name in NAMES}
    if logo:
        id = _add(session, store_id, user, logo, now)
        after |= {"logo": id, "width": logo.width, "height": logo.height}
    elif keep_logo:
        after |= {name: before[name] for name in ("logo", "width", "height") if name in before}
    return store_edits.save(session, store_edits.LOOK, store_id, user, {"email_look": after}, told, now)


def told(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the look as the audit tells it."""
    return values["email_look"] or {}


def _add(session: Session, store_id: int, user: User, logo: Logo, now: dt.datetime) -> int:
    file = StoreFile(store_id=store_id, purpose=LOGO, name=logo.name, type="image/png", created_by=user.id)
    file.size, file.content, file.created_at = len(logo.content), logo.content, now
    session.add(file)
    session.flush()
    of_store = sa.and_(StoreFile.store_id == store_id, StoreFile.purpose == LOGO)
    newest = sa.select(StoreFile.id).where(of_store).order_by(StoreFile.id.desc()).limit(_MOST_LOGOS)
    session.execute(sa.delete(StoreFile).where(of_store, StoreFile.id.not_in(newest)))
    return file.id
