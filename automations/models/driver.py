"""One statement on the driver's own connection, inside the transaction of a session.

SQLAlchemy describes every result anew, column by column: some 50 µs for an order, before the first row
is read. Only what every order takes comes here: `lookup`, `bulk`, `ids`, and the start of a transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

#: Where `write()` notes its connection in `session.info`: to find it anew takes 10 µs, for each statement.
CONNECTION = "connection"


def connection_of(session: Session) -> sa.Connection:
    """The connection of the session's transaction, which is begun if there is none."""
    found: sa.Connection | None = session.info.get(CONNECTION)
    return session.connection() if found is None else found


def rows(connection: sa.Connection, sql: str, values: Any) -> list[tuple[Any, ...]]:
    """All rows of a query. Raises what SQLAlchemy raises."""
    cursor = _run(connection, sql, values, many=False)
    found: list[tuple[Any, ...]] = cursor.fetchall()
    cursor.close()
    return found


def write(connection: sa.Connection, sql: str, values: Sequence[Any]) -> None:
    """A statement once for each of `values`. Raises what SQLAlchemy raises."""
    many = len(values) > 1
    _run(connection, sql, values if many else values[0], many).close()


def command(connection: sa.Connection, sql: str) -> None:
    """A statement without values that gives nothing back. Raises what SQLAlchemy raises."""
    _run(connection, sql, (), many=False).close()


def _run(connection: sa.Connection, sql: str, values: Any, many: bool) -> Any:
    cursor = connection.connection.cursor()
    try:
        if many:
            cursor.executemany(sql, values)
        else:
            cursor.execute(sql, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, cursor, sql, values, error) from error
    return cursor


def _told(connection: sa.Connection, cursor: Any, sql: str, values: Any, error: Any) -> BaseException:
    """The error as SQLAlchemy words it; a lost connection is given up, so that the next try has another."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection, cursor)
    if lost:
        connection.invalidate(error)
    driver_error = dialect.loaded_dbapi.Error
    told: BaseException = sa.exc.DBAPIError.instance(
        sql, values, error, driver_error, connection_invalidated=lost, dialect=dialect
    )
    return told
