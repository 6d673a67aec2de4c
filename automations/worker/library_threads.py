"""Lets the threads of the workflow library sleep: what they look for every second does not occur here.

Runs are queued by the relay and taken by `dequeuing`; no workflow has a delay, a deadline or a schedule. Some
of the intervals are no settings of the library, so this changes them where it keeps them.
"""

from __future__ import annotations

from dbos import DBOS, _workflow_commands
from dbos._dbos import _get_dbos_instance

#: Seconds between two looks.
RARELY = 60.0


def calm() -> None:
    """Make the library look rarely; after it is configured, and before it is launched."""
    DBOS.listen_queues([])
    _get_dbos_instance()._registry.get_internal_queue()._polling_interval_sec = RARELY
    _workflow_commands._BACKGROUND_JOBS_INTERVAL_SEC = RARELY
