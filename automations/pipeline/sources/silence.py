"""Shops that have sent nothing for long: WooCommerce switches its webhooks off without a word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.base import db, run_in_write
from automations.models.settings import shop_connections
from automations.models.tables.notification import Notification
from automations.models.tables.shop_catch_up import DONE
from automations.models.tables.shop_connection import ShopConnection
from automations.pipeline.providers import manager_alerts
from automations.pipeline.sources import missed_orders

GoOn = Callable[[], bool]
_BODY = (
    "Nothing has come from it for {} hours. Check that its webhooks are still switched on there."
    " You are told once."
)


def tell_all(now: dt.datetime, go_on: GoOn = lambda: True) -> int:
    """Tell the managers of shops that have gone silent, each once; return how many.

    Needs an application context.
    """
    open_ones = sa.and_(ShopConnection.closed_at.is_(None), ShopConnection.heard_at.is_not(None))
    untold = ShopConnection.silence_told_at.is_(None)
    connections = list(db.session.scalars(sa.select(ShopConnection).where(open_ones, untold)))
    silent = [one.id for one in connections if is_silent(one, now)]
    db.session.rollback()
    told = 0
    for connection_id in silent:
        if not go_on():
            break
        told += run_in_write(partial(_tell, connection_id=connection_id, now=now))
    return told


def catch_up_all(now: dt.datetime, go_on: GoOn = lambda: True) -> int:
    """Fetch what was missed from shops that are silent, again after as long a silence; return how many.

    Needs an application context.
    """
    open_ones = sa.and_(ShopConnection.closed_at.is_(None), ShopConnection.access.is_not(None))
    connections = list(db.session.scalars(sa.select(ShopConnection).where(open_ones)))
    silent = [one.id for one in connections if missed_orders.can_start(one) and is_silent(one, now)]
    db.session.rollback()
    return sum(run_in_write(partial(_catch_up, connection_id=id, now=now)) for id in silent if go_on())


def _catch_up(session: Session, connection_id: int, now: dt.datetime) -> bool:
    connection = shop_connections.locked(session, connection_id)
    before = missed_orders.latest(session, connection_id)
    hours = dt.timedelta(hours=int(connection.options.get("silence") or 0))
    if not is_silent(connection, now) or (before is not None and now - before.created_at < hours):
        return False
    since = connection.heard_at or now
    if before is not None and before.state == DONE:
        since = max(since, before.created_at)
    return missed_orders.start(session, connection, since - missed_orders.BEFORE, None, now)


def is_silent(connection: ShopConnection, now: dt.datetime) -> bool:
    """Return whether it has been silent for as long as its options say."""
    hours = int(connection.options.get("silence") or 0)
    heard = connection.heard_at
    return bool(hours and heard and now - heard >= dt.timedelta(hours=hours))


def _tell(session: Session, connection_id: int, now: dt.datetime) -> int:
    connection = shop_connections.locked(session, connection_id)
    if connection.closed_at or connection.silence_told_at or not is_silent(connection, now):
        return 0
    connection.silence_told_at = now
    for user in manager_alerts.people_of(session, connection.store_id):
        notice = Notification(store_id=connection.store_id, user_id=user.id, created_at=now)
        notice.title = f"{connection.name} has gone silent"
        notice.body = _BODY.format(connection.options["silence"])
        if missed_orders.can_start(connection):
            notice.body += " What was missed is fetched meanwhile."
        notice.path = f"/settings/shops/{connection.id}"
        session.add(notice)
    return 1
