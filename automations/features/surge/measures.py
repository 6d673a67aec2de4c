"""What an automation is measured by: its past, a manager's own limit, or nothing for a reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from automations.models.access import audit
from automations.models.tables.automation import Automation
from automations.models.tables.people import User

#: Characters of the reason why an automation is never held.
LONGEST_REASON = 500


def measure_by(
    session: Session, automation: Automation, user: User, now: dt.datetime, limit: int | None, off: str | None
) -> None:
    """Hold the automation after so many in an hour, never for a reason, or by its past. Inside write()."""
    before = {"limit": automation.hold_limit, "off": automation.hold_off}
    automation.hold_limit, automation.hold_off = limit, off
    about = f"automation “{automation.name}”"
    whose: dict[str, Any] = {"store_id": automation.store_id, "user_id": user.id}
    after = {"limit": limit, "off": off}
    audit.note(session, action="set when to hold", about=about, before=before, after=after, at=now, **whose)
