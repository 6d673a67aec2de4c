"""Shadow mode: a frozen version listens and is evaluated for some days, and nothing of it leaves or changes.

The live version, if there is one, goes on as it is beside it. The switch of the automation is about the live
version alone; archiving, publishing and another shadow mode end this one.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.rule import Problem
from automations.features.authoring import publish
from automations.features.authoring.publish import NotPublishable
from automations.models.tables.automation import Automation, Version
from automations.models.tables.people import User
from automations.models.tables.shadow import ENDED, REPLACED, Shadow

DAYS, FEWEST, MOST = 7, 1, 30


class ShadowIsOver(Exception):
    """Someone decided about this shadow mode already."""


def start(session: Session, automation: Automation, user: User, days: int, now: dt.datetime) -> Shadow:
    """Freeze the draft, to listen in shadow mode for `days`, inside write(). Raises NotPublishable."""
    if not FEWEST <= days <= MOST:
        raise ValueError(f"Shadow mode takes {FEWEST} to {MOST} days.")
    store = publish.lock(session, automation)
    publish.refuse_unready(session, store, automation, automation.draft, now)
    publish.end_shadow(session, store, automation, now, REPLACED)
    number = publish.next_number(session, automation)
    version = publish.frozen(automation, automation.draft, number, user, now)
    version.shadow = True
    session.add(version)
    session.flush()
    shadow = Shadow(store_id=store.id, automation_id=automation.id, version_id=version.id, started_at=now)
    shadow.until = now + dt.timedelta(days=days)
    session.add(shadow)
    store.ruleset += 1
    publish.listen(session, store, version, now)
    session.flush()
    return shadow


def stop(session: Session, shadow: Shadow, now: dt.datetime) -> bool:
    """Have it listen no longer, inside write(), and wait for a decision; return whether it did until now."""
    store = publish.lock(session, shadow.automation)
    session.refresh(shadow)
    if shadow.stopped_at is not None:
        return False
    store.ruleset += 1
    publish.stop_listening(session, Version.id == shadow.version_id, store, now)
    shadow.stopped_at = now
    session.flush()
    return True


def go_on(session: Session, shadow: Shadow, days: int, now: dt.datetime) -> None:
    """Have it listen for `days` more from now, inside write(). Raises ShadowIsOver and NotPublishable."""
    if not FEWEST <= days <= MOST:
        raise ValueError(f"Shadow mode takes {FEWEST} to {MOST} days.")
    store = publish.lock(session, shadow.automation)
    _refuse_decided(session, shadow)
    if shadow.automation.archived_at:
        raise NotPublishable([Problem("", "This automation is archived. Restore it first.")])
    if shadow.stopped_at is not None:
        store.ruleset += 1
        publish.listen(session, store, shadow.version, now)
    shadow.until, shadow.stopped_at, shadow.reminded_at = now + dt.timedelta(days=days), None, None
    session.flush()


def end(session: Session, shadow: Shadow, now: dt.datetime) -> None:
    """End it without publishing, inside write(). Raises ShadowIsOver."""
    store = publish.lock(session, shadow.automation)
    _refuse_decided(session, shadow)
    publish.end_shadow(session, store, shadow.automation, now, ENDED)


def go_live(session: Session, shadow: Shadow, user: User, now: dt.datetime, reason: str = "") -> Version:
    """Publish what was in shadow mode, inside write(). Raises ShadowIsOver and NotPublishable.

    `reason` says why pinned examples that break do not matter.
    """
    publish.lock(session, shadow.automation)
    _refuse_decided(session, shadow)
    return publish.publish_shadowed(session, shadow.automation, shadow.version, user, now, reason)


def shadow_of(session: Session, automation: Automation) -> Shadow | None:
    """Return the shadow mode of an automation that runs or waits for a decision, if any."""
    undecided = sa.and_(Shadow.automation_id == automation.id, Shadow.decided_at.is_(None))
    return session.scalars(sa.select(Shadow).where(undecided)).first()


def undecided(session: Session, store_id: int) -> dict[int, Shadow]:
    """Return every shadow mode of a store that runs or waits for a decision, by automation."""
    open_ones = sa.select(Shadow).where(Shadow.store_id == store_id, Shadow.decided_at.is_(None))
    return {shadow.automation_id: shadow for shadow in session.scalars(open_ones)}


def latest_shadow(session: Session, automation: Automation) -> Shadow | None:
    """Return the latest shadow mode of an automation, whatever became of it."""
    of_automation = sa.select(Shadow).where(Shadow.automation_id == automation.id)
    return session.scalars(of_automation.order_by(Shadow.id.desc()).limit(1)).first()


def _refuse_decided(session: Session, shadow: Shadow) -> None:
    session.refresh(shadow)
    if shadow.decided_at is not None:
        raise ShadowIsOver("Someone else got there first: this shadow mode is over.")
