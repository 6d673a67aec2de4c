"""The worker: relays due runs into workflows, does them, and looks after what other workers left.

At most one worker lives in a process: the workflow library keeps its state in the process.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, Serializer
from filelock import FileLock, Timeout
from flask import Flask
from sqlalchemy.orm import Session

from automations.connectors.secrets import SecretBox
from automations.faults import crash
from automations.models import beat
from automations.models.base import db, in_write, write
from automations.models.database import sqlite_path, workflow_engine
from automations.models.run import QUEUED, RUNNING
from automations.pipeline import letters, marketing, pausing, schedule, segments_nightly, sweep, tidy, wakeup
from automations.pipeline.job import Part, RunOutcome
from automations.pipeline.listener import Listener
from automations.pipeline.perform import perform
from automations.pipeline.record import record
from automations.pipeline.relay import APP_VERSION, LOOK, QUEUE, WORKFLOW, has_due, relay

log = logging.getLogger("automations.worker")

LOOK_EVERY = 1.0
#: Seconds between two relays.
PAUSE = 0.05
#: Seconds until the workflow library sees what was relayed, at most.
POLL_EVERY = 0.1
SWEEP_EVERY = 5.0
SCAN_EVERY = 2.0
#: Signs of life are for people: a commit for each would cost a small shop's disk more than its orders.
BEAT_EVERY = 15.0
TIDY_EVERY = 60.0
#: Threads that do workflows; SQLite has one writer at a time, so more would only wait.
CONCURRENCY = {"sqlite": 8, "postgresql": 20}


class WorkerRunning(RuntimeError):
    """Another process already works on this SQLite file."""


class Worker:
    """One worker of `app`; `start()` returns at once, `stop()` lets what is begun come to its end."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.url: str = app.config["DATABASE_URL"]
        self.box = SecretBox([app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"]])
        self.sqlite = self.url.startswith("sqlite")
        # On SQLite there is one worker, and what it left behind is its own again.
        self.executor_id = "local" if self.sqlite else uuid.uuid4().hex
        self.client: DBOSClient | None = None
        self._stopping = threading.Event()
        self.engine = workflow_engine(self.url, self._stopping)
        #: Workflows that seemed left behind at the last look.
        self._left: set[str] = set()
        self._threads: list[threading.Thread] = []
        #: The workflows this process is at work on.
        self._under_way: set[str] = set()
        self._beats: dict[str, dt.datetime] = {}
        self._beats_written = 0.0
        self._one_ended = threading.Condition()
        #: How far the sweep looked through the runs of each state.
        self._looked_to = {QUEUED: sweep.START, RUNNING: sweep.START}
        self._file_lock = _file_lock(self.url)

    def start(self) -> None:
        """Launch the workflows and the relay; what was begun is undone on any error. Raises WorkerRunning."""
        self.lock()
        try:
            self._launch()
        except BaseException:
            self.stop(wait=0)
            raise

    def lock(self) -> None:
        """Make this process the only one that works on the SQLite file. Raises WorkerRunning."""
        if self._file_lock and not self._file_lock.is_locked:
            try:
                self._file_lock.acquire(timeout=0)
            except Timeout as error:
                raise WorkerRunning(
                    f"Another process already works on {self._file_lock.lock_file}. Stop it first."
                ) from error

    def stop(self, wait: int = 10) -> None:
        """Begin nothing more, wait up to `wait` seconds for what is under way, close."""
        self.leave()
        ends = time.monotonic() + wait
        with self._one_ended:
            was_busy = bool(self._under_way)
            self._one_ended.wait_for(lambda: not self._under_way, timeout=wait)
        for thread in self._threads:
            thread.join(timeout=max(0.0, ends - time.monotonic()))
        # The library notes each workflow's end after us. Told to wait for that it sleeps a second at least.
        DBOS.destroy(workflow_completion_timeout_sec=min(wait, 2) if was_busy else 0)
        if self.client:
            self.client.destroy()
        self.engine.dispose()
        self.unlock()

    def unlock(self) -> None:
        """Give up what `lock` took."""
        if self._file_lock:
            self._file_lock.release()

    def leave(self) -> None:
        """Begin nothing more; returns at once."""
        self._stopping.set()
        wakeup.wake()

    def goes_on(self) -> bool:
        """Whether something more may be begun."""
        return not self._stopping.is_set()

    @contextmanager
    def doing(self, workflow_id: str) -> Iterator[None]:
        """Around each workflow: `stop` waits for those under way."""
        with self._one_ended:
            self._under_way.add(workflow_id)
        try:
            yield
        finally:
            with self._one_ended:
                self._under_way.discard(workflow_id)
                self._one_ended.notify_all()

    def _launch(self) -> None:
        DBOS(config=self._config())
        _register(self)
        DBOS.launch()
        backend = self.engine.dialect.name
        DBOS.register_queue(QUEUE, worker_concurrency=CONCURRENCY[backend], polling_interval_sec=POLL_EVERY)
        self.client = DBOSClient(system_database_engine=self.engine, serializer=_serializer())
        loops = (self._relay_while_well, self._sweep_while_well, self._scan_while_well, self._tidy_while_well)
        for work in loops:
            thread = threading.Thread(target=self._again_and_again, args=(work, self.client), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _config(self) -> DBOSConfig:
        return {
            "name": "store-automations",
            "system_database_url": self.url,
            "system_database_engine": self.engine,
            "application_version": APP_VERSION,
            "executor_id": self.executor_id,
            "serializer": _serializer(),
            "log_level": "WARNING",
            "use_listen_notify": False,
            # It has nothing to look for here, and a worker that stops waits for it.
            "notification_listener_polling_interval_sec": 0.1,
        }

    def _again_and_again(self, work: Callable[[DBOSClient], None], client: DBOSClient) -> None:
        """A loop that ends in an error, such as a database gone away, begins again with new connections."""
        while not self._stopping.is_set():
            try:
                with self.app.app_context():
                    work(client)
            except Exception:
                log.exception("The worker lost its way and begins again.")
                self._stopping.wait(LOOK_EVERY)

    def _relay_while_well(self, client: DBOSClient) -> None:
        with Listener(self.url) as listener:
            while not self._stopping.is_set():
                relayed = in_write(lambda session: _pause_and_relay(session, client, _now()), repeatable=True)
                crash.at("relay.committed")
                self._beats[beat.RELAY] = _now()
                if relayed < LOOK:
                    self._rest(listener)

    def _rest(self, listener: Listener) -> None:
        """Until something is due, at most LOOK_EVERY; first a pause: what comes together goes together."""
        ends = time.monotonic() + LOOK_EVERY
        self._stopping.wait(PAUSE)
        while self.goes_on() and (left := ends - time.monotonic()) > 0:
            # Much is written that is nothing to relay, and to look takes no lock.
            due = listener.wait(left) and has_due(db.session(), _now())
            db.session.rollback()
            if due:
                return

    def _sweep_while_well(self, client: DBOSClient) -> None:
        with self.engine.connect() as connection:
            if not self.sqlite:
                sweep.hold_life_lock(connection, self.executor_id)
            began = time.monotonic()
            while not self._stopping.is_set():
                # After a database came back all workers find it at once: each gets time to say it lives.
                self._sweep(connection, client, take_over=time.monotonic() > began + 2 * SWEEP_EVERY)
                self._beats[beat.SWEEP] = _now()
                self._write_beats()
                self._stopping.wait(SWEEP_EVERY)

    def _scan_while_well(self, _client: DBOSClient) -> None:
        while not self._stopping.wait(SCAN_EVERY):
            schedule.scan(_now(), go_on=self.goes_on)
            segments_nightly.refresh_due(_now(), go_on=self.goes_on)
            marketing.send_all(_now, go_on=self.goes_on)
            letters.send_all(_now, self.box, go_on=self.goes_on)
            self._beats[beat.SCAN] = _now()

    def _tidy_while_well(self, client: DBOSClient) -> None:
        while not self._stopping.wait(TIDY_EVERY):
            # Many a minute at a busy till: these do not wait for the night.
            in_write(lambda session: tidy.forget_keys(session, _now()))
            if in_write(lambda session: tidy.is_time(session, _now())):
                tidy.tidy(client, _now(), lambda seconds: not self._stopping.wait(seconds))

    def _sweep(self, connection: sa.Connection, client: DBOSClient, take_over: bool) -> None:
        if not self.sqlite:
            sweep.say_alive(connection)
            if take_over:
                sweep.take_over(connection, client, self.executor_id)
        seems_left = sweep.claimed_by(client, self.executor_id) - self._under_way
        sweep.resume(client, seems_left & self._left)
        self._left = seems_left
        for state, after in self._looked_to.items():
            found = sweep.orphans(db.session(), client, state, after)
            db.session.rollback()
            self._looked_to[state] = found.next
            if found.runs:
                with write() as session:
                    sweep.put_back(session, found.runs, _now())

    def _write_beats(self) -> None:
        if time.monotonic() - self._beats_written >= BEAT_EVERY:
            beats = dict(self._beats)
            in_write(lambda session: beat.note(session, beats))
            self._beats_written = time.monotonic()


_worker: Worker | None = None


def _register(worker: Worker) -> None:
    global _worker  # the library calls plain functions by name
    _worker = worker


def _current() -> Worker:
    if _worker is None:
        raise RuntimeError("The worker of this process was not started.")
    return _worker


@DBOS.step(name="perform")
def _perform_step(run_ids: list[int], workflow_id: str) -> list[dict[str, Any]]:
    worker = _current()
    with worker.app.app_context():
        outcomes = perform(run_ids, workflow_id, worker.box, _now, worker.goes_on)
        return [asdict(outcome) for outcome in outcomes]


@DBOS.step(name="record")
def _record_step(outcomes: list[dict[str, Any]], workflow_id: str) -> int:
    with _current().app.app_context():
        found = [_outcome(data, workflow_id) for data in outcomes]
        return in_write(lambda session: record(session, found, _now()), repeatable=True)


@DBOS.workflow(name=WORKFLOW)
def perform_runs(run_ids: list[int]) -> int:
    """The workflow of some runs of one provider."""
    workflow_id = DBOS.workflow_id or ""
    with _current().doing(workflow_id):
        crash.at("workflow.begun")
        outcomes = _perform_step(run_ids, workflow_id)
        crash.at("workflow.performed")
        written = _record_step(outcomes, workflow_id)
        crash.at("workflow.recorded")
        return written


def _pause_and_relay(session: Session, client: DBOSClient, now: dt.datetime) -> int:
    """Pause what was asked for, then queue what is due; returns how many runs were queued."""
    pausing.pause_asked(session, now)
    return relay(session, client, now)


def _outcome(data: dict[str, Any], workflow_id: str) -> RunOutcome:
    # Noted by an earlier release, it does not name its workflow.
    return RunOutcome(
        **{"workflow_id": workflow_id, **data, "parts": [Part(**part) for part in data["parts"]]}
    )


def _serializer() -> Serializer:
    # The library's default is pickle: a row in the database must not be able to run code.
    return DBOSPortableJSONSerializer()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _file_lock(url: str) -> FileLock | None:
    path = sqlite_path(url)
    return FileLock(f"{path}.worker") if path else None
