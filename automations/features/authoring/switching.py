"""Switches an automation on and off by hand, each time with what takes it back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from automations.features.authoring import publish
from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.tables.automation import Automation, Version
from automations.models.tables.people import User
from automations.models.tables.undo_step import UndoStep

KIND = "switch"


def switch(session: Session, automation: Automation, on: bool, user: User, now: dt.datetime) -> int | None:
    """Switch it on or off, inside write(); return the id of what takes it back, None if it was so already."""
    publish.lock(session, automation)
    before = _state(automation)
    (publish.activate if on else publish.deactivate)(session, automation, now)
    _note(session, automation, user, now, "switched on" if on else "switched off")
    if automation.active_version_id == before["active"]:
        return None
    after = {"active": automation.active_version_id}
    return undo_steps.remember(session, KIND, user, automation.store_id, automation.id, before, after).id


def switch_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Automation:
    """Make the switch what it was, inside write(). Raises CannotUndo if it was used, or published, since."""
    automation = session.get_one(Automation, step.about_id)
    store = publish.lock(session, automation)
    if automation.archived_at or automation.active_version_id != step.after["active"]:
        raise CannotUndo(f"“{automation.name}” was switched or published in the meantime.")
    if step.before["active"]:
        publish.resume(session, store, automation, session.get_one(Version, step.before["active"]), now)
    else:
        publish.deactivate(session, automation, now)
        since = step.before["paused_at"]
        automation.paused_at = dt.datetime.fromisoformat(since) if since else None
        automation.paused_why, automation.paused_for = step.before["paused_why"], step.before["paused_for"]
    on = automation.active_version_id is not None
    _note(session, automation, user, now, "undid switching off" if on else "undid switching on")
    return automation


def _state(automation: Automation) -> dict[str, Any]:
    return {
        "active": automation.active_version_id,
        "paused_at": automation.paused_at.isoformat() if automation.paused_at else None,
        "paused_why": automation.paused_why,
        "paused_for": automation.paused_for,
    }


def _note(session: Session, automation: Automation, user: User, now: dt.datetime, action: str) -> None:
    about = f"automation “{automation.name}”"
    audit.note(session, action=action, about=about, store_id=automation.store_id, user_id=user.id, at=now)
