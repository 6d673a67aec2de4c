"""Erases a customer while the program works, so that nothing under way brings the person back."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.privacy import erasure
from automations.models.db.base import db, run_in_write
from automations.models.tables.customer import Customer
from automations.models.tables.store import Store
from automations.pipeline.delivery import taking_back

#: Seconds to wait for a message that is being handed over: longer than any connector takes.
PATIENCE = 20.0
#: Seconds to wait for transactions that began before: longer than a statement may take.
WRITERS_END = 15.0
_PAUSE = 0.05
_NEXT = sa.text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
_OLDEST = sa.text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows were changed, and whether the database's journal is cleared."""

    changed: int
    settled: bool


class _BeingSent(Exception):
    """A message to the customer is handed over just now."""


def erase_completely(
    store_id: int, customer_id: int, now: dt.datetime, note: Callable[[Session], object]
) -> Erased:
    """Erase the customer and let `note` write the audit, in one transaction; needs an application context.

    Waits first for a message to them that is being handed over, so that its result is known.
    """
    changed = _erase_between_messages(partial(_erase, note=note), store_id, customer_id, now)
    if db.engine.dialect.name != "sqlite":
        _wait_for_writers()
        # A transaction that had read the name before may have written it since.
        changed += run_in_write(partial(_erase, store_id=store_id, customer_id=customer_id, now=now))
    return Erased(changed, erasure.settle(db.session()))


def _erase_between_messages(
    erase: Callable[..., int], store_id: int, customer_id: int, now: dt.datetime
) -> int:
    """Erase while no message to the customer is handed over, or when PATIENCE is at its end."""
    whose = {"store_id": store_id, "customer_id": customer_id}
    ends = time.monotonic() + PATIENCE
    while True:
        _wait(lambda: not taking_back.is_being_sent(db.session(), **whose), ends - time.monotonic())
        is_patient = time.monotonic() < ends
        try:
            return run_in_write(partial(erase, **whose, now=now, is_patient=is_patient))
        except _BeingSent:
            # The next message began before the transaction did.
            continue


def _erase(
    session: Session,
    store_id: int,
    customer_id: int,
    now: dt.datetime,
    note: Callable[[Session], object] = lambda _: None,
    is_patient: bool = False,
) -> int:
    if is_patient and taking_back.is_being_sent(session, store_id, customer_id):
        raise _BeingSent
    customer = session.get_one(Customer, customer_id)
    changed = erasure.erase(session, session.get_one(Store, store_id), customer, now)
    note(session)
    return changed


def _wait_for_writers() -> None:
    """Wait until no transaction is left that began to write before now."""
    begun = db.session.scalar(_NEXT)
    _wait(lambda: db.session.scalar(_OLDEST) >= begun, WRITERS_END)


def _wait(is_over: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not is_over() and time.monotonic() < ends:
        db.session.rollback()
        time.sleep(_PAUSE)
    db.session.rollback()
