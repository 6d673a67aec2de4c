"""Works out what is usual for each live automation by its past: after publishing, and anew every day.

The past is when it fired; before it listened for the first time, when its live version would have fired.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.rule import rule_from
from automations.engine.surge.usual import DAY, Usual, usual_of
from automations.features.surge import past_instants
from automations.models.db.base import db, run_in_write
from automations.models.tables.automation import Automation
from automations.models.tables.store import Store
from automations.models.tables.surge_hold import UsualPace

log = logging.getLogger("automations.surge")

#: How far back the past is asked, of its own firings and of those it would have had.
OWN, WOULD_HAVE = dt.timedelta(days=400), dt.timedelta(days=90)

GoOn = Callable[[], bool]


def refresh_due(now: dt.datetime, go_on: GoOn = lambda: True) -> int:
    """Work it out for every live automation for which it is missing or a day old; return for how many.

    Needs an application context.
    """
    stale = sa.or_(
        UsualPace.id.is_(None),
        UsualPace.version_id != Automation.active_version_id,
        UsualPace.made_at < now - DAY,
    )
    query = sa.select(Automation.id).outerjoin(UsualPace, UsualPace.automation_id == Automation.id)
    live = query.where(Automation.active_version_id.is_not(None), stale).order_by(Automation.id)
    ids = db.session.scalars(live).all()
    db.session.rollback()
    return sum(_safely(id, now) for id in ids if go_on())


def usual_for(session: Session, automation: Automation, now: dt.datetime) -> Usual:
    """Return what is usual for an automation that is on."""
    store, version = session.get_one(Store, automation.store_id), automation.active_version
    if version is None:
        raise ValueError("The automation is off.")
    rule, zone = rule_from(version.id, version.definition), ZoneInfo(store.timezone)
    begin = past_instants.first_listened(session, automation.id) or now
    since = max(past_instants.first_of_store(session, store) or now, now - OWN)
    fired = past_instants.fired(session, automation.id, max(since, begin), now)
    if begin > since:
        fired = (
            past_instants.would_have_fired(session, store, rule, max(since, begin - WOULD_HAVE), begin)
            + fired
        )
        since = max(since, begin - WOULD_HAVE)
    return usual_of(fired, since, now, zone, past_instants.changes(session, automation, store, rule, now))


def _safely(automation_id: int, now: dt.datetime) -> int:
    # One whose past cannot be asked must not keep the others from theirs: it goes without one.
    try:
        automation = db.session.get(Automation, automation_id)
        if automation is None or automation.active_version_id is None:
            return 0
        version_id, store_id = automation.active_version_id, automation.store_id
        usual = usual_for(db.session(), automation, now)
        db.session.rollback()
        values = {"store_id": store_id, "version_id": version_id, "figures": usual.to_data()}
        run_in_write(partial(_keep, automation_id=automation_id, values=values | {"made_at": now}))
        return 1
    except Exception:
        log.exception("the usual pace of automation %s", automation_id)
        return 0
    finally:
        db.session.rollback()


def _keep(session: Session, automation_id: int, values: dict[str, object]) -> None:
    kept = session.scalars(sa.select(UsualPace).where(UsualPace.automation_id == automation_id)).first()
    if kept is None:
        session.add(UsualPace(automation_id=automation_id, **values))
        return
    for name, value in values.items():
        setattr(kept, name, value)
