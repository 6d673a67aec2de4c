"""Records the order in which transactions lock tables: opposite orders can deadlock."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from automations.models.db import driver
from automations.models.db.base import db

_CHANGES = re.compile(r'\s*(?:UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
_LOCKS = re.compile(r'\s*SELECT\b.*?\bFROM\s+"?(\w+)"?.*\bFOR (?:NO KEY )?UPDATE(?! SKIP LOCKED)', re.DOTALL)


@dataclass
class LockOrder:
    """Which tables were locked while others were held, and what was being done at the first time."""

    doing: str = ""
    after: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def circle(self, but: Collection[tuple[str, str]] = ()) -> list[str]:
        """Return tables that wait for each other, the first repeated at the end; [] if there are none.

        `but` names pairs (held, locked) to ignore.
        """
        graph = {
            then: {table for table in held if (table, then) not in but} for then, held in self.after.items()
        }
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            return list(error.args[1])
        return []

    def told(self, circle: list[str]) -> Mapping[str, str]:
        """Return what caused each step of a circle."""
        return {f"{held}, then {then}": self.after[then][held] for held, then in pairwise(circle)}


@contextmanager
def recording_lock_order() -> Iterator[LockOrder]:
    """Record the order for all transactions of this application; set `doing` to what is being done."""
    order = LockOrder()
    held: dict[int, list[str]] = defaultdict(list)

    def note(connection: sa.Connection, _cursor: object, text: str, *_: object) -> None:
        match = _CHANGES.match(text) or _LOCKS.match(text)
        tables = held[id(connection.connection.dbapi_connection)]
        if match and match[1] not in tables:
            for table in tables:
                order.after[match[1]].setdefault(table, order.doing)
            tables.append(match[1])

    def over(connection: sa.Connection) -> None:
        held.pop(id(connection.connection.dbapi_connection), None)

    def run(connection: sa.Connection, sql: str, values: Any, many: bool) -> Any:
        note(connection, None, sql)
        return straight(connection, sql, values, many)

    straight = driver._run
    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": note,
        "commit": over,
        "rollback": over,
    }
    for event, listener in listeners.items():
        sa.event.listen(db.engine, event, listener)
    try:
        with patch.object(driver, "_run", run):
            yield order
    finally:
        for event, listener in listeners.items():
            sa.event.remove(db.engine, event, listener)
