"""Takes queued workflows the moment there is room for them, instead of when the library looks at its queue.

The library offers no way to wake it, so this does what its own look does, with the library's functions: one
claim, then a thread for each workflow. The library itself does not look (see `library_threads`). The net is
a look from time to time, which takes no lock while nothing is queued; what was claimed but not begun is
resumed by the sweep.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from dbos import DBOSClient, Queue
from dbos._core import execute_dequeued_workflow
from dbos._dbos import _get_dbos_instance
from dbos._utils import GlobalParams

from automations.worker.direct_taking import DirectTaking

log = logging.getLogger("automations.worker")

#: Seconds between two looks although nobody woke us, while there is work and later: on Postgres another
#: worker may have queued what it has no room for.
LOOK_EVERY = {"sqlite": (1.0, 5.0), "postgresql": (0.2, 1.0)}
#: Seconds after the last workflow from which on looks are rare.
QUIET_AFTER = 20.0
#: The most workflows under way here for the relay to take more at once. On Postgres the other workers are to
#: get their share of them, and they take what is queued.
TAKES_AT_ONCE = {"sqlite": 1000, "postgresql": 2}
#: The most workflows that are remembered as queued by this process.
MOST_QUEUED = 10_000
#: Seconds between two looks at whether a workflow that has ended has left its place, and how long to look.
LEAVING, LONGEST_LEAVING = 0.01, 0.5


class Dequeuing:
    """A thread that sleeps until it is woken, and then takes what is queued, as much as there is room for."""

    def __init__(self, queue: Queue, dialect: str, concurrency: int, stopping: threading.Event) -> None:
        self._queue, self._concurrency, self._stopping = queue, concurrency, stopping
        self._woken = threading.Event()
        #: Whether more was queued than there was room for.
        self._more = False
        #: Until when a workflow that ended may still hold its place, on the monotonic clock.
        self._leaves_until = 0.0
        self._look_often, self._look_rarely = LOOK_EVERY[dialect]
        self._takes_at_once = min(concurrency, TAKES_AT_ONCE[dialect])
        #: Held by whoever takes workflows, so that two do not take the same room; before any of the database.
        self._taking = threading.Lock()
        #: When workflows were last taken, on the monotonic clock.
        self._taken_at = time.monotonic()
        #: The workflows that this process queued and nobody took yet, as far as it knows.
        self._queued_here: set[str] = set()
        #: Those of them that were taken and have not begun yet: no worker can have died of them.
        self._first_time: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="dequeuing", daemon=True)

    def start(self) -> None:
        """Begin to take workflows."""
        self._thread.start()

    def wake(self, queued: Collection[str] = ()) -> None:
        """Look at the queue now: something was committed, such as workflows that this process `queued`."""
        if len(self._queued_here) > MOST_QUEUED:
            # Other workers took them.
            self._queued_here.clear()
        self._queued_here.update(queued)
        self._woken.set()

    @contextmanager
    def taking(self, client: DBOSClient) -> Iterator[DirectTaking]:
        """Let the relay queue workflows, and take those that there is room for; begin them in the end.

        Whatever waits in the queue goes first. If an error gets out, nothing is begun.
        """
        with self._taking:
            room = 0 if self._more else self._takes_at_once - self._under_way()
            taking = DirectTaking(client, room)
            yield taking
            if not self._stopping.is_set():
                self._first_time.update(taking.taken)
                taking.begin()
        if taking.taken:
            self._taken_at = time.monotonic()
        if taking.queued:
            self.wake(taking.queued)

    def is_first_time(self, workflow_id: str) -> bool:
        """Return whether no worker can have begun this workflow before."""
        try:
            self._first_time.remove(workflow_id)
        except KeyError:
            return False
        return True

    def one_ended(self) -> None:
        """Look at the queue if something waits there for room."""
        if self._more:
            self._leaves_until = time.monotonic() + LONGEST_LEAVING
            self._woken.set()

    def join(self) -> None:
        """Wait until nothing is taken any more; call it once the worker stops."""
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            is_quiet = time.monotonic() - self._taken_at > QUIET_AFTER
            woken = self._woken.wait(self._look_rarely if is_quiet else self._look_often)
            self._woken.clear()
            try:
                if not woken and not self._is_any_queued():
                    continue
                while not self._stopping.is_set() and self._take():
                    self._stopping.wait(LEAVING)
            except Exception:
                # The next look is soon.
                log.exception("A queued workflow waits for the next look.")

    def _is_any_queued(self) -> bool:
        system = _get_dbos_instance()._sys_db
        status = system.tables.workflow_status
        queued = sa.and_(status.c.queue_name == self._queue.name, status.c.status == "ENQUEUED")
        with system.engine.connect() as connection:
            return connection.execute(sa.select(sa.literal(1)).where(queued).limit(1)).first() is not None

    def _under_way(self) -> int:
        """Return how many workflows hold a place."""
        return int(_get_dbos_instance()._active_workflows_set.count_for_queue(self._queue.name))

    def _take(self) -> bool:
        with self._taking:
            return self._take_queued()

    def _take_queued(self) -> bool:
        """Take what there is room for; return whether to look again in a moment."""
        dbos, running = _get_dbos_instance(), self._under_way()
        room = self._concurrency - running
        if room <= 0:
            self._more = True
            return time.monotonic() < self._leaves_until
        owner = str(uuid.uuid4())
        whose = (GlobalParams.executor_id, GlobalParams.app_version)
        ids, _ = dbos._sys_db.start_queued_workflows(self._queue, *whose, None, running, owner_xid=owner)
        self._more = len(ids) >= room
        if ids:
            self._taken_at = time.monotonic()
        for status in dbos._sys_db.get_workflow_statuses(ids) if ids else ():
            workflow_id = status["workflow_uuid"]
            if workflow_id in self._queued_here:
                self._queued_here.discard(workflow_id)
                self._first_time.add(workflow_id)
            execute_dequeued_workflow(dbos, status, owner)
        return False
