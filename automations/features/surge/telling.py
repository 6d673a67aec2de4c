"""Tells the managers of a store that an automation is held."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.surge.waiting import held_firings
from automations.models.db.fast_select import Lookup
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.surge_hold import SurgeHold
from automations.pipeline.providers import manager_alerts
from automations.pipeline.providers.manager_alerts import Alert

_UNTOLD = Lookup(
    lambda _: sa.select(SurgeHold.id).where(SurgeHold.ended_at.is_(None), SurgeHold.told_at.is_(None))
)
NEXT = "The others wait. Release them, or none of them, on its page."


def tell_new(session: Session, now: dt.datetime) -> int:
    """Tell the managers of holds that began, inside write(); return how many."""
    if not _UNTOLD.rows(session):
        return 0
    new = sa.select(SurgeHold).where(SurgeHold.ended_at.is_(None), SurgeHold.told_at.is_(None))
    holds = session.scalars(new.order_by(SurgeHold.id).with_for_update(skip_locked=True)).all()
    for hold in holds:
        held = held_firings(session, hold)
        title = f"“{hold.automation.name}” is held"
        path = f"/automations/{hold.automation_id}/hold"
        if session.get(Evaluation, hold.first_id):
            alert = Alert(hold.first_id, title, f"{held.words}. {NEXT}", path)
            manager_alerts.alert_managers(session, alert, now)
        hold.told_at = now
    return len(holds)
