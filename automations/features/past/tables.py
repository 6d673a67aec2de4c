"""The tables that this process keeps in memory, shared by its requests."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import Field
from automations.features.past.occurrence_table import OccurrenceTable, TableKey
from automations.models.db.driver import connection_of

_tables: dict[tuple[sa.Engine, TableKey], OccurrenceTable] = {}
_lock = threading.Lock()


def clear() -> None:
    """Forget all tables."""
    with _lock:
        _tables.clear()


@contextmanager
def table(
    session: Session, key: TableKey, needed: Collection[str], custom: Mapping[str, Field] | None
) -> Iterator[OccurrenceTable]:
    """Lend the up-to-date table with the columns of the `needed` facts; nobody else has it meanwhile."""
    with _lock:
        shared = _tables.setdefault((connection_of(session).engine, key), OccurrenceTable(key))
    with shared.lock:
        shared.bring_up_to_date(session, needed, custom)
        yield shared
