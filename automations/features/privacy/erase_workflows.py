"""Erases a customer from the tables of the workflow library.

This release gives the library ids and numbers only; earlier ones gave it what was sent. Every text of every
table of its own is searched: its tables change from one release to the next.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db import text_search
from automations.models.db.base import db
from automations.models.db.schema import VERSION_TABLE

#: The column by which the library's tables name a workflow.
_WORKFLOW = "workflow_uuid"


def erase(
    session: Session, ids: Collection[str], words: Collection[str], erased: Callable[[Any], Any]
) -> int:
    """Redact the workflows `ids` and all that contain one of `words`; return how many rows changed.

    Inside write().
    """
    connection = session.connection()
    return sum(
        _rewrite(connection, table, _about_customer(table, ids, words), erased)
        for table in _tables(connection)
        if _texts(table)
    )


def _tables(connection: sa.Connection) -> Iterator[sa.Table]:
    """Yield the library's tables: on SQLite those that are not ours, on Postgres those of its schema."""
    schema = None if connection.dialect.name == "sqlite" else "dbos"
    inspector = sa.inspect(connection)
    if schema and schema not in inspector.get_schema_names():
        return
    for name in inspector.get_table_names(schema=schema):
        if schema or (name not in db.metadata.tables and name != VERSION_TABLE):
            yield sa.Table(name, sa.MetaData(), schema=schema, autoload_with=connection, resolve_fks=False)


def _texts(table: sa.Table) -> list[sa.Column[Any]]:
    """Return the columns with text, except those by which rows are found."""
    kinds = (sa.String, sa.JSON)
    texts = [column for column in table.columns if isinstance(column.type, kinds)]
    return [column for column in texts if not column.primary_key and not column.foreign_keys]


def _about_customer(table: sa.Table, ids: Collection[str], words: Collection[str]) -> sa.ColumnElement[bool]:
    texts = [sa.cast(column, sa.Text) for column in _texts(table)]
    named = [text_search.contains(text, word) for text in texts for word in words]
    theirs = [table.c[_WORKFLOW].in_(ids)] if _WORKFLOW in table.c else []
    return sa.or_(sa.false(), *theirs, *named)


def _rewrite(
    connection: sa.Connection,
    table: sa.Table,
    where: sa.ColumnElement[bool],
    erased: Callable[[Any], Any],
) -> int:
    columns = _texts(table)
    keys = list(table.primary_key.columns)
    changed = 0
    for row in connection.execute(sa.select(*keys, *columns).where(where)).mappings().all():
        new = {column.name: _redacted(row[column.name], erased) for column in columns}
        if all(row[name] == value for name, value in new.items()):
            continue
        same = sa.and_(*(key == row[key.name] for key in keys))
        connection.execute(sa.update(table).where(same).values(new))
        changed += 1
    return changed


def _redacted(value: Any, erased: Callable[[Any], Any]) -> Any:
    """Return the value redacted; a text as JSON if it is JSON."""
    if not isinstance(value, str):
        return erased(value)
    try:
        data = json.loads(value)
    except ValueError:
        return erased(value)
    new = erased(data)
    return value if new == data else json.dumps(new, ensure_ascii=False)
