"""Lets the threads of the workflow library sleep: what they look for every second does not occur here.

Runs are queued by the relay and taken by `dequeuing`; no workflow has a delay, a deadline or a schedule. Some
of the intervals are no settings of the library, so this changes them where it keeps them.
"""

from __future__ import annotations

from typing import Any

from dbos import DBOS, Queue, _workflow_commands
from dbos._dbos import _get_dbos_instance
from dbos._sys_db import SystemDatabase

#: Seconds between two looks.
RARELY = 60.0


def calm() -> None:
    """Make the library look rarely; after it is configured, and before it is launched."""
    # No workflow waits for a message or an event. The thread that looks for them sleeps however long it is
    # told to, also when the worker stops.
    library: Any = SystemDatabase
    library._notification_listener_polling = _look_for_nothing
    DBOS.listen_queues([])
    # It would ask for all queues every second, to listen to none.
    library.list_queues = _no_queues
    _get_dbos_instance()._registry.get_internal_queue()._polling_interval_sec = RARELY
    _workflow_commands._BACKGROUND_JOBS_INTERVAL_SEC = RARELY


def _look_for_nothing(_: SystemDatabase) -> None:
    """End the thread that looks for messages and events."""


def _no_queues(*_: object, **__: object) -> list[Queue]:
    """Name no queue."""
    return []
