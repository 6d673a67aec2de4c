"""Automations that by their own past should have fired, and have not: a till that sends nothing any more.

Nothing that an automation waits for is an error by itself, so nobody would be told. The same hours of the
same weekdays in the weeks before its last firing say how often it should have fired since.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.surge.pace import Pace
from automations.messages.store_formats import formats_of
from automations.models.db.base import db, run_in_write
from automations.models.tables.automation import Automation, Listening, Version
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.store import Store
from automations.pipeline.providers import manager_alerts

log = logging.getLogger("automations.quiet")

#: It is quiet when it should have fired this often since its last firing,
TIMES = 10
#: and this many times as often as in the longest silence of the weeks before.
LONGER = 2
#: The weeks it is compared with: at least, and at most.
FEWEST, MOST = 3, 8
WEEK = dt.timedelta(weeks=1)
TITLE = "has gone quiet"
NEXT = "Check that what it waits for still comes in: a till, a carrier, a form. You are told once."

GoOn = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Silence:
    """An automation that has not fired since, and how often it should have."""

    since: dt.datetime
    expected: float


def silence(fired: Sequence[dt.datetime], now: dt.datetime, zone: ZoneInfo) -> Silence | None:
    """Return the silence of an automation that fired at these instants, in order; None if it is not quiet."""
    if not fired or fired[-1] >= now:
        return None
    last = fired[-1]
    weeks = min(MOST, (last - fired[0]) // WEEK)
    if weeks < FEWEST:
        return None
    recent = [instant for instant in fired if instant > last - weeks * WEEK]
    pace = Pace.of(recent, weeks, zone)
    expected = pace.expected(last, now)
    if expected < TIMES or expected < LONGER * pace.longest_silence(recent):
        return None
    return Silence(last, expected)


def tell_all(now: dt.datetime, go_on: GoOn = lambda: True) -> int:
    """Tell the managers of automations that have gone quiet, each once; return how many.

    Needs an application context.
    """
    on = sa.select(Automation.id).where(Automation.active_version_id.is_not(None)).order_by(Automation.id)
    ids = db.session.scalars(on).all()
    db.session.rollback()
    return sum(_safely(id, now) for id in ids if go_on())


def told(session: Session, automation: Automation) -> Notification | None:
    """Return what the managers were told about an automation that has been quiet since."""
    last = _last(session, automation.id)
    if automation.active_version_id is None or last is None:
        return None
    people = [user.id for user in manager_alerts.people_of(session, automation.store_id)]
    where = [Notification.store_id == automation.store_id, Notification.user_id.in_(people)]
    where += [Notification.title.endswith(TITLE), Notification.path == _path(automation)]
    query = sa.select(Notification).where(*where, Notification.created_at > last.at)
    return session.scalars(query.order_by(Notification.id).limit(1)).first()


def _safely(automation_id: int, now: dt.datetime) -> int:
    # One that cannot be asked must not keep the others from being looked after.
    try:
        found = _silence_of(db.session(), automation_id, now)
        db.session.rollback()
        return run_in_write(partial(_tell, automation_id=automation_id, now=now)) if found else 0
    except Exception:
        log.exception("silence of automation %s", automation_id)
        return 0
    finally:
        db.session.rollback()


def _silence_of(session: Session, automation_id: int, now: dt.datetime) -> Silence | None:
    last = _last(session, automation_id)
    if last is None:
        return None
    # Switched off for a while, or with another rule, it did not fire because of that.
    rules = sa.select(sa.func.max(Listening.started_at)).join(Version, Version.id == Listening.version_id)
    begun = session.scalar(rules.where(Version.automation_id == automation_id))
    if begun is None or begun > last.at:
        return None
    fired = sa.select(Evaluation.at).where(
        Evaluation.automation_id == automation_id,
        Evaluation.at > last.at - (MOST + 1) * WEEK,
        Evaluation.outcome == "fired",
    )
    instants = session.scalars(fired.order_by(Evaluation.at)).all()
    return silence(instants, now, _zone(session, last.store_id))


def _tell(session: Session, automation_id: int, now: dt.datetime) -> int:
    locked = sa.select(Automation).where(Automation.id == automation_id).with_for_update()
    automation = session.scalars(locked.execution_options(populate_existing=True)).one()
    found = _silence_of(session, automation_id, now)
    if found is None or automation.active_version_id is None or told(session, automation):
        return 0
    title, store = f"“{automation.name}” {TITLE}", session.get_one(Store, automation.store_id)
    formats, since = formats_of(store.language), found.since.astimezone(ZoneInfo(store.timezone))
    often = f"{formats.number(round(found.expected))} times since {formats.long_date(since)}"
    body = f"By the same hours of the weeks before, it should have fired {often}. {NEXT}"
    for user in manager_alerts.people_of(session, automation.store_id):
        values = {"title": title, "body": body, "path": _path(automation), "created_at": now}
        session.add(Notification(store_id=automation.store_id, user_id=user.id, **values))
    return 1


def _last(session: Session, automation_id: int) -> Evaluation | None:
    fired = [Evaluation.automation_id == automation_id, Evaluation.outcome == "fired"]
    query = sa.select(Evaluation).where(*fired).order_by(Evaluation.at.desc(), Evaluation.id.desc())
    return session.scalars(query.limit(1)).first()


def _zone(session: Session, store_id: int) -> ZoneInfo:
    return ZoneInfo(session.get_one(Store, store_id).timezone)


def _path(automation: Automation) -> str:
    return f"/automations/{automation.id}/overview"
