"""What does not keep a draft from being published, but should be known before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from automations.models.automation import Automation, Version
from automations.models.base import db
from automations.models.choices import StoreWords
from automations.models.store import Store
from automations.pipeline.circles import Circle, changes_anything, circles

#: So many other automations are looked through for a circle.
LOOKED_AT = 500
NO_CIRCLE = "No loop: no action here starts this automation again."


@dataclass(frozen=True)
class Warnings:
    """Circles to think about, and a sentence that says what was looked at and is fine."""

    circles: tuple[Circle, ...]
    fine: str


def warnings(
    store: Store, automation: Automation, name: str, data: Mapping[str, Any], words: StoreWords
) -> Warnings:
    """The circles the draft's changes could make, by itself or with what is live beside it."""
    if not changes_anything(data):
        return Warnings((), "")
    found = tuple(circles(name, data, _others(store, automation), words.key_for))
    return Warnings(found, "" if found else NO_CIRCLE)


def _others(store: Store, automation: Automation) -> list[tuple[str, Mapping[str, Any]]]:
    live = sa.select(Version.name, Version.definition).join(
        Automation, Automation.active_version_id == Version.id
    )
    others = live.where(Automation.store_id == store.id, Automation.id != automation.id)
    rows = db.session.execute(others.order_by(Automation.position).limit(LOOKED_AT))
    return [(name, definition) for name, definition in rows]
