"""The worker: does the workflows of due runs and runs the periodic jobs.

At most one worker lives in a process: the workflow library keeps its state in the process.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, Serializer
from filelock import FileLock, Timeout
from flask import Flask

from automations.connectors.secret_encryption import SecretBox
from automations.faults import crash
from automations.models.db.base import db
from automations.models.db.database import PRIVATE, keep_statements, sqlite_path, workflow_engine
from automations.pipeline.delivery.perform import perform
from automations.pipeline.delivery.relay import APP_VERSION, QUEUE, WORKFLOW
from automations.pipeline.delivery.settle import settle_with_notes
from automations.pipeline.runs import relay_signal
from automations.worker import library_threads, periodic_jobs
from automations.worker.dequeuing import Dequeuing
from automations.worker.periodic_jobs import Tools
from automations.worker.write_count import WriteCount

log = logging.getLogger("automations.worker")

#: Threads that do workflows; SQLite has one writer at a time, so more would only wait.
CONCURRENCY = {"sqlite": 12, "postgresql": 20}


class WorkerRunning(RuntimeError):
    """Another process already works on this SQLite file."""


class Worker:
    """One worker of `app`; `start()` returns at once, `stop()` lets begun work finish."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.url: str = app.config["DATABASE_URL"]
        self.box = SecretBox([app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"]])
        self.sqlite = self.url.startswith("sqlite")
        # SQLite has one worker: under the same id it takes up its own workflows after a restart.
        self.executor_id = "local" if self.sqlite else uuid.uuid4().hex
        self.client: DBOSClient | None = None
        self._stopping = threading.Event()
        self._writes = WriteCount()
        self.engine = workflow_engine(self.url, self._stopping)
        self._threads: list[threading.Thread] = []
        self._dequeuing: Dequeuing | None = None
        #: The workflows this process is doing.
        self._under_way: set[str] = set()
        self._one_ended = threading.Condition()
        self._file_lock = _file_lock(self.url)

    def start(self) -> None:
        """Launch the workflows and the jobs; any error undoes what was started. Raises WorkerRunning."""
        self.lock()
        try:
            self._launch()
        except BaseException:
            self.stop(wait=0)
            raise

    def lock(self) -> None:
        """Lock the SQLite file for this process as its only worker. Raises WorkerRunning."""
        if self._file_lock and not self._file_lock.is_locked:
            try:
                self._file_lock.acquire(timeout=0)
            except Timeout as error:
                raise WorkerRunning(
                    f"Another process already works on {self._file_lock.lock_file}. Stop it first."
                ) from error

    def stop(self, wait: int = 10) -> None:
        """Begin nothing more, wait up to `wait` seconds for work under way, close."""
        self.leave()
        ends = time.monotonic() + wait
        with self._one_ended:
            was_busy = bool(self._under_way)
            self._one_ended.wait_for(lambda: not self._under_way, timeout=wait)
        for thread in self._threads:
            thread.join(timeout=max(0.0, ends - time.monotonic()))
        if self._dequeuing:
            self._dequeuing.join()
        # The library notes each workflow's end after we do. Waiting for that takes it at least a second.
        DBOS.destroy(workflow_completion_timeout_sec=min(wait, 2) if was_busy else 0)
        if self.client:
            self.client.destroy()
        self.engine.dispose()
        self.unlock()

    def unlock(self) -> None:
        """Release the lock that `lock` took."""
        if self._file_lock:
            self._file_lock.release()

    def leave(self) -> None:
        """Begin nothing more; return at once."""
        self._stopping.set()
        self._writes.note()
        relay_signal.wake()
        self.look_at_queue()

    def look_at_queue(self) -> None:
        """Take queued workflows now."""
        if self._dequeuing:
            self._dequeuing.wake()

    def goes_on(self) -> bool:
        """Return whether more work may be begun."""
        return not self._stopping.is_set()

    @contextmanager
    def doing(self, workflow_id: str) -> Iterator[bool]:
        """Mark a workflow as under way, so that `stop` waits for it; yield whether nobody had it before."""
        with self._one_ended:
            self._under_way.add(workflow_id)
        try:
            yield self._dequeuing is not None and self._dequeuing.is_first_time(workflow_id)
        finally:
            with self._one_ended:
                self._under_way.discard(workflow_id)
                self._one_ended.notify_all()
            if self._dequeuing:
                self._dequeuing.one_ended()

    def _launch(self) -> None:
        DBOS(config=self._config())
        library_threads.calm()
        _register(self)
        DBOS.launch()
        backend = self.engine.dialect.name
        with self.app.app_context():
            keep_statements(db.engine)
        room = CONCURRENCY[backend]
        queue = DBOS.register_queue(QUEUE, worker_concurrency=room)
        self._dequeuing = Dequeuing(queue, backend, room, self._stopping)
        self._dequeuing.start()
        # What was queued before.
        self.look_at_queue()
        self.client = DBOSClient(system_database_engine=self.engine, serializer=_serializer())
        shared = (self.executor_id, self.box, self._stopping, self._under_way, self._dequeuing, self._writes)
        tools = Tools(self.app, self.client, self.engine, self.url, *shared)
        for job in periodic_jobs.jobs(tools):
            thread = threading.Thread(
                target=periodic_jobs.repeat, args=(job, tools), name=job.name, daemon=True
            )
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
        }


_worker: Worker | None = None


def _register(worker: Worker) -> None:
    global _worker  # the library calls plain functions by name
    _worker = worker


def _current() -> Worker:
    if _worker is None:
        raise RuntimeError("The worker of this process was not started.")
    return _worker


class WorkflowFailed(Exception):
    """A workflow failed; the library keeps only the kind of error, because its text may name a customer."""


@contextmanager
def _told_by_kind() -> Iterator[None]:
    """Let errors reach the library without their text, which goes to the log alone."""
    try:
        yield
    except Exception as error:
        log.exception("workflow")
        raise WorkflowFailed(type(error).__name__) from None


@DBOS.workflow(name=WORKFLOW)
def perform_runs(run_ids: list[int]) -> int:
    """Do some runs of one provider, as a workflow; return how many were settled.

    It has no steps: done again after a death, it finds in our own tables what is left to do.
    """
    workflow_id, worker = DBOS.workflow_id or "", _current()
    with worker.doing(workflow_id) as first_time, worker.app.app_context(), _told_by_kind():
        crash.at("workflow.begun")
        performed = perform(run_ids, workflow_id, worker.box, _now, worker.goes_on, first_time=first_time)
        crash.at("workflow.performed")
        settled = settle_with_notes(performed, _now())
        crash.at("workflow.recorded")
        return settled


def _serializer() -> Serializer:
    # The library's default is pickle: a row in the database must not be able to run code.
    return DBOSPortableJSONSerializer()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _file_lock(url: str) -> FileLock | None:
    path = sqlite_path(url)
    return FileLock(f"{path}.worker", mode=PRIVATE) if path else None
