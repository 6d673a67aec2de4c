"""Erases a customer from the tables of the workflow library, which keep the output of each step."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db import text_search

_TABLES = ("workflow_status", "operation_outputs")
_TEXTS = ("inputs", "output", "error")


def erase(
    session: Session, ids: Collection[str], words: Collection[str], erased: Callable[[Any], Any]
) -> int:
    """Redact the workflows `ids` and all that contain one of `words`; return how many rows changed.

    Inside write().
    """
    connection = session.connection()
    schema = None if connection.dialect.name == "sqlite" else "dbos"
    there = sa.inspect(connection).get_table_names(schema=schema)
    tables = [
        sa.Table(name, sa.MetaData(), schema=schema, autoload_with=connection)
        for name in _TABLES
        if name in there
    ]
    return sum(_rewrite(connection, table, _about_customer(table, ids, words), erased) for table in tables)


def _about_customer(table: sa.Table, ids: Collection[str], words: Collection[str]) -> sa.ColumnElement[bool]:
    columns = [table.c[name] for name in _TEXTS if name in table.c]
    named = [text_search.contains(column, word) for column in columns for word in words]
    return sa.or_(table.c.workflow_uuid.in_(ids), *named)


def _rewrite(
    connection: sa.Connection,
    table: sa.Table,
    where: sa.ColumnElement[bool],
    erased: Callable[[Any], Any],
) -> int:
    columns = [table.c[name] for name in _TEXTS if name in table.c]
    keys = list(table.primary_key.columns)
    changed = 0
    for row in connection.execute(sa.select(*keys, *columns).where(where)).mappings().all():
        new = {column.name: _text(row[column.name], erased) for column in columns}
        same = sa.and_(*(key == row[key.name] for key in keys))
        connection.execute(sa.update(table).where(same).values(new))
        changed += 1
    return changed


def _text(text: str | None, erased: Callable[[Any], Any]) -> str | None:
    """Return the text redacted, as JSON if it is JSON, else as plain text."""
    if text is None:
        return None
    try:
        return json.dumps(erased(json.loads(text)), ensure_ascii=False)
    except ValueError:
        return str(erased(text))
