"""Who changed what and when: a row for each edit, sign-in, key and test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from automations.models.people import Audit


def note(
    session: Session,
    *,
    action: str,
    about: str,
    store_id: int | None = None,
    user_id: int | None = None,
    before: Any = None,
    after: Any = None,
    at: dt.datetime | None = None,
) -> Audit:
    """Write one row, inside write().

    `action` is what was done, as words of the page: "changed", "added", "signed in".
    `about` names what it was done to: "order status “Picked”". `before` and `after` are plain
    JSON data, without secrets.
    """
    row = Audit(
        store_id=store_id,
        user_id=user_id,
        action=action,
        about=about,
        before=before,
        after=after,
        at=at or dt.datetime.now(dt.UTC),
    )
    session.add(row)
    return row


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only the entries that differ, as they were and as they are."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}
