"""Takes queued workflows the moment they are committed, instead of at the library's next look at its queue.

The library offers no way to wake it, so this does what its own look does, with the library's functions: one
claim, then a thread for each workflow. Its look, every POLL_EVERY seconds, remains as the net: whatever goes
wrong here is done then, and what was claimed but not begun is resumed by the sweep.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid

from dbos import Queue
from dbos._core import execute_dequeued_workflow
from dbos._dbos import _get_dbos_instance
from dbos._utils import GlobalParams

log = logging.getLogger("automations.worker")

#: Seconds between two looks of the library.
POLL_EVERY = {"sqlite": 1.0, "postgresql": 0.2}
#: Seconds between two looks at whether a workflow that has ended has left its place, and how long to look.
LEAVING, LONGEST_LEAVING = 0.01, 0.5


class Dequeuing:
    """A thread that sleeps until it is woken, and then takes what is queued, as much as there is room for."""

    def __init__(self, queue: Queue, concurrency: int, stopping: threading.Event) -> None:
        self._queue, self._concurrency, self._stopping = queue, concurrency, stopping
        self._woken = threading.Event()
        #: Whether more was queued than there was room for.
        self._more = False
        #: Until when a workflow that ended may still hold its place, on the monotonic clock.
        self._leaves_until = 0.0
        self._thread = threading.Thread(target=self._run, name="dequeuing", daemon=True)

    def start(self) -> None:
        """Begin to take workflows."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the queue now: something was committed."""
        self._woken.set()

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
            self._woken.wait()
            self._woken.clear()
            try:
                while not self._stopping.is_set() and self._take():
                    self._stopping.wait(LEAVING)
            except Exception:
                # The library looks for itself soon.
                log.exception("A queued workflow waits for the next look.")

    def _take(self) -> bool:
        """Take what there is room for; return whether to look again in a moment."""
        dbos = _get_dbos_instance()
        running = dbos._active_workflows_set.count_for_queue(self._queue.name)
        room = self._concurrency - running
        if room <= 0:
            self._more = True
            return time.monotonic() < self._leaves_until
        owner = str(uuid.uuid4())
        whose = (GlobalParams.executor_id, GlobalParams.app_version)
        ids, _ = dbos._sys_db.start_queued_workflows(self._queue, *whose, None, running, owner_xid=owner)
        self._more = len(ids) >= room
        for status in dbos._sys_db.get_workflow_statuses(ids) if ids else ():
            execute_dequeued_workflow(dbos, status, owner)
        return False
