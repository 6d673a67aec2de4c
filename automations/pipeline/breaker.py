"""A breaker per host: what fails again and again is left in peace for a while. Part of: perform, relay.

After FAILURES in a row the host's runs wait. When the wait is over one of them tries it; its answer lets the
others go, its failure makes them wait longer. The state is a row, so that all workers share it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.hosts import CalledHost
from automations.models.run import HAS_LANE, WAITING, Run, in_order
from automations.pipeline import wakeup

FAILURES = 5
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(minutes=10)
#: How long one run may take to try a host before another one does; longer than any connector waits.
PROBE = dt.timedelta(seconds=60)


def sentence(host: str) -> str:
    """Why a run waits that has done nothing wrong."""
    return f"It waits until {host} answers again, which failed {FAILURES} times in a row."


def wait_for(session: Session, store_id: int, host: str, now: dt.datetime) -> dt.datetime | None:
    """Until when a run must wait for this host; None where it may call it. Inside write().

    Where the host is due to be tried, whoever asks first is the one that tries it.
    """
    found = session.scalar(_of(store_id, host))
    if found is None or found.opened_at is None or found.probe_at is None:
        return None
    if now < found.probe_at:
        return found.probe_at
    same = sa.and_(CalledHost.id == found.id, CalledHost.probe_at == found.probe_at)
    taken = sa.update(CalledHost).where(same).values(probe_at=now + PROBE, changed_at=now)
    mine = session.connection().execute(taken).rowcount == 1
    return None if mine else now + PROBE


def failed(session: Session, store_id: int, host: str, error: str, now: dt.datetime) -> None:
    """The host did not answer, or only to say that it cannot. Inside write()."""
    found = session.scalar(_of(store_id, host).with_for_update())
    if found is None:
        found = CalledHost(store_id=store_id, host=host, failures=0)
        session.add(found)
    found.failures += 1
    found.last_error, found.changed_at = error, now
    if found.failures >= FAILURES:
        found.opened_at = found.opened_at or now
        longer = FIRST_WAIT * 2 ** min(found.failures - FAILURES, 10)
        found.probe_at = now + min(longer, LONGEST_WAIT)
    session.flush()


def answered(session: Session, store_id: int, host: str, now: dt.datetime) -> None:
    """The host works: what waits for it goes on. Inside write()."""
    found = session.scalar(_of(store_id, host).with_for_update())
    if found is None:
        return
    session.delete(found)
    waits = sa.and_(Run.lane == host, HAS_LANE, Run.state == WAITING, Run.store_id == store_id)
    held = in_order(sa.and_(waits, Run.reason == sentence(host)))
    delayed = sa.update(Run).where(held).values(due_at=now, reason=None)
    session.execute(delayed, execution_options={"synchronize_session": False})
    wakeup.on_commit(session)


def hold_back(session: Session, now: dt.datetime) -> None:
    """Put off what is due for hosts that are not to be called yet, inside write()."""
    for one in session.scalars(sa.select(CalledHost).where(CalledHost.probe_at > now)):
        waits = sa.and_(Run.lane == one.host, HAS_LANE, Run.state == WAITING, Run.store_id == one.store_id)
        later = {"due_at": one.probe_at, "reason": sentence(one.host)}
        due = sa.update(Run).where(in_order(sa.and_(waits, Run.due_at <= now))).values(**later)
        session.execute(due, execution_options={"synchronize_session": False})


def failing(session: Session, store_id: int | None = None) -> Sequence[CalledHost]:
    """The hosts that failed last time, of one store or of all, the longest-failing first."""
    hosts = sa.select(CalledHost).order_by(CalledHost.failures.desc(), CalledHost.id)
    return session.scalars(hosts if store_id is None else hosts.where(CalledHost.store_id == store_id)).all()


def _of(store_id: int, host: str) -> sa.Select[CalledHost]:
    mine = sa.and_(CalledHost.store_id == store_id, CalledHost.host == host)
    return sa.select(CalledHost).where(mine)
