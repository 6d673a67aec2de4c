"""The intervals of the workflow library that are no settings of it."""

from __future__ import annotations

import inspect

from dbos import _workflow_commands
from dbos._queue import Queue, queue_thread
from dbos._sys_db_postgres import PostgresSystemDatabase
from dbos._sys_db_sqlite import SQLiteSystemDatabase


def test_the_intervals_are_where_they_are_changed() -> None:
    """A library that has moved them would look every second again, and nobody would notice."""
    assert "_BACKGROUND_JOBS_INTERVAL_SEC" in inspect.getsource(_workflow_commands).replace(
        "_BACKGROUND_JOBS_INTERVAL_SEC =", "", 1
    )
    assert "_polling_interval_sec" in inspect.getsource(Queue)
    assert "_sys_db.list_queues(" in inspect.getsource(queue_thread)
    for database in (SQLiteSystemDatabase, PostgresSystemDatabase):
        assert "_notification_listener_polling()" in inspect.getsource(database._notification_listener)
