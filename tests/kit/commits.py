"""The transactions that were committed, each as the tables it changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from automations.models.db import driver

_CHANGE = re.compile(r'\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+(?:"?\w+"?\.)?"?(\w+)', re.IGNORECASE)


@contextmanager
def committed_changes(*engines: sa.Engine) -> Iterator[list[frozenset[str]]]:
    """Collect what each committed transaction of these engines changed; those that only read do not count."""
    committed: list[frozenset[str]] = []
    pending: dict[int, set[str]] = {}

    def note(connection: sa.Connection, text: str) -> None:
        tables = set(_CHANGE.findall(text)) - {"SET"}
        if connection._is_autocommit_isolation():
            committed.extend([frozenset(tables)] if tables else [])
        else:
            pending.setdefault(id(connection.connection.dbapi_connection), set()).update(tables)

    def executed(connection: sa.Connection, _cursor: Any, text: str, *_: Any) -> None:
        note(connection, text)

    def keep(connection: sa.Connection) -> None:
        tables = pending.pop(id(connection.connection.dbapi_connection), set())
        committed.extend([frozenset(tables)] if tables else [])

    def forget(connection: sa.Connection) -> None:
        pending.pop(id(connection.connection.dbapi_connection), None)

    def run(connection: sa.Connection, sql: str, values: Any, many: bool) -> Any:
        note(connection, sql)
        return straight(connection, sql, values, many)

    straight = driver._run
    listeners: dict[str, Callable[..., None]] = {
        "after_cursor_execute": executed,
        "commit": keep,
        "rollback": forget,
    }
    with ExitStack() as stack:
        for engine in engines:
            for event, listener in listeners.items():
                sa.event.listen(engine, event, listener)
                stack.callback(sa.event.remove, engine, event, listener)
        stack.enter_context(patch.object(driver, "_run", run))
        yield committed
