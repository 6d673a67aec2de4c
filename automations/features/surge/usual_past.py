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

from automations.engine.rules.rule import Rule, rule_from
from automations.engine.rules.typed_rule import BrokenRule
from automations.engine.surge.usual import DAY, WEEK, WEEKS, Usual, usual_of
from automations.features.past.asking import asked, candidates, listened_to
from automations.features.past.firings import is_timed, past_firings
from automations.features.past.matches import moment_of
from automations.features.past.period import Period
from automations.models.db.base import db, run_in_write
from automations.models.tables.automation import Automation, Listening, Version
from automations.models.tables.occurrence import MANUAL, Evaluation, Occurrence
from automations.models.tables.store import Store
from automations.models.tables.surge import DROPPED, SurgeHold, UsualPace

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
    begin = _first_listened(session, automation.id) or now
    since = max(_first_of_store(session, store) or now, now - OWN)
    fired = _fired(session, automation.id, max(since, begin), now)
    if begin > since:
        fired = _would_have_fired(session, store, rule, max(since, begin - WOULD_HAVE), begin) + fired
        since = max(since, begin - WOULD_HAVE)
    return usual_of(fired, since, now, zone, _changes(session, automation, store, rule, now))


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


def _first_listened(session: Session, automation_id: int) -> dt.datetime | None:
    spans = sa.select(sa.func.min(Listening.started_at)).join(Version, Version.id == Listening.version_id)
    return session.scalar(spans.where(Version.automation_id == automation_id, ~Version.shadow))


def _first_of_store(session: Session, store: Store) -> dt.datetime | None:
    first = sa.select(Occurrence.at).where(Occurrence.store_id == store.id).order_by(Occurrence.id).limit(1)
    return session.scalar(first)


def _fired(session: Session, automation_id: int, since: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
    """Return when it fired, without what a person dropped and what led to it."""
    query = (
        sa.select(Evaluation.at)
        .join(Evaluation.occurrence)
        .where(
            Evaluation.automation_id == automation_id,
            Evaluation.at >= since,
            Evaluation.at <= until,
            Evaluation.outcome == "fired",
            Occurrence.trigger != MANUAL,
        )
    )
    wrong = _wrong(session, automation_id)
    instants = session.scalars(query.order_by(Evaluation.at)).all()
    return [at for at in instants if not any(begin <= at <= end for begin, end in wrong)]


def _wrong(session: Session, automation_id: int) -> list[tuple[dt.datetime, dt.datetime]]:
    holds = sa.select(SurgeHold).where(SurgeHold.automation_id == automation_id)
    return [
        (hold.at - dt.timedelta(seconds=hold.figures["seconds"] or 0), hold.ended_at)
        for hold in session.scalars(holds)
        if hold.ended_at and any(one["what"] == DROPPED for one in hold.decisions)
    ]


def _would_have_fired(
    session: Session, store: Store, rule: Rule, since: dt.datetime, until: dt.datetime
) -> list[dt.datetime]:
    try:
        past = past_firings(session, store, rule, Period(since, until, (until - since).days + 1))
    except BrokenRule:
        return []
    return [firing.at for firing in past.firings]


def _changes(
    session: Session, automation: Automation, store: Store, rule: Rule, now: dt.datetime
) -> list[dt.datetime] | None:
    """Return the changes that its trigger listened to lately; None if there are none to compare with."""
    since = now - WEEKS * WEEK
    if is_timed(rule) or _had_another_trigger(session, automation, rule, since):
        return None
    instants: list[dt.datetime] = []
    for key in listened_to(store, rule.subject, rule.trigger.key):
        with asked(session, key, []) as table:
            which = candidates(table, rule.trigger.key, Period(since, now, None))
            instants += [moment_of(int(at)) for at in table.ats[which]]
    return sorted(instants)


def _had_another_trigger(session: Session, automation: Automation, rule: Rule, since: dt.datetime) -> bool:
    other = sa.or_(Version.trigger != rule.trigger.key, Version.subject != rule.subject)
    lately = sa.or_(Listening.ended_at.is_(None), Listening.ended_at > since)
    spans = sa.select(Listening.id).join(Version, Version.id == Listening.version_id)
    spans = spans.where(Version.automation_id == automation.id, other, lately, ~Version.shadow)
    return session.execute(spans.limit(1)).first() is not None
