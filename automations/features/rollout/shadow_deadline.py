"""Ends shadow modes whose days are over, and asks the managers what is to follow. Called by the worker.

One that nobody decides about is asked about again, and ended without publishing in the end.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.authoring import publish, shadow_mode
from automations.features.rollout import shadow_report
from automations.messages.store_formats import formats_of
from automations.models.access import audit
from automations.models.db.base import db, run_in_write
from automations.models.tables.notification import Notification
from automations.models.tables.shadow import Shadow
from automations.models.tables.store import Store
from automations.pipeline.providers import manager_alerts

#: Since its days were over, or since the last reminder.
REMIND_AFTER, REMIND_EVERY = dt.timedelta(days=3), dt.timedelta(days=7)
#: Since its days were over: then it ends undecided.
GIVE_UP_AFTER = dt.timedelta(days=30)

log = logging.getLogger("automations.shadow")


def end_due(now: dt.datetime, go_on: Callable[[], bool] = lambda: True) -> int:
    """End, recall and give up what is due, each in its own transaction; return how many shadow modes.

    Needs an application context.
    """
    due = sa.and_(Shadow.stopped_at.is_(None), Shadow.until <= now)
    waits = sa.and_(Shadow.stopped_at <= now - REMIND_AFTER, Shadow.decided_at.is_(None))
    asked = sa.func.coalesce(Shadow.reminded_at, Shadow.stopped_at)
    again = sa.or_(Shadow.reminded_at.is_(None), asked <= now - REMIND_EVERY)
    over = Shadow.stopped_at <= now - GIVE_UP_AFTER
    found = sa.select(Shadow.id).where(sa.or_(due, sa.and_(waits, sa.or_(again, over))))
    ids = db.session.scalars(found.order_by(Shadow.id)).all()
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
    if shadow.stopped_at is not None:
        return _ask_again(session, shadow, now)
    # Someone may have given it more days, or decided, a moment ago.
    if shadow.until > now or not shadow_mode.stop(session, shadow, now):
        return False
    name, number = shadow.automation.name, shadow.version.number
    count = shadow_report.fired_count(session, shadow)
    many = formats_of(session.get_one(Store, shadow.automation.store_id).language).number(count)
    times = {0: "never have run", 1: "have run once"}.get(count, f"have run {many} times")
    title = f"Shadow mode of “{name}” is over: it would {times}"
    _tell(session, shadow, title, f"Nothing was sent. {_choice(number)}", now)
    _note(session, shadow, "ended the days in shadow mode of", now)
    return True


def _ask_again(session: Session, shadow: Shadow, now: dt.datetime) -> bool:
    """Remind the managers, or end it if nobody decided for too long; return whether anything was done."""
    publish.lock(session, shadow.automation)
    session.refresh(shadow)
    if shadow.decided_at is not None or shadow.stopped_at is None:
        return False
    name, number = shadow.automation.name, shadow.version.number
    waited = (now - shadow.stopped_at).days
    if now - shadow.stopped_at >= GIVE_UP_AFTER:
        shadow_mode.end(session, shadow, now)
        title = f"Shadow mode of “{name}” ended without a decision"
        body = f"Nobody decided for {waited} days. Version {number} was not published; the report stays."
        _tell(session, shadow, title, body, now)
        _note(session, shadow, "ended without a decision the shadow mode of", now)
        return True
    since = shadow.reminded_at or shadow.stopped_at
    if now - since < (REMIND_EVERY if shadow.reminded_at else REMIND_AFTER):
        return False
    left = (shadow.stopped_at + GIVE_UP_AFTER - now).days
    title = f"Shadow mode of “{name}” waits for your decision"
    body = f"Its days were over {waited} days ago. {_choice(number)} In {left} days it ends by itself."
    _tell(session, shadow, title, body, now)
    shadow.reminded_at = now
    session.flush()
    return True


def _choice(number: int) -> str:
    return f"See what version {number} would have done, then publish it, extend shadow mode or end it."


def _tell(session: Session, shadow: Shadow, title: str, body: str, now: dt.datetime) -> None:
    for user in manager_alerts.people_of(session, shadow.store_id):
        told = Notification(store_id=shadow.store_id, user_id=user.id, title=title, body=body, created_at=now)
        told.path = f"/automations/{shadow.automation_id}/shadow"
        session.add(told)


def _note(session: Session, shadow: Shadow, action: str, now: dt.datetime) -> None:
    about = f"version {shadow.version.number} of automation “{shadow.automation.name}”"
    audit.note(session, action=action, about=about, store_id=shadow.store_id, at=now)
    session.flush()
