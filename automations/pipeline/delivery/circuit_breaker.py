"""A circuit breaker per host: one that fails repeatedly is not called for a while. Part of: perform, relay.

After FAILURES in a row the host's runs wait. When the wait is over, one of them tries it: an answer lets the
others go, a failure makes them wait longer. The state is a row, so that all workers share it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.column_types import InstantColumn
from automations.models.db.fast_select import Lookup, in_list
from automations.models.tables.called_host import CalledHost
from automations.models.tables.run import HAS_LANE, WAITING, Run, in_order
from automations.pipeline.runs import relay_signal

_AT = {name: sa.bindparam(name, type_=InstantColumn()) for name in ("now", "latest")}
_NOT_YET = Lookup(
    lambda _: sa.select(CalledHost.store_id, CalledHost.host, CalledHost.probe_at).where(
        CalledHost.probe_at > _AT["now"], CalledHost.probe_at <= _AT["latest"]
    )
)
_AMONG = Lookup(
    lambda dialect: sa.select(CalledHost.store_id, CalledHost.host).where(
        in_list(CalledHost.host, "hosts", dialect)
    )
)
FAILURES = 5
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(minutes=10)
#: How long one run may take to try a host before another one does; longer than any connector waits.
PROBE = dt.timedelta(seconds=60)


def sentence(host: str) -> str:
    """Return the reason for which a run waits for this host."""
    return f"It waits until {host} answers again, which failed {FAILURES} times in a row."


def wait_for(session: Session, store_id: int, host: str, now: dt.datetime) -> dt.datetime | None:
    """Return when a run may try this host again, or None if it may call it now. Inside write().

    When the host is due to be tried, the first run that asks tries it, and the others wait.
    """
    called = session.scalar(_of(store_id, host))
    if called is None or called.opened_at is None or called.probe_at is None:
        return None
    # A time beyond the longest wait is from before the clock was set back.
    if now < called.probe_at <= now + LONGEST_WAIT:
        return called.probe_at
    same = sa.and_(CalledHost.id == called.id, CalledHost.probe_at == called.probe_at)
    taken = sa.update(CalledHost).where(same).values(probe_at=now + PROBE, changed_at=now)
    ours = session.connection().execute(taken).rowcount == 1
    return None if ours else now + PROBE


def failing_among(session: Session, hosts: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return those of (store id, host) that failed last time: only they have to be waited for."""
    if not hosts:
        return set()
    rows = _AMONG.rows(session, hosts=list({host for _, host in hosts}))
    return {(row["store_id"], row["host"]) for row in rows} & set(hosts)


def failed(
    session: Session,
    store_id: int,
    host: str,
    error: str,
    now: dt.datetime,
    left_at: dt.datetime | None = None,
) -> None:
    """Note that the host did not answer, or answered that it cannot. Inside write().

    Of calls that left side by side, those that fail after the breaker has opened say nothing new: only a
    call that `left_at` a later time makes the others wait longer.
    """
    called = session.scalar(_of(store_id, host).with_for_update())
    if called is None:
        called = CalledHost(store_id=store_id, host=host, failures=0)
        session.add(called)
    if left_at and called.opened_at and left_at <= called.opened_at:
        return
    called.failures += 1
    called.last_error, called.changed_at = error, now
    if called.failures >= FAILURES:
        called.opened_at = called.opened_at or now
        longer = FIRST_WAIT * 2 ** min(called.failures - FAILURES, 10)
        called.probe_at = now + min(longer, LONGEST_WAIT)
    session.flush()


def answered(session: Session, store_id: int, host: str, now: dt.datetime) -> None:
    """Note that the host works, and let the runs go that wait for it. Inside write()."""
    if not failing_among(session, {(store_id, host)}):
        return
    called = session.scalar(_of(store_id, host).with_for_update())
    if called is None:
        return
    session.delete(called)
    waits = sa.and_(Run.lane == host, HAS_LANE, Run.state == WAITING, Run.store_id == store_id)
    held = in_order(sa.and_(waits, Run.reason == sentence(host)))
    delayed = sa.update(Run).where(held).values(due_at=now, reason=None)
    session.execute(delayed, execution_options={"synchronize_session": False})
    relay_signal.on_commit(session)


def hold_back(session: Session, now: dt.datetime) -> None:
    """Postpone the due runs of hosts that are not to be called yet. Inside write()."""
    for called in _NOT_YET.rows(session, now=now, latest=now + LONGEST_WAIT):
        host = called["host"]
        waits = sa.and_(Run.lane == host, HAS_LANE, Run.state == WAITING, Run.store_id == called["store_id"])
        later = {"due_at": called["probe_at"], "reason": sentence(host)}
        due = sa.update(Run).where(in_order(sa.and_(waits, Run.due_at <= now))).values(**later)
        session.execute(due, execution_options={"synchronize_session": False})


def failing(session: Session, store_id: int | None = None) -> Sequence[CalledHost]:
    """Return the hosts that failed last time, of one store or of all, those with most failures first."""
    hosts = sa.select(CalledHost).order_by(CalledHost.failures.desc(), CalledHost.id)
    return session.scalars(hosts if store_id is None else hosts.where(CalledHost.store_id == store_id)).all()


def _of(store_id: int, host: str) -> sa.Select[CalledHost]:
    same_host = sa.and_(CalledHost.store_id == store_id, CalledHost.host == host)
    return sa.select(CalledHost).where(same_host)
