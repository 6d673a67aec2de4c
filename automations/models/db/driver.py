"""Single statements on the driver's own connection, inside the transaction of a session.

SQLAlchemy describes every result anew, column by column: about 50 µs for an order before the first row is
read. Only what every order needs goes this way: `lookup`, `bulk`, `ids`, and the start of a transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

#: Key in `session.info` under which `write()` keeps its connection: looking it up anew takes 10 µs.
CONNECTION = "connection"
#: How a statement begins that Postgres takes rows after, as a stream.
COPY = "COPY "


def connection_of(session: Session) -> sa.Connection:
    """Return the connection of the session's transaction; begin one if there is none."""
    connection: sa.Connection | None = session.info.get(CONNECTION)
    # A transaction may have been rolled back inside write().
    return session.connection() if connection is None or connection.closed else connection


def rows(connection: sa.Connection, sql: str, values: Any) -> list[tuple[Any, ...]]:
    """Return all rows of a query. Raises the exceptions of SQLAlchemy."""
    cursor = _run(connection, sql, values, many=False)
    fetched: list[tuple[Any, ...]] = cursor.fetchall()
    cursor.close()
    return fetched


def write(connection: sa.Connection, sql: str, values: Sequence[Any]) -> None:
    """Execute a statement once for each of `values`. Raises the exceptions of SQLAlchemy."""
    many = len(values) > 1
    _run(connection, sql, values if many else values[0], many).close()


def copy(connection: sa.Connection, sql: str, values: Sequence[Sequence[Any]]) -> None:
    """Send rows to a "COPY … FROM STDIN" of Postgres. Raises the exceptions of SQLAlchemy."""
    _run(connection, sql, values, many=True).close()


def command(connection: sa.Connection, sql: str) -> None:
    """Execute a statement without values or result. Raises the exceptions of SQLAlchemy."""
    _run(connection, sql, (), many=False).close()


def _run(connection: sa.Connection, sql: str, values: Any, many: bool) -> Any:
    cursor: Any = connection.connection.cursor()
    try:
        if many and sql.startswith(COPY):
            with cursor.copy(sql) as stream:
                for row in values:
                    stream.write_row(row)
        elif many:
            cursor.executemany(sql, values)
        else:
            cursor.execute(sql, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, cursor, sql, values, error) from error
    return cursor


def _wrapped(connection: sa.Connection, cursor: Any, sql: str, values: Any, error: Any) -> BaseException:
    """Return the error as SQLAlchemy wraps it; invalidate a lost connection, so that a retry gets another."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection, cursor)
    if lost:
        connection.invalidate(error)
    driver_error = dialect.loaded_dbapi.Error
    wrapped: BaseException = sa.exc.DBAPIError.instance(
        sql, values, error, driver_error, connection_invalidated=lost, dialect=dialect
    )
    return wrapped
