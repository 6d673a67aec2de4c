"""The periodic jobs of the worker: a thread repeats each of them until the worker stops."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial

import sqlalchemy as sa
from dbos import DBOSClient
from flask import Flask

from automations.connectors.secret_encryption import SecretBox
from automations.features.audience import campaign_sending, nightly_segments
from automations.features.backtest import backtest_reading
from automations.features.bulk import bulk_changes, target_gathering
from automations.features.csv_import import import_work
from automations.features.expectations import looking_after
from automations.features.figures.counting import FigureCounting
from automations.features.operations import daily_summaries, password_emails
from automations.features.past import gone_quiet
from automations.features.rollout import shadow_deadline, shadow_tally
from automations.features.scheduling import scan
from automations.features.search import phone_renewal
from automations.features.search.catching_up import CatchingUp
from automations.features.surge import usual_past
from automations.models.db.base import db, run_in_write, write
from automations.models.tables import heartbeat
from automations.models.tables.run import QUEUED, RUNNING
from automations.pipeline.sources import silence
from automations.worker import cleanup, freed_memory, recovery, shops_at_once
from automations.worker.dequeuing import Dequeuing
from automations.worker.direct_taking import DirectTaking
from automations.worker.relaying import relaying
from automations.worker.write_count import WriteCount

log = logging.getLogger("automations.worker")

#: Seconds to wait after an error.
AFTER_ERROR = 1.0
SWEEP_EVERY = 5.0
SCAN_EVERY = 2.0
TIDY_EVERY = 60.0
QUIET_EVERY = 900.0
EXPECT_EVERY = 30.0
FETCH_EVERY = 1.0
READ_EVERY = 1.0
COUNT_EVERY = 15.0
SEARCH_EVERY = 3.0
#: How long a round may be put off while nothing is written, as far as it was noticed.
AT_LEAST_EVERY = 60.0
#: Between two pieces of what can wait: older records whose words are kept, and changes of many records.
BETWEEN_PIECES = 0.05
#: Heartbeats are for people: a commit for each would cost a small shop's disk more than its orders.
BEAT_EVERY = 15.0

#: One round of a job; returns whether the next one begins at once.
Round = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """Work that a thread of the worker repeats."""

    name: str
    #: Seconds between two rounds.
    interval: float
    #: Opens what the rounds need, such as a connection, and gives the function that does one round.
    begin: Callable[[], AbstractContextManager[Round]]
    #: Whether the first round waits for `interval` as well.
    waits_first: bool = False
    #: Whether there is nothing to do while nothing was written; then a round may wait AT_LEAST_EVERY.
    after_writes: bool = False


@dataclass(slots=True)
class Tools:
    """What the jobs share with their worker."""

    app: Flask
    client: DBOSClient
    engine: sa.Engine
    url: str
    executor_id: str
    box: SecretBox
    stopping: threading.Event
    #: The ids of the workflows that this process is doing.
    under_way: set[str]
    dequeuing: Dequeuing
    writes: WriteCount
    #: When the last round of each job ended, until it is written.
    beats: dict[str, dt.datetime] = field(default_factory=dict)

    def goes_on(self) -> bool:
        """Return whether more work may be begun."""
        return not self.stopping.is_set()

    def note_write(self) -> None:
        """Wake the jobs that wait until something was written."""
        self.writes.note()

    def wait_for_round(self, job: PeriodicJob, seen: int) -> bool:
        """Wait until the next round of a job; `seen` is how many writes there were before its last one."""
        if self.wait(job.interval) and job.after_writes:
            self.writes.wait_for_more(seen, AT_LEAST_EVERY)
        return self.goes_on()

    def taking(self) -> AbstractContextManager[DirectTaking]:
        """Queue workflows, and take in the end those that there is room for."""
        return self.dequeuing.taking(self.client)

    def wait(self, seconds: float) -> bool:
        """Wait, no longer than until the worker stops; return whether to go on."""
        return not self.stopping.wait(seconds)


def jobs(tools: Tools) -> list[PeriodicJob]:
    """Return the jobs of a worker."""
    at_rest = partial(PeriodicJob, waits_first=True)
    if_written = partial(at_rest, after_writes=True)
    return [
        PeriodicJob("relay", 0.0, partial(relaying, tools)),
        PeriodicJob("sweep", SWEEP_EVERY, Sweeping(tools).begin),
        at_rest("scan", SCAN_EVERY, lambda: nullcontext(partial(_scan, tools))),
        if_written("daily", SCAN_EVERY, lambda: nullcontext(partial(_do_daily_work, tools))),
        if_written("backtests", READ_EVERY, lambda: nullcontext(partial(_read_past, tools))),
        PeriodicJob("fetch", FETCH_EVERY, partial(shops_at_once.begin, tools.app, tools.box, tools.goes_on)),
        if_written("imports", READ_EVERY, lambda: nullcontext(partial(_import, tools))),
        if_written("bulk", READ_EVERY, lambda: nullcontext(partial(_change_many, tools))),
        at_rest("tidy", TIDY_EVERY, lambda: nullcontext(partial(_tidy, tools))),
        if_written("figures", COUNT_EVERY, partial(_counting, tools)),
        if_written("search", SEARCH_EVERY, partial(_keeping_words, tools)),
        at_rest("quiet", QUIET_EVERY, lambda: nullcontext(partial(_listen, tools))),
        at_rest("expectations", EXPECT_EVERY, lambda: nullcontext(partial(_expect, tools))),
    ]


def repeat(job: PeriodicJob, tools: Tools) -> None:
    """Do round after round; after an error, such as a lost database, begin again with new connections."""
    while tools.goes_on():
        try:
            with tools.app.app_context(), job.begin() as once:
                at_once, seen = not job.waits_first, -1
                while tools.goes_on() if at_once else tools.wait_for_round(job, seen):
                    seen = tools.writes.value
                    at_once = once()
        except Exception:
            log.exception("The worker lost its way and begins again.")
            tools.wait(AFTER_ERROR)


class Sweeping:
    """Recovers what other workers, or errors in this one, left behind; writes the heartbeats."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._sqlite = tools.engine.dialect.name == "sqlite"
        #: Workflows that seemed left behind at the last look.
        self._left: set[str] = set()
        #: How far it looked through the runs of each state.
        self._looked_to = {QUEUED: recovery.START, RUNNING: recovery.START}
        self._beats_written = 0.0

    @contextmanager
    def begin(self) -> Iterator[Round]:
        """Open the connection that shows that this worker is alive."""
        with self._tools.engine.connect() as connection:
            if not self._sqlite:
                recovery.hold_life_lock(connection, self._tools.executor_id)
            # All workers reconnect at once when a lost database returns: each gets time to show it is alive.
            takes_over_from = time.monotonic() + 2 * SWEEP_EVERY

            def once() -> bool:
                if not self._sqlite:
                    self._look_after_workers(connection, time.monotonic() > takes_over_from)
                self._look_after_workflows()
                self._look_after_runs()
                self._tools.beats[heartbeat.SWEEP] = _now()
                self._write_beats()
                return False

            yield once

    def _look_after_workers(self, connection: sa.Connection, may_take_over: bool) -> None:
        recovery.say_alive(connection)
        if may_take_over:
            recovery.take_over(connection, self._tools.client, self._tools.executor_id)

    def _look_after_workflows(self) -> None:
        """Resume this worker's workflows that no thread is doing, if that was so at the last look already."""
        claimed = recovery.claimed_by(self._tools.client, self._tools.executor_id)
        seems_left = claimed - self._tools.under_way
        recovery.resume(self._tools.client, seems_left & self._left)
        self._left = seems_left

    def _look_after_runs(self) -> None:
        for state, after in self._looked_to.items():
            orphans = recovery.orphans(db.session(), self._tools.client, state, after)
            db.session.rollback()
            self._looked_to[state] = orphans.next
            if orphans.runs:
                with write() as session:
                    recovery.put_back(session, orphans.runs, _now())

    def _write_beats(self) -> None:
        if time.monotonic() - self._beats_written >= BEAT_EVERY:
            beats = dict(self._tools.beats)
            run_in_write(lambda session: heartbeat.note(session, beats))
            self._beats_written = time.monotonic()


