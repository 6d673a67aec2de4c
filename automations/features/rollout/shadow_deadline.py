"""Ends shadow modes whose days are over, and asks the managers what is to follow. Called by the worker."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.authoring import shadow_mode
from automations.features.rollout import shadow_report
from automations.models.access import audit
from automations.models.db.base import db, run_in_write
from automations.models.tables.notification import Notification
from automations.models.tables.shadow import Shadow
from automations.pipeline.providers import manager_alerts

log = logging.getLogger("automations.shadow")


def end_due(now: dt.datetime, go_on: Callable[[], bool] = lambda: True) -> int:
    """End what is due, each in its own transaction; return how many. Needs an application context."""
    due = sa.select(Shadow.id).where(Shadow.stopped_at.is_(None), Shadow.until <= now)
    ids = db.session.scalars(due.order_by(Shadow.id)).all()
    db.session.rollback()
    return sum(_end_safely(id, now) for id in ids if go_on())


def _end_safely(shadow_id: int, now: dt.datetime) -> int:
    # One that cannot be ended must not keep the others waiting, nor the rest of the worker's round.
    try:
        return int(run_in_write(partial(_end, shadow_id=shadow_id, now=now)))
    except Exception:
        log.exception("end of shadow mode %s", shadow_id)
        db.session.rollback()
        return 0


def _end(session: Session, shadow_id: int, now: dt.datetime) -> bool:
    shadow = session.get_one(Shadow, shadow_id)
    # Somebody may have given it more days, or decided, a moment ago.
    if shadow.until > now or not shadow_mode.stop(session, shadow, now):
        return False
    name, number = shadow.automation.name, shadow.version.number
    count = shadow_report.fired_count(session, shadow)
    times = {0: "never have run", 1: "have run once"}.get(count, f"have run {count:,} times")
    title = f"Shadow mode of “{name}” is over: it would {times}"
    body = f"Nothing was sent. See what version {number} would have done: publish it, go on or end it."
    for user in manager_alerts.people_of(session, shadow.store_id):
        told = Notification(store_id=shadow.store_id, user_id=user.id, title=title, body=body, created_at=now)
        told.path = f"/automations/{shadow.automation_id}/shadow"
        session.add(told)
    about = f"version {number} of automation “{name}”"
    audit.note(
        session, action="ended the days in shadow mode of", about=about, store_id=shadow.store_id, at=now
    )
    session.flush()
    return True
