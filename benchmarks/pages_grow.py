"""Multiplies the rows of the sample shop inside the database: a million occurrences take a minute or two."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa

from automations.features.sample_shop import fill
from automations.models.db.base import Base
from automations.models.db.column_types import InstantColumn
from automations.models.db.database import engine_options

#: What the sample shop lived through is repeated in as many days after it.
DAYS = fill.DAYS
SHIFT = dt.timedelta(days=DAYS)
#: Each row is repeated within so many seconds: less than the slack that the log's search by date allows.
SPREAD = 540
#: What only grows; the others hold a few rows in any shop.
GROWING = (
    *("account", "customer", "order", "event", "occurrence", "evaluation", "run", "attempt", "message"),
    *("task", "notification", "due", "segment_member", "audit", "search_entry"),
)
#: References that the schema does not name; the table of a record is said by `subject`.
RECORDS = ("order", "event", "customer")
REFERENCES = {("occurrence", "cause_run_id"): "run", ("occurrence", "root_id"): "occurrence"}
REFERENCES |= {(table, "customer_id"): "customer" for table in ("run", "evaluation")}
#: Copies of customers have other names, so a worker finds their words; the others keep theirs.
SAME_WORDS = "o.subject <> 'customer'"
#: SQLite keeps what one statement reads and writes in the same table in memory: so many rows at a time.
ROWS = 200_000
#: The sample shop has no troubles: one run in 500 failed, one in 3,000 is unknown, one in 300 waits.
SENT = "o.state = 'succeeded' AND o.kind = 'send_email' AND (o.id * 31 + n)"
#: Columns whose values have to differ, as SQL with the row's own value and the number of the copy.
LETTER = "substr('rstlne', 1 + CAST(n % 6 AS integer), 1)"
DIFFERENT = {
    ("account", "name"): "{old} || ' ' || n",
    ("customer", "number"): "{old} || '-' || n",
    ("customer", "email"): "replace({old}, '@', n || '@')",
    ("customer", "last_name"): "{old} || " + LETTER,
    ("order", "number"): "{old} || '-' || n",
    ("event", "number"): "{old} || '-' || n",
    ("run", "state"): f"CASE WHEN {SENT} % 500 = 7 THEN 'failed' WHEN {SENT} % 3000 = 8 THEN 'unknown' "
    f"WHEN {SENT} % 300 = 9 THEN 'waiting' ELSE {{old}} END",
    ("run", "reason"): f"CASE WHEN {SENT} % 500 = 7 THEN 'The mail server refused it: 550.' "
    f"WHEN {SENT} % 3000 = 8 THEN 'Nobody knows whether it arrived.' ELSE {{old}} END",
    ("run", "tries"): f"CASE WHEN {SENT} % 300 = 9 THEN 0 ELSE {{old}} END",
    # The chain of the audit is not continued: pages do not check it.
    ("audit", "number"): "NULL",
    ("audit", "hash"): "NULL",
}


def grow(engine: sa.Engine, occurrences: int) -> None:
    """Repeat every growing row until there are so many occurrences; ids and instants rise together."""
    tables = [table for table in Base.metadata.sorted_tables if table.name in GROWING]
    # The product's own connections begin transactions by themselves.
    plain = sa.create_engine(engine.url, **engine_options(str(engine.url)), isolation_level="AUTOCOMMIT")
    with plain.connect() as connection:
        present = connection.scalar(sa.text("SELECT count(*) FROM occurrence")) or 0
        tops = {table.name: connection.scalar(sa.select(sa.func.max(table.c.id))) or 0 for table in tables}
        copies = max((occurrences - present) // present, 1)
        _hurry(connection)
        connection.exec_driver_sql("DROP TABLE IF EXISTS copies")
        connection.exec_driver_sql("CREATE TABLE copies (n integer PRIMARY KEY)")
        connection.exec_driver_sql(_numbers(connection, copies))
        for table in tables:
            _multiply(connection, table, tops, copies)
        connection.exec_driver_sql("DROP TABLE copies")
        _settle(connection, tables)
    plain.dispose()


def _hurry(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        for setting in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-400000"):
            connection.exec_driver_sql(f"PRAGMA {setting}")
        return
    connection.exec_driver_sql("SET session_replication_role = replica")
    connection.exec_driver_sql("SET synchronous_commit = off")
    connection.exec_driver_sql("SET statement_timeout = 0")
    connection.exec_driver_sql("SET maintenance_work_mem = '256MB'")


def _numbers(connection: sa.Connection, copies: int) -> str:
    if connection.dialect.name == "sqlite":
        series = f"WITH RECURSIVE t(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM t WHERE n + 1 < {copies})"
        return f"INSERT INTO copies {series} SELECT n FROM t"
    return f"INSERT INTO copies SELECT generate_series(0, {copies - 1})"


def _multiply(connection: sa.Connection, table: sa.Table, tops: dict[str, int], copies: int) -> None:
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    values = ", ".join(_value(connection, column, tops, copies) for column in table.columns)
    for index in table.indexes:
        index.drop(connection)
    for originals in _pieces(connection, tops[table.name], copies):
        # One walk through the originals, the copies of each beside each other.
        rows = f"SELECT {values} FROM {quote(table.name)} AS o CROSS JOIN copies WHERE {originals}"
        if table.name == "search_entry":
            rows += f" AND {SAME_WORDS}"
        if connection.dialect.name != "sqlite":
            rows += " ORDER BY o.id, n"
            # The driver takes % for the beginning of a parameter.
            rows = rows.replace("%", "%%")
        connection.exec_driver_sql(f"INSERT INTO {quote(table.name)} ({names}) {rows}")
    for index in table.indexes:
        index.create(connection)


def _pieces(connection: sa.Connection, top: int, copies: int) -> Iterator[str]:
    """Yield the conditions of the originals that are multiplied with one statement each."""
    if connection.dialect.name != "sqlite":
        yield f"o.id <= {top}"
        return
    size = max(ROWS // copies, 1)
    yield from (f"o.id BETWEEN {low} AND {min(low + size - 1, top)}" for low in range(1, top + 1, size))


def _value(connection: sa.Connection, column: sa.Column[object], tops: dict[str, int], copies: int) -> str:
    sqlite = connection.dialect.name == "sqlite"
    place, old = (
        (column.table.name, column.name),
        f"o.{connection.dialect.identifier_preparer.quote(column.name)}",
    )
    if place in DIFFERENT:
        return DIFFERENT[place].format(old=old)
    if column.name == "record_id":
        whens = " ".join(f"WHEN '{name}' THEN {_id(old, name, tops, copies)}" for name in RECORDS)
        return f"CASE o.subject {whens} ELSE {old} END"
    if (target := _target(column)) in tops:
        return _id(old, target, tops, copies)
    if isinstance(column.type, InstantColumn):
        if sqlite:
            seconds = f"(n * {SPREAD}.0 / {copies}) || ' seconds'"
            return f"strftime('%Y-%m-%d %H:%M:%f', {old}, '+{DAYS} days', {seconds}) || '000'"
        return f"{old} + interval '{DAYS} days' + n * {SPREAD}.0 / {copies} * interval '1 second'"
    if isinstance(column.type, sa.Date):
        return f"date({old}, '+{DAYS} days')" if sqlite else f"{old} + {DAYS}"
    return old


def _target(column: sa.Column[object]) -> str:
    """Return the table that a column refers to; its own for the id."""
    if column.name == "id":
        return column.table.name
    named = [key.column.table.name for key in column.foreign_keys]
    return named[0] if named else REFERENCES.get((column.table.name, column.name), "")


def _id(old: str, table: str, tops: dict[str, int], copies: int) -> str:
    return f"{tops[table]} + ({old} - 1) * {copies} + n + 1"


def _settle(connection: sa.Connection, tables: list[sa.Table]) -> None:
    """Leave the database as one that grew by itself: ids go on, and Postgres has looked at its tables."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    for statement in _next_ids(tables):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("SET session_replication_role = origin")
    connection.exec_driver_sql("VACUUM ANALYZE")


def _next_ids(tables: list[sa.Table]) -> Iterator[str]:
    for table in tables:
        yield f"""SELECT setval('"{table.name}_id_seq"', (SELECT max(id) FROM "{table.name}"))"""