def _scan(tools: Tools) -> bool:
    scan.scan(_now(), go_on=tools.goes_on)
    campaign_sending.send_all(_now, go_on=tools.goes_on)
    password_emails.send_all(_now, tools.box, go_on=tools.goes_on)
    tools.beats[heartbeat.SCAN] = _now()
    return False


def _do_daily_work(tools: Tools) -> bool:
    shadow_deadline.end_due(_now(), go_on=tools.goes_on)
    nightly_segments.refresh_due(_now(), go_on=tools.goes_on)
    usual_past.refresh_due(_now(), go_on=tools.goes_on)
    return False


def _read_past(tools: Tools) -> bool:
    backtest_reading.read_all(_now, tools.executor_id, go_on=tools.goes_on)
    shadow_tally.tally_all(_now(), go_on=tools.goes_on)
    return False


def _import(tools: Tools) -> bool:
    import_work.work_all(_now, tools.executor_id, tools.wait)
    return False


def _change_many(tools: Tools) -> bool:
    target_gathering.gather_all(go_on=tools.goes_on)
    bulk_changes.continue_all(_now, go_on=lambda: tools.wait(BETWEEN_PIECES))
    return False


def _counting(tools: Tools) -> AbstractContextManager[Round]:
    counting = FigureCounting()

    def once() -> bool:
        counting.once(_now(), go_on=tools.goes_on)
        return False

    return nullcontext(once)


def _keeping_words(tools: Tools) -> AbstractContextManager[Round]:
    catching_up = CatchingUp()

    def once() -> bool:
        catching_up.once(_now(), go_on=tools.goes_on)
        more = phone_renewal.renew_some(_now(), go_on=tools.goes_on)
        return (catching_up.older_is_left or bool(more)) and tools.wait(BETWEEN_PIECES)

    return nullcontext(once)


def _tidy(tools: Tools) -> bool:
    daily_summaries.send_all(_now, tools.box, go_on=tools.goes_on)
    # A busy till makes many keys a minute: they do not wait for the night.
    run_in_write(lambda session: cleanup.delete_expired_keys(session, _now()))
    if run_in_write(lambda session: cleanup.is_time(session, _now())):
        cleanup.clean_up(tools.client, _now(), tools.wait)
    freed_memory.give_back()
    return False


def _listen(tools: Tools) -> bool:
    gone_quiet.tell_all(_now(), go_on=tools.goes_on)
    silence.tell_all(_now(), go_on=tools.goes_on)
    silence.catch_up_all(_now(), go_on=tools.goes_on)
    return False


def _expect(tools: Tools) -> bool:
    looking_after.look_after_all(_now(), go_on=tools.goes_on)
    return False


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
