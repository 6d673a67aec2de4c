"""Which automations of a store have gone quiet and are so still."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.past import gone_quiet
from automations.models.tables.automation import Automation
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.store import Store
from automations.pipeline.providers import manager_alerts


def quiet_now(session: Session, store: Store) -> Sequence[tuple[Automation, Notification]]:
    """Return the automations that have been quiet since the managers were told, with what they were told."""
    people = [user.id for user in manager_alerts.people_of(session, store.id)]
    path = sa.literal("/automations/") + sa.cast(Automation.id, sa.String) + "/overview"
    fired = sa.select(Evaluation.id).where(
        Evaluation.automation_id == Automation.id,
        Evaluation.outcome == "fired",
        Evaluation.at >= Notification.created_at,
    )
    told = sa.select(Automation, Notification).join(Notification, Notification.path == path)
    told = told.where(Automation.store_id == store.id, Automation.active_version_id.is_not(None))
    told = told.where(Notification.store_id == store.id, Notification.user_id.in_(people))
    told = told.where(Notification.title.endswith(gone_quiet.TITLE), ~fired.exists())
    rows = session.execute(told.order_by(Notification.id)).all()
    return list({automation.id: (automation, letter) for automation, letter in rows}.values())
