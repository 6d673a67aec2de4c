"""Asks several shops at once, so that one that hangs delays no other; each is asked one thing at a time."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask

from automations.connectors.secret_encryption import SecretBox
from automations.models.db.base import db
from automations.pipeline.sources import fetch_queue, fetching, missed_orders

log = logging.getLogger("automations.worker")
AT_ONCE = 4
#: Seconds that a worker which stops waits for what is under way.
LAST_WAIT = 3.0


@contextmanager
def begin(app: Flask, box: SecretBox, go_on: Callable[[], bool]) -> Iterator[Callable[[], bool]]:
    """Give the function that does one round: it starts what is due, and does not wait for it."""
    busy: dict[int, threading.Thread] = {}

    def work(connection_id: int) -> None:
        try:
            with app.app_context():
                fetching.fetch_from(connection_id, _now, box, go_on)
                missed_orders.go_on_with(connection_id, _now, box, go_on)
        except Exception:
            # What was claimed is due again after a while.
            log.exception("Shop connection %s could not be asked.", connection_id)
        finally:
            busy.pop(connection_id, None)

    def once() -> bool:
        session, now = db.session(), _now()
        due = fetch_queue.connections_due(session, now) + missed_orders.connections_due(session, now)
        db.session.rollback()
        for connection_id in [one for one in dict.fromkeys(due) if one not in busy][: AT_ONCE - len(busy)]:
            # A shop that hangs must not keep the program from ending.
            thread = threading.Thread(target=work, args=(connection_id,), name="fetch", daemon=True)
            busy[connection_id] = thread
            thread.start()
        return False

    yield once
    for thread in list(busy.values()):
        thread.join(LAST_WAIT)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
