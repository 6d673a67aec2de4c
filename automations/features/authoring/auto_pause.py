"""Switch off automations that were held back by a limit, and tell the managers.

The change that hit the limit only asks for it, with `loops.ask_to_pause`: what is live must not change in a
transaction that evaluates, because others in the process would evaluate by it before it is committed.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.authoring import publish
from automations.models.access import audit
from automations.models.db.fast_select import Lookup
from automations.models.tables.automation import PAUSING, Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.store import Store
from automations.pipeline.providers import manager_alerts

# With an ORDER BY, SQLite would scan all automations.
_ASKED = Lookup(lambda _: sa.select(Automation.id).where(PAUSING))
NEXT = "Check what it changes, then switch it on again on its page."


def pause_asked(session: Session, now: dt.datetime) -> int:
    """Pause the automations for which it was requested, inside write(); return how many were requested."""
    ids = sorted(row["id"] for row in _ASKED.rows(session))
    for id in ids:
        _pause(session, id, now)
    return len(ids)


def _pause(session: Session, automation_id: int, now: dt.datetime) -> None:
    store_id = sa.select(Automation.store_id).where(Automation.id == automation_id).scalar_subquery()
    store = sa.select(Store.id).where(Store.id == store_id).with_for_update(key_share=True, skip_locked=True)
    asked = sa.select(Automation).where(Automation.id == automation_id, PAUSING)
    asked = asked.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    # Another transaction that holds one of the locks may settle it; the next check is a second away.
    automation = session.scalar(asked) if session.scalar(store) else None
    if automation is None:
        return
    evaluation = session.get(Evaluation, automation.paused_for)
    if automation.active_version_id is None or evaluation is None:
        automation.paused_for = None
        return
    publish.deactivate(session, automation, now)
    why = evaluation.error or ""
    automation.paused_at, automation.paused_why = now, why
    about = f"automation “{automation.name}”"
    audit.note(session, action="paused", about=about, store_id=automation.store_id, after=why, at=now)
    alert = manager_alerts.Alert(evaluation.id, f"“{automation.name}” was paused", f"{why} {NEXT}")
    manager_alerts.alert_managers(session, alert, now)
