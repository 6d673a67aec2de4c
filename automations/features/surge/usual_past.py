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
from sqlalchemy.orm import Session

from automations.engine.rules.rule import rule_from
from automations.engine.surge.usual import DAY, Usual, usual_of
from automations.features.surge import past_instants
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


def _refresh(automation_ids: Sequence[int], now: dt.datetime) -> int:
    """Work it out for some automations and keep it in one transaction; return for how many."""
    found = [one for id in automation_ids if (one := _safely(id, now))]
    try:
        run_in_write(partial(_keep_all, found=found, now=now))
    except Exception:
        log.exception("the usual pace of automations %s", automation_ids)
        return 0
    return len(found)


def _safely(automation_id: int, now: dt.datetime) -> dict[str, Any] | None:
    # One whose past cannot be asked must not keep the others from theirs: it goes without one.
    try:
        automation = db.session.get(Automation, automation_id)
        if automation is None or automation.active_version_id is None:
            return None
        whose = {"automation_id": automation_id, "store_id": automation.store_id}
        figures = usual_for(db.session(), automation, now).to_data()
        return whose | {"version_id": automation.active_version_id, "figures": figures}
    except Exception:
        log.exception("the usual pace of automation %s", automation_id)
        return None
    finally:
        db.session.rollback()


def _keep_all(session: Session, found: Sequence[Mapping[str, Any]], now: dt.datetime) -> None:
    for one in found:
        _keep(session, {**one, "made_at": now})


def _keep(session: Session, values: Mapping[str, Any]) -> None:
    of_automation = UsualPace.automation_id == values["automation_id"]
    kept = session.scalars(sa.select(UsualPace).where(of_automation)).first()
    if kept is None:
        session.add(UsualPace(**values))
        return
    for name, value in values.items():
        setattr(kept, name, value)
