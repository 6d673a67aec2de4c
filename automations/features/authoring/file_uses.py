"""Which automations attach a file to their emails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import text_of
from automations.actions.shared.attachments import FILES
from automations.models.tables.automation import Automation, Version


def live_uses(session: Session, store_id: int) -> dict[str, list[str]]:
    """Return by the name of a file the automations that are on and attach it."""
    live = sa.select(Automation.name, Version.definition).join(
        Version, Version.id == Automation.active_version_id
    )
    uses: dict[str, list[str]] = {}
    for name, definition in session.execute(live.where(Automation.store_id == store_id)):
        for file in dict.fromkeys(_attached(definition)):
            uses.setdefault(file, []).append(name)
    return uses


def _attached(definition: Mapping[str, Any]) -> Iterator[str]:
    for action in definition.get("actions") or ():
        settings = action.get("settings") or {}
        yield from filter(None, (text_of(settings, field) for field in FILES))
