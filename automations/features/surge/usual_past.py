"""Works out what is usual for each live automation by its past: after publishing, and anew every day.

The past is when it fired; before it listened for the first time, when its live version would have fired.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from automations.engine.rules.rule import rule_from
from automations.engine.surge.usual import DAY, Usual, usual_of
from automations.features.surge.past_instants import PastInstants, would_have_fired
from automations.models.db.base import db, run_in_write
from automations.models.tables.automation import Automation
from automations.models.tables.store import Store
from automations.models.tables.surge_hold import UsualPace

log = logging.getLogger("automations.surge")

#: The most automations whose figures are written together.
TOGETHER = 50
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
    done = 0
    for begin in range(0, len(ids), TOGETHER):
        if go_on():
            done += _refresh(ids[begin : begin + TOGETHER], now)
    return done


def usual_for(past: PastInstants, automation: Automation) -> Usual:
    """Return what is usual for one of the automations that are on and whose past is asked."""
    session, now = past.session, past.now
    store, version = session.get_one(Store, automation.store_id), automation.active_version
    if version is None:
        raise ValueError("The automation is off.")
    rule, zone = rule_from(version.id, version.definition), ZoneInfo(store.timezone)
    begin = past.first_listened.get(automation.id, now)
    since = max(past.first_of_store(store) or now, now - OWN)
    fired = past.fired(automation.id, max(since, begin), now)
    if begin > since:
        fired = would_have_fired(session, store, rule, max(since, begin - WOULD_HAVE), begin) + fired
        since = max(since, begin - WOULD_HAVE)
    return usual_of(fired, since, now, zone, past.changes(automation, store, rule))


def _refresh(automation_ids: Sequence[int], now: dt.datetime) -> int:
    """Work it out for some automations and keep it in one transaction; return for how many."""
    past = PastInstants(db.session(), now, automation_ids)
    live = sa.select(Automation).where(Automation.id.in_(automation_ids))
    live = live.where(Automation.active_version_id.is_not(None)).order_by(Automation.id)
    try:
        automations = db.session.scalars(live.options(selectinload(Automation.active_version))).all()
        found = [one for automation in automations if (one := _safely(past, automation))]
        db.session.rollback()
        run_in_write(partial(_keep_all, found=found, now=now))
    except Exception:
        log.exception("the usual pace of automations %s", automation_ids)
        db.session.rollback()
        return 0
    return len(found)


def _safely(past: PastInstants, automation: Automation) -> dict[str, Any] | None:
    # One whose past cannot be asked must not keep the others from theirs: it goes without one.
    whose = {"automation_id": automation.id, "store_id": automation.store_id}
    try:
        figures = usual_for(past, automation).to_data()
        return whose | {"version_id": automation.active_version_id, "figures": figures}
    except Exception:
        log.exception("the usual pace of automation %s", whose["automation_id"])
        past.session.rollback()
        return None


def _keep_all(session: Session, found: Sequence[Mapping[str, Any]], now: dt.datetime) -> None:
    of_these = UsualPace.automation_id.in_([one["automation_id"] for one in found])
    kept = {one.automation_id: one for one in session.scalars(sa.select(UsualPace).where(of_these))}
    for one in found:
        values = {**one, "made_at": now}
        pace = kept.get(one["automation_id"])
        if pace is None:
            session.add(UsualPace(**values))
            continue
        for name, value in values.items():
            setattr(pace, name, value)
