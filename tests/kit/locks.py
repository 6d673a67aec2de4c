"""In which order transactions lock the rows of tables: whoever goes the other way round may wait for ever."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from automations.models import driver
from automations.models.base import db

_CHANGES = re.compile(r'\s*(?:UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
_LOCKS = re.compile(r'\s*SELECT\b.*?\bFROM\s+"?(\w+)"?.*\bFOR (?:NO KEY )?UPDATE(?! SKIP LOCKED)', re.DOTALL)


@dataclass
class Order:
    """What was locked while something else was held, and by what that was first seen."""

    doing: str = ""
    after: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def circle(self, but: Collection[tuple[str, str]] = ()) -> list[str]:
        """Tables that wait for each other, the first one again at the end; [] where there are none.

        `but` names what is not to be followed: held, then locked.
        """
        graph = {then: {one for one in held if (one, then) not in but} for then, held in self.after.items()}
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            return list(error.args[1])
        return []

    def told(self, circle: list[str]) -> Mapping[str, str]:
        """What makes each step of a circle."""
        return {f"{held}, then {then}": self.after[then][held] for held, then in pairwise(circle)}


@contextmanager
def locking() -> Iterator[Order]:
    """Notes it of every transaction of this application while it is open; say in `doing` what goes on."""
    order = Order()
    held: dict[int, list[str]] = defaultdict(list)

    def note(connection: sa.Connection, _cursor: object, text: str, *_: object) -> None:
        found = _CHANGES.match(text) or _LOCKS.match(text)
        mine = held[id(connection.connection.dbapi_connection)]
        if found and found[1] not in mine:
            for table in mine:
                order.after[found[1]].setdefault(table, order.doing)
            mine.append(found[1])

    def over(connection: sa.Connection) -> None:
        held.pop(id(connection.connection.dbapi_connection), None)

    def run(connection: sa.Connection, sql: str, values: Any, many: bool) -> Any:
        note(connection, None, sql)
        return straight(connection, sql, values, many)

    straight, listeners = driver._run, {"before_cursor_execute": note, "commit": over, "rollback": over}
    for event, listener in listeners.items():
        sa.event.listen(db.engine, event, listener)
    try:
        with patch.object(driver, "_run", run):
            yield order
    finally:
        for event, listener in listeners.items():
            sa.event.remove(db.engine, event, listener)
