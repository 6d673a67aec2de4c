"""Fetches the orders that a shop's messages did not bring: page by page, each taken like a message.

A page is asked for outside any transaction, each of its orders is taken in one of its own, and only then the
next page is due: whoever goes on after a crash takes some orders twice, which changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.secret_encryption import SecretBox, SecretUnreadable
from automations.connectors.sources.all_sources import SOURCES
from automations.connectors.sources.payload import NotUnderstood
from automations.connectors.sources.shop_api import (
    AccessRefused,
    Asking,
    CannotBeAsked,
    NoSuchRecord,
    ShopAccess,
    TryLater,
)
from automations.connectors.sources.shop_messages import ShopRequest
from automations.connectors.sources.shop_source import OrderPage
from automations.models.db.base import db, run_in_write
from automations.models.db.fast_select import Lookup
from automations.models.settings import shop_connections
from automations.models.tables.people import User
from automations.models.tables.shop_catch_up import DONE, RUNNING, STOPPED, STOPPED_SHORT, ShopCatchUp
from automations.models.tables.shop_connection import TAKEN, ShopConnection
from automations.pipeline.sources import delivery_intake
from automations.pipeline.sources.fetching import CLAIMED_FOR, PAUSES, GoOn
from automations.pipeline.sources.found_orders import as_message

_DUE = Lookup(lambda _: sa.select(ShopCatchUp.connection_id).where(ShopCatchUp.due_at <= sa.bindparam("now")))
#: A failing page is tried so often.
MOST_TRIES = 12
#: Where a fetching ended that can be continued.
CAN_GO_ON = (STOPPED, STOPPED_SHORT)
#: The clocks of two machines differ, and a message takes its time.
BEFORE = dt.timedelta(hours=1)
#: What a key of the shop's needs to be of use.
_REFUSED = "{} Check the access on this page, and fetch again."


@dataclass(frozen=True, slots=True)
class _Page:
    """One page to ask for, and with what."""

    connection_id: int
    store_id: int
    kind: str
    since: dt.datetime
    cursor: str
    created_at: dt.datetime
    tries: int
    access: ShopAccess


def latest(session: Session, connection_id: int) -> ShopCatchUp | None:
    """Return the catch-up of a connection that runs, or ran last."""
    return session.scalar(sa.select(ShopCatchUp).where(ShopCatchUp.connection_id == connection_id))


def can_start(connection: ShopConnection) -> bool:
    """Return whether the shop can be asked for the orders that were missed."""
    api = SOURCES[connection.kind].api
    return bool(connection.access and api and api.page and not connection.closed_at)


def start(
    session: Session, connection: ShopConnection, since: dt.datetime, user: User | None, now: dt.datetime
) -> bool:
    """Begin to fetch what changed since `since`, inside write(); return False if that is under way."""
    shop_connections.locked(session, connection.id)
    row = latest(session, connection.id)
    if row is not None and row.state == RUNNING:
        return False
    if row is None:
        row = ShopCatchUp(connection_id=connection.id, store_id=connection.store_id)
    row.created_by, row.created_at, row.since = user.id if user else None, now, since
    row.cursor, row.state, row.problem, row.due_at, row.ended_at = "", RUNNING, None, now, None
    row.seen = row.changed = row.tries = 0
    session.add(row)
    if user is not None:
        shop_connections.note(session, connection, user, "fetched what was missed from", now)
    return True


def stop(session: Session, connection: ShopConnection, user: User, now: dt.datetime) -> bool:
    """End the fetching before the next order, inside write(); return False if none is under way.

    What was taken stays. Nothing else is lost: `go_on` continues at the page that was begun.
    """
    shop_connections.locked(session, connection.id)
    row = _latest_locked(session, connection.id)
    if row is None or row.state != RUNNING:
        return False
    _end(row, STOPPED, None, now)
    shop_connections.note(session, connection, user, "stopped fetching from", now)
    return True


def go_on(session: Session, connection: ShopConnection, user: User, now: dt.datetime) -> bool:
    """Continue what was stopped or failed, inside write(); return False if there is no such fetching."""
    shop_connections.locked(session, connection.id)
    row = _latest_locked(session, connection.id)
    if row is None or row.state not in CAN_GO_ON:
        return False
    row.state, row.problem, row.due_at, row.ended_at, row.tries = RUNNING, None, now, None, 0
    shop_connections.note(session, connection, user, "continued fetching from", now)
    return True


def _latest_locked(session: Session, connection_id: int) -> ShopCatchUp | None:
    of_connection = sa.select(ShopCatchUp).where(ShopCatchUp.connection_id == connection_id)
    return session.scalar(of_connection.with_for_update().execution_options(populate_existing=True))


def connections_due(session: Session, now: dt.datetime) -> list[int]:
    """Return the ids of the connections of which a page is due."""
    return _DUE.ids(session, now=now)


def go_on_with(
    connection_id: int, now: Callable[[], dt.datetime], box: SecretBox, may_go_on: GoOn = lambda: True
) -> int:
    """Fetch page after page of one connection until there is none, or it has to wait; return the pages.

    Needs an application context.
    """
    pages = 0
    while may_go_on():
        page = run_in_write(partial(_claim, connection_id=connection_id, box=box, now=now()))
        if page is None:
            break
        db.session.rollback()
        found = _ask(page, now)
        if found is None:
            break
        changed = 0
        for order in found.orders:
            if not may_go_on():
                return pages
            request = as_message(page.kind, found.topic, order)
            state = run_in_write(partial(_take, page=page, request=request, now=now()))
            if state is None:
                return pages
            changed += state == TAKEN
        run_in_write(partial(_advance, page=page, found=found, changed=changed, now=now()))
        pages += 1
    return pages


def _claim(session: Session, connection_id: int, box: SecretBox, now: dt.datetime) -> _Page | None:
    due = sa.select(ShopCatchUp).where(ShopCatchUp.connection_id == connection_id, ShopCatchUp.due_at <= now)
    row = session.scalar(due.with_for_update(skip_locked=True))
    connection = session.get(ShopConnection, connection_id)
    if row is None or connection is None:
        return None
    try:
        access = shop_connections.access_of(connection, box) if can_start(connection) else None
    except SecretUnreadable:
        access = None
    if access is None:
        _end(row, STOPPED_SHORT, "The stored access can no longer be read.", now)
        return None
    row.due_at, row.tries = now + CLAIMED_FOR, row.tries + 1
    of_shop = (connection.id, connection.store_id, connection.kind)
    return _Page(*of_shop, row.since, row.cursor, row.created_at, row.tries, access)


def _ask(page: _Page, now: Callable[[], dt.datetime]) -> OrderPage | None:
    """Return the page; None after noting why there is none."""
    api = SOURCES[page.kind].api
    if api is None or api.page is None:
        return None
    asking = Asking(page.access, api.headers(page.access), f"shop {page.store_id}")
    again: int | None = None
    try:
        return api.page(asking, page.since, page.cursor)
    except TryLater as error:
        problem, ends = str(error), page.tries >= MOST_TRIES
        again = error.after or int(PAUSES[min(page.tries, len(PAUSES)) - 1].total_seconds())
    except (AccessRefused, NoSuchRecord, CannotBeAsked, NotUnderstood) as error:
        problem, ends = _REFUSED.format(error), True
    run_in_write(partial(_note, page=page, problem=problem, again=None if ends else again, now=now()))
    return None


def _note(session: Session, page: _Page, problem: str, again: int | None, now: dt.datetime) -> None:
    row = _same(session, page)
    if row is None:
        return
    if again is None:
        _end(row, STOPPED_SHORT, problem, now)
    else:
        row.problem, row.due_at = problem, now + dt.timedelta(seconds=max(again, 1))


def _take(session: Session, page: _Page, request: ShopRequest, now: dt.datetime) -> str | None:
    """Return what became of the order; None, leaving it, if the fetching was stopped or begun anew."""
    if session.scalar(_of_page(page)) is None:
        return None
    return delivery_intake.take_found(session, page.connection_id, request, now).state


def _advance(session: Session, page: _Page, found: OrderPage, changed: int, now: dt.datetime) -> None:
    row = _same(session, page)
    if row is None:
        return
    row.seen, row.changed = row.seen + len(found.orders), row.changed + changed
    row.tries, row.problem, row.cursor = 0, None, found.next
    if found.next:
        row.due_at = now
    else:
        _end(row, DONE, None, now)


def _same(session: Session, page: _Page) -> ShopCatchUp | None:
    """Return the catch-up, locked, unless it was stopped or another one was begun meanwhile."""
    return session.scalar(_of_page(page).with_for_update())


def _of_page(page: _Page) -> sa.Select[ShopCatchUp]:
    return sa.select(ShopCatchUp).where(
        ShopCatchUp.connection_id == page.connection_id,
        ShopCatchUp.created_at == page.created_at,
        ShopCatchUp.cursor == page.cursor,
        ShopCatchUp.state == RUNNING,
    )


def _end(row: ShopCatchUp, state: str, problem: str | None, now: dt.datetime) -> None:
    row.state, row.problem, row.due_at, row.ended_at = state, problem, None, now
