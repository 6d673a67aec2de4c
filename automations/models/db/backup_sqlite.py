"""A SQLite database as another SQLite file: copied while others write, restored in one transaction."""

from __future__ import annotations

import sys
from pathlib import Path

import sqlalchemy as sa

from automations.models.db.database import engine_options, prepare_engine

if sys.platform == "linux":
    import pysqlite3 as sqlite
else:
    import sqlite3 as sqlite

Error = sqlite.Error
MAGIC = b"SQLite format 3\x00"


def copy(source: Path, target: Path) -> None:
    """Copy the database as of this moment to a new file. Writers do not have to wait."""
    with sqlite.connect(str(source)) as reading, sqlite.connect(str(target)) as destination:
        # Copy all pages in one step: a write between two steps would make the copy start over.
        reading.backup(destination, pages=-1)
    reading.close()
    destination.close()


def merge_wal(path: Path) -> None:
    """Move everything into the database file itself, so that no write-ahead log remains beside it."""
    connection = sqlite.connect(str(path))
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()


def restore(source: Path, target: Path) -> None:
    """Replace the content of `target` by that of `source`; a kill midway leaves the old content."""
    backup, database = sqlite.connect(str(source)), sqlite.connect(str(target), timeout=10)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        backup.backup(database, pages=-1)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        backup.close()
        database.close()


def is_sqlite_file(path: Path) -> bool:
    """Return whether the file starts like a SQLite database."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def integrity_problem(connection: sa.Connection) -> str | None:
    """Return what SQLite finds wrong with the file, in its own words; None if it is sound."""
    findings = connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars().all()
    return None if findings == ["ok"] else "; ".join(map(str, findings))


def engine_of(path: Path) -> sa.Engine:
    """Return an engine on the database in this file."""
    url = f"sqlite:///{path}"
    return prepare_engine(sa.create_engine(url, poolclass=sa.NullPool, **engine_options(url, pooled=False)))
