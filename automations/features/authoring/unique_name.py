"""Names of automations, unique within a store."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.authoring.drafts import LONGEST_NAME
from automations.models.tables.automation import Automation
from automations.models.tables.store import Store

_ROOM_FOR_NUMBER = 6


def free_name(session: Session, store: Store, wanted: str) -> str:
    """Return `wanted`, or the next free numbered form of it: "Thanks 2"."""
    short = wanted.strip()[: LONGEST_NAME - _ROOM_FOR_NUMBER].rstrip()
    names = sa.select(Automation.name).where(Automation.store_id == store.id)
    taken = set(session.scalars(names.where(Automation.name.startswith(short, autoescape=True))))
    return next(name for name in _numbered(short) if name not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name} {number}"
        number += 1
