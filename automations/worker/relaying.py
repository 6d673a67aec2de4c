"""The job that relays: it sleeps until something was written or is due."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Protocol

from sqlalchemy.orm import Session

from automations.faults import crash
from automations.features.authoring import auto_pause
from automations.features.surge import telling
from automations.models.db.base import db, run_in_write
from automations.models.tables import heartbeat
from automations.pipeline.delivery.relay import LOOK, has_due, relay
from automations.worker.direct_taking import DirectTaking
from automations.worker.postgres_listener import Listener

#: Seconds after which the relay looks for due runs even if nothing was written.
LOOK_EVERY = 1.0
#: Seconds after which it does a whole round although no write was noticed and nothing is due. On Postgres
#: only writes of runs are noticed.
ROUND_EVERY = {"sqlite": 15.0, "postgresql": 1.0}
#: The longest rest after a round, and the share of it for each run that was queued: runs that are written
#: together go together, and one alone makes no other wait.
LONGEST_REST, REST_EACH = 0.05, 0.005
#: Seconds until the next look after a write that left nothing to relay.
NOTHING_DUE = 0.02


class Relayer(Protocol):
    """What the job needs of its worker."""

    url: str
    beats: dict[str, dt.datetime]

    def note_write(self) -> None:
        """Something was written."""

    def taking(self) -> AbstractContextManager[DirectTaking]:
        """Queues workflows, and takes in the end those that there is room for."""

    def goes_on(self) -> bool:
        """Return whether more work may be begun."""

    def wait(self, seconds: float) -> bool:
        """Wait; return whether to go on."""


@contextmanager
def relaying(tools: Relayer) -> Iterator[Callable[[], bool]]:
    """Open the connection that listens; give the function that does one round."""
    with Listener(tools.url) as listener:
        job = _Relaying(tools, listener)
        yield job.once


class _Relaying:
    def __init__(self, tools: Relayer, listener: Listener) -> None:
        self._tools, self._listener = tools, listener
        self._more_is_due = True
        self._round_every = ROUND_EVERY[db.engine.dialect.name]
        self._notices_all_writes = db.engine.dialect.name == "sqlite"
        #: When the last round was, on the monotonic clock, and whether anything was written since.
        self._round_at = 0.0
        self._was_written = False

    def once(self) -> bool:
        """Wait until a round is due, and do it; return whether the next one is at once."""
        if self._more_is_due or self._wait_until_due():
            self._was_written, self._round_at = False, time.monotonic()
            with self._tools.taking() as taking:
                queued = run_in_write(partial(_pause_and_relay, taking=taking), repeatable=True)
                crash.at("relay.committed")
            self._more_is_due = queued >= LOOK
            if not self._more_is_due:
                self._tools.wait(min(LONGEST_REST, queued * REST_EACH))
        if not self._notices_all_writes:
            self._tools.note_write()
        self._tools.beats[heartbeat.RELAY] = dt.datetime.now(dt.UTC)
        return self._more_is_due

    def _wait_until_due(self) -> bool:
        """Wait LOOK_EVERY at most; return whether a round is due."""
        ends = time.monotonic() + LOOK_EVERY
        while self._tools.goes_on() and (left := ends - time.monotonic()) > 0:
            if not self._listener.wait(left):
                break
            self._was_written = True
            self._tools.note_write()
            # Most writes leave nothing to relay, and checking takes no lock.
            if self._is_due():
                return self._tools.goes_on()
            self._tools.wait(NOTHING_DUE)
        # What a write asks for without a run is done now: that automations are paused, that people are told.
        is_due = self._was_written or time.monotonic() - self._round_at >= self._round_every or self._is_due()
        return self._tools.goes_on() and is_due

    def _is_due(self) -> bool:
        due = has_due(db.session(), dt.datetime.now(dt.UTC))
        db.session.rollback()
        return due


def _pause_and_relay(session: Session, taking: DirectTaking) -> int:
    """Pause what asked for it, queue what is due, tell of what is held; return how many runs were queued."""
    taking.forget()
    now = dt.datetime.now(dt.UTC)
    auto_pause.pause_asked(session, now)
    queued = relay(session, taking, now)
    telling.tell_new(session, now)
    return queued
