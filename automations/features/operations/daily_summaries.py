"""Sends each manager who asked for it a summary in the morning: what failed, what waits, what was sent.

A summary is a row of its person and day before it leaves, so no second worker and no restart writes another.
One that a worker had in hand when it died may have arrived: its person decides (summary_decisions).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.email_message import EmailConnector, OutgoingEmail, Refused, TryAgain, Uncertain
from automations.connectors.secret_encryption import SecretBox, SecretUnreadable
from automations.features.operations import summary_decisions, summary_words
from automations.models.access import audit
from automations.models.db.base import db, run_in_write
from automations.models.tables.daily_summary import (
    CANCELLED,
    FAILED,
    SENDING,
    SENT,
    SILENT,
    UNKNOWN,
    WAITING,
    DailySummary,
)
from automations.models.tables.hold import Hold
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store
from automations.pipeline.providers.store_connectors import email_connector, sender_of
from automations.pipeline.providers.test_message import mailbox_row

log = logging.getLogger("automations.summaries")

#: The hour of the store at which summaries are written.
HOUR = 7
ROLES = ("manager", "admin")
MOST_TRIES = 5
TRY_AGAIN = dt.timedelta(minutes=10)
#: A summary in hand for longer belonged to a worker that died.
IN_HAND = dt.timedelta(minutes=15)
KEPT = dt.timedelta(days=30)
LOST = "The program stopped while it was sending it."

Now = Callable[[], dt.datetime]


@dataclass(frozen=True)
class _ReadySummary:
    id: int
    store_id: int
    connector: EmailConnector
    email: OutgoingEmail


def send_all(now: Now, box: SecretBox, go_on: Callable[[], bool] = lambda: True) -> int:
    """Write and send the summaries that are due; return how many left. Needs an application context."""
    run_in_write(partial(_give_up, now=now()))
    for membership_id in _due_people(db.session(), now()):
        if go_on():
            _safely(partial(run_in_write, partial(_begin, membership_id=membership_id, now=now())))
    waiting = sa.select(DailySummary.id).where(DailySummary.state == WAITING, DailySummary.due_at <= now())
    ids = db.session.scalars(waiting.order_by(DailySummary.id)).all()
    db.session.rollback()
    return sum(_safely(partial(_send, id, box, now)) for id in ids if go_on())


def wanted_from(store: Store, now: dt.datetime) -> dt.date:
    """Return the first day of a summary that is switched on now: today if its hour is still to come."""
    local = now.astimezone(ZoneInfo(store.timezone))
    return local.date() + dt.timedelta(days=local.hour >= HOUR)


def choose(session: Session, membership: Membership, on: bool, now: dt.datetime) -> None:
    """Switch the summaries of a person in a store on or off, inside write()."""
    store = session.get_one(Store, membership.store_id)
    membership.summaries_from = wanted_from(store, now) if on else None
    action, about = "switched on" if on else "switched off", f"the daily summary of {membership.user.name}"
    whose = {"store_id": store.id, "user_id": membership.user_id}
    audit.note(session, action=action, about=about, at=now, **whose)


def _due_people(session: Session, now: dt.datetime) -> list[int]:
    """Return the memberships whose summary of today is due and has no row yet."""
    query = sa.select(Membership.id, Membership.summaries_from, Store.timezone).join(Membership.store)
    query = query.join(User, User.id == Membership.user_id).where(*_wanted(now))
    rows = session.execute(query.order_by(Membership.id)).all()
    days = {row.id: _day(row.timezone, now) for row in rows}
    due = {id: day for id, day in days.items() if day}
    due = {row.id: due[row.id] for row in rows if row.id in due and row.summaries_from <= due[row.id]}
    written = sa.select(DailySummary.membership_id, DailySummary.day).where(
        DailySummary.membership_id.in_(due)
    )
    written = written.where(DailySummary.day >= min(due.values(), default=dt.date.max))
    had = {(id, day) for id, day in session.execute(written)}
    session.rollback()
    return [id for id, day in due.items() if (id, day) not in had]


def _wanted(now: dt.datetime) -> list[sa.ColumnElement[bool]]:
    # A backup does not know whether the summary of the day had left.
    restored = sa.or_(Hold.ended_at.is_(None), Hold.since > now - dt.timedelta(days=1))
    on_hold = sa.select(Hold.id).where(Hold.store_id == Membership.store_id, restored)
    mine = [Membership.summaries_from.is_not(None), Membership.role.in_(ROLES)]
    return [*mine, User.disabled_at.is_(None), ~on_hold.exists()]


def _day(zone: str, now: dt.datetime) -> dt.date | None:
    local = now.astimezone(ZoneInfo(zone))
    return local.date() if local.hour >= HOUR else None


def _begin(session: Session, membership_id: int, now: dt.datetime) -> int:
    """Write down that the summary of today is to be sent, or that there is nothing to say."""
    locked = sa.select(Membership).where(Membership.id == membership_id).with_for_update()
    membership = session.scalar(locked.execution_options(populate_existing=True))
    if membership is None or membership.summaries_from is None:
        return 0
    store = session.get_one(Store, membership.store_id)
    day = _day(store.timezone, now)
    same = sa.select(DailySummary.id).where(
        DailySummary.membership_id == membership_id, DailySummary.day == day
    )
    if day is None or session.scalar(same) is not None:
        return 0
    old = sa.delete(DailySummary).where(DailySummary.membership_id == membership_id)
    session.execute(old.where(DailySummary.day < day - KEPT))
    said = summary_words.summary(session, store, membership, day)
    state = WAITING if said else SILENT
    whose = {"store_id": store.id, "membership_id": membership_id}
    session.add(DailySummary(**whose, day=day, state=state, due_at=now))
    return 1


def _give_up(session: Session, now: dt.datetime) -> None:
    lost = sa.and_(DailySummary.state == SENDING, DailySummary.due_at <= now - IN_HAND)
    for row in session.scalars(sa.select(DailySummary).where(lost).with_for_update()):
        row.state, row.outcome = UNKNOWN, LOST
        summary_decisions.tell(session, row, now)


def _send(summary_id: int, box: SecretBox, now: Now) -> int:
    ready = run_in_write(partial(_take, summary_id=summary_id, box=box, now=now()))
    if ready is None:
        return 0
    try:
        detail, state = ready.connector.send(ready.email).detail, SENT
    except Refused as error:
        detail, state = str(error), FAILED
    except TryAgain as error:
        detail, state = str(error), WAITING
    except Uncertain as error:
        detail, state = str(error), UNKNOWN
    run_in_write(partial(_settle, ready=ready, state=state, detail=detail, now=now()))
    return int(state == SENT)


def _take(session: Session, summary_id: int, box: SecretBox, now: dt.datetime) -> _ReadySummary | None:
    """Take the summary in hand and return it, as things stand now; None if another worker was faster."""
    mine = sa.update(DailySummary).where(DailySummary.id == summary_id, DailySummary.state == WAITING)
    taken = mine.values(state=SENDING, due_at=now, tries=DailySummary.tries + 1).returning(DailySummary.id)
    if session.scalar(taken) is None:
        return None
    row = session.get_one(DailySummary, summary_id, populate_existing=True)
    membership = session.get_one(Membership, row.membership_id)
    store, user = session.get_one(Store, row.store_id), membership.user
    is_today = row.day == now.astimezone(ZoneInfo(store.timezone)).date()
    said = summary_words.summary(session, store, membership, row.day)
    wanted = membership.summaries_from is not None and user.disabled_at is None and membership.role in ROLES
    if said is None or not wanted or not is_today:
        row.state = CANCELLED
        return None
    try:
        to, connector = EmailContact.parse(user.email, user.name), email_connector(session, store.id, box)
    except (SecretUnreadable, InvalidContact) as error:
        row.state, row.outcome = FAILED, str(error)
        return None
    email = OutgoingEmail(to, sender_of(store), said.subject, said.text, f"daily-summary-{row.id}")
    return _ReadySummary(row.id, store.id, connector, email)


def _settle(session: Session, ready: _ReadySummary, state: str, detail: str, now: dt.datetime) -> None:
    row = session.get_one(DailySummary, ready.id)
    row.state, row.outcome = state, detail
    if state == WAITING and row.tries >= MOST_TRIES:
        row.state = FAILED
    elif state == WAITING:
        row.due_at = now + TRY_AGAIN * row.tries
    elif state == UNKNOWN:
        summary_decisions.tell(session, row, now)
    elif state == SENT:
        message = mailbox_row(ready.store_id, ready.connector, ready.email, now)
        session.add(message)
        session.flush()
        row.message_id = message.id


def _safely(work: Callable[[], int]) -> int:
    # One summary that cannot be written must not keep the others back.
    try:
        return work()
    except Exception:
        log.exception("a daily summary")
        return 0
    finally:
        db.session.rollback()
