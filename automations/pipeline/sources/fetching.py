"""Fetches what shops only name: asked outside any transaction, taken once it has come. Before: fetch_queue.

A row is claimed by moving its due time beyond the longest fetch. Asking changes nothing in the shop, so a
fetch whose process died is done again, and what comes twice changes nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
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
from automations.connectors.sources.shop_messages import Fetched, NotTaken, ShopRequest, ToFetch
from automations.models.db.base import db, is_unavailable, run_in_write
from automations.models.settings import shop_connections
from automations.models.tables.shop_connection import ShopConnection, ShopDelivery
from automations.models.tables.shop_fetch import ShopFetch
from automations.pipeline.sources import delivery_intake, fetch_queue

log = logging.getLogger("automations.shops")

GoOn = Callable[[], bool]
#: For so long a claimed row is left to who claimed it.
CLAIMED_FOR = dt.timedelta(minutes=5)
#: The wait after each try that failed; after the last one it is given up, with the reason.
PAUSES = tuple(dt.timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, *[3600] * 71))
#: A shop may name an order a moment before its API has it.
NOT_THERE_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Claim:
    """One record to fetch, and with what."""

    fetch_id: int
    connection_id: int
    store_id: int
    kind: str
    wanted: ToFetch
    request: ShopRequest
    asked: int
    tries: int
    access: ShopAccess


@dataclass(slots=True)
class _Result:
    """What came of asking: a message, or why there is none."""

    message: Fetched | None = None
    fetched: str | None = None
    problem: str = ""
    after: int | None = None
    is_refused: bool = False
    #: Whether other records of the same shop would fare no better now.
    is_of_all: bool = False
    is_final: bool = False


def fetch_from(
    connection_id: int, now: Callable[[], dt.datetime], box: SecretBox, go_on: GoOn = lambda: True
) -> int:
    """Fetch what is due of one connection, one after the other; return how many records came.

    Needs an application context.
    """
    ids = fetch_queue.due(db.session(), connection_id, now())
    db.session.rollback()
    came = 0
    for fetch_id in ids:
        claim = run_in_write(partial(_claim, fetch_id=fetch_id, box=box, now=now())) if go_on() else None
        if claim is None:
            continue
        db.session.rollback()
        result = _ask(claim)
        _keep(claim, result, now())
        came += result.message is not None
    return came


def _keep(claim: _Claim, result: _Result, now: dt.datetime) -> None:
    try:
        run_in_write(partial(_settle, claim=claim, result=result, now=now))
    except Exception as error:
        if is_unavailable(error):
            raise
        log.exception("What was fetched for shop connection %s was not taken.", claim.connection_id)
        why = delivery_intake.OUR_ERROR.format(type(error).__name__)
        failed = _Result(problem=why, is_final=True)
        run_in_write(partial(_settle, claim=claim, result=failed, now=now))


def _claim(session: Session, fetch_id: int, box: SecretBox, now: dt.datetime) -> _Claim | None:
    query = sa.select(ShopFetch).where(ShopFetch.id == fetch_id, ShopFetch.due_at <= now)
    row = session.scalar(query.with_for_update(skip_locked=True))
    connection = session.get(ShopConnection, row.connection_id) if row else None
    if row is None or connection is None or connection.access is None or connection.closed_at:
        return None
    row.due_at, row.tries = now + CLAIMED_FOR, row.tries + 1
    delivery = session.get_one(ShopDelivery, row.delivery_id)
    try:
        access = shop_connections.access_of(connection, box)
    except SecretUnreadable:
        connection.access_problem = "The access token cannot be read. Enter it again."
        return None
    if access is None:
        return None
    request = ShopRequest((delivery.payload or "{}").encode(), delivery.headers)
    wanted = ToFetch(row.kind, row.source_id)
    ids = (row.id, connection.id, connection.store_id)
    return _Claim(*ids, connection.kind, wanted, request, row.asked, row.tries, access)


def _ask(claim: _Claim) -> _Result:
    api = SOURCES[claim.kind].api
    if api is None or api.fetch is None:
        return _Result(problem="This source has no API that is asked.", is_final=True)
    asking = Asking(claim.access, api.headers(claim.access), f"shop {claim.store_id}")
    try:
        message = api.fetch(asking, claim.wanted, claim.request)
    except AccessRefused as error:
        return _Result(problem=str(error), is_refused=True, is_of_all=True)
    except TryLater as error:
        return _Result(problem=str(error), after=error.after, is_of_all=True)
    except NoSuchRecord as error:
        if claim.tries < NOT_THERE_TRIES:
            return _Result(problem=str(error))
        return _Result(NotTaken(str(error)))
    except (CannotBeAsked, NotUnderstood) as error:
        return _Result(problem=str(error), is_final=True)
    return _Result(message, json.dumps(asking.answers, default=str, ensure_ascii=False))


def _settle(session: Session, claim: _Claim, result: _Result, now: dt.datetime) -> None:
    """Take what came, or plan the next try, unless another message has asked for it since."""
    connection = shop_connections.locked(session, claim.connection_id)
    row = session.get(ShopFetch, claim.fetch_id, with_for_update=True, populate_existing=True)
    if row is None:
        # Erased meanwhile: what came is about someone who is gone.
        return
    if result.is_refused:
        connection.access_problem = result.problem
    elif result.message is not None:
        connection.access_problem = None
    delivery = session.get_one(ShopDelivery, row.delivery_id)
    if result.message is None and not result.is_final and claim.tries <= len(PAUSES):
        wait = dt.timedelta(seconds=result.after) if result.after else PAUSES[claim.tries - 1]
        delivery.sentence = f"Not fetched yet: {result.problem}"
        until = now + min(max(wait, dt.timedelta(seconds=1)), dt.timedelta(days=1))
        if row.asked == claim.asked:
            row.due_at = until
        if result.is_of_all:
            session.flush()
            fetch_queue.put_off(session, connection.id, until)
        return
    if row.asked == claim.asked:
        session.delete(row)
        session.flush()
    if result.message is None:
        delivery_intake.give_up(delivery, result.problem, now)
        return
    delivery_intake.take_fetched(session, connection, delivery, result.message, result.fetched, now)
