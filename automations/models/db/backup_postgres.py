"""The rows of a Postgres database as one zip file: a copy of each table, all from one moment.

Needs no external program such as pg_dump; the schema comes from the migrations.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

MANIFEST = "manifest.json"
#: Bytes of a table held in memory at a time.
PIECE = 1 << 20
_SEQUENCES = "SELECT last_value, is_called FROM {}"
_FOREIGN_KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
"""


class InvalidBackup(ValueError):
    """The file is not one of our backups; `str(error)` is a sentence for the user."""


def export(engine: sa.Engine, metadata: sa.MetaData, target: Path, about: Mapping[str, Any]) -> None:
    """Write every table of `metadata` as of this moment to `target`, without blocking anybody."""
    reading = engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with reading as connection, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        # The first statement fixes the snapshot of the transaction, which all tables have to share.
        connection.exec_driver_sql("SELECT 1")
        tables: dict[str, Any] = {}
        for table in metadata.sorted_tables:
            columns = [column.name for column in table.columns]
            sequence = _sequence(connection, table.name)
            tables[table.name] = {"columns": columns, "sequence": sequence}
            _export(connection, table.name, columns, archive)
        archive.writestr(MANIFEST, msgspec.json.encode({**about, "tables": tables}))


def manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of a backup. Raises NotABackup."""
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            content: dict[str, Any] = msgspec.json.decode(archive.read(MANIFEST))
    except (zipfile.BadZipFile, KeyError, msgspec.DecodeError) as error:
        raise InvalidBackup(
            f"{path.name} is not a backup of a Postgres database, or it is damaged."
        ) from error
    if damaged:
        raise InvalidBackup(f"{path.name} is damaged: {damaged} in it cannot be read.")
    return content


def load(connection: sa.Connection, path: Path, tables: Mapping[str, Any]) -> None:
    """Load the rows into existing tables, replacing theirs, in the transaction of `connection`."""
    with _without_foreign_keys(connection), zipfile.ZipFile(path) as archive:
        # Migrations insert rows of their own, which are in the backup too.
        connection.exec_driver_sql(f"TRUNCATE {', '.join(map(_quoted, tables))}")
        for name, about in tables.items():
            _load(connection, name, about["columns"], archive)
            if about["sequence"]:
                parts = (_quoted_sequence(name), *about["sequence"])
                connection.exec_driver_sql("SELECT setval(%s::regclass, %s, %s)", parts)


def clear(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Drop our tables and those of the workflow library, in the transaction of `connection`."""
    names = [table.name for table in metadata.sorted_tables]
    present = set(sa.inspect(connection).get_table_names())
    for name in [*names, "alembic_version"]:
        if name in present:
            connection.exec_driver_sql(f"DROP TABLE {_quoted(name)} CASCADE")
    connection.exec_driver_sql("DROP SCHEMA IF EXISTS dbos CASCADE")


def _export(connection: sa.Connection, table: str, columns: list[str], archive: zipfile.ZipFile) -> None:
    copied = _cursor(connection).copy(_copy(table, columns, "TO STDOUT"))
    with archive.open(table, "w", force_zip64=True) as target, copied as pieces:
        for piece in pieces:
            target.write(piece)


def _load(connection: sa.Connection, table: str, columns: list[str], archive: zipfile.ZipFile) -> None:
    copied = _cursor(connection).copy(_copy(table, columns, "FROM STDIN"))
    with archive.open(table) as source, copied as target:
        while piece := source.read(PIECE):
            target.write(piece)


@contextmanager
def _without_foreign_keys(connection: sa.Connection) -> Iterator[None]:
    """Drop the foreign keys for a while: tables refer to each other in cycles, so no loading order works.

    All rows are checked when the keys are added again.
    """
    constraints = connection.exec_driver_sql(_FOREIGN_KEYS).all()
    for table, name, _ in constraints:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    for table, name, definition in constraints:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _sequence(connection: sa.Connection, table: str) -> list[Any] | None:
    """Return the state of the id sequence, so that the id of a deleted row is not given out again."""
    name = _quoted_sequence(table)
    if connection.exec_driver_sql("SELECT to_regclass(%s)", (name,)).scalar() is None:
        return None
    return list(connection.exec_driver_sql(_SEQUENCES.format(name)).one())


def _copy(table: str, columns: list[str], direction: str) -> str:
    return f"COPY {_quoted(table)} ({', '.join(map(_quoted, columns))}) {direction}"


def _cursor(connection: sa.Connection) -> Any:
    driver: Any = connection.connection.driver_connection
    return driver.cursor()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted_sequence(table: str) -> str:
    return _quoted(f"{table}_id_seq")
