"""A SQLite database as one more SQLite file: copied while others write, put back in one transaction."""

from __future__ import annotations

import sys
from pathlib import Path

import sqlalchemy as sa

from automations.models.database import engine_options, prepare_engine

if sys.platform == "linux":
    import pysqlite3 as sqlite
else:
    import sqlite3 as sqlite

MAGIC = b"SQLite format 3\x00"


def copy(source: Path, target: Path) -> None:
    """The database as it is at this moment, in a new file. Whoever writes meanwhile does not wait."""
    with sqlite.connect(str(source)) as reading, sqlite.connect(str(target)) as copied:
        # All pages in one step: between two, another process may write, and the copy would begin again.
        reading.backup(copied, pages=-1)
    reading.close()
    copied.close()


def close_up(path: Path) -> None:
    """Leave everything in the one file, with no log beside it."""
    connection = sqlite.connect(str(path))
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()


def put_back(source: Path, target: Path) -> None:
    """Replace what is in `target` by `source`; killed in the middle, it leaves the old content."""
    copied, written = sqlite.connect(str(source)), sqlite.connect(str(target), timeout=10)
    written.execute("PRAGMA journal_mode=WAL")
    written.execute("PRAGMA synchronous=FULL")
    copied.backup(written, pages=-1)
    written.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copied.close()
    written.close()


def is_one(path: Path) -> bool:
    """Whether the file begins like a SQLite database."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def damage(connection: sa.Connection) -> str | None:
    """What SQLite finds wrong with the file, in its own words; None when it is sound."""
    found = connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars().all()
    return None if found == ["ok"] else "; ".join(map(str, found))


def engine_of(path: Path) -> sa.Engine:
    """An engine on a file of its own."""
    url = f"sqlite:///{path}"
    return prepare_engine(sa.create_engine(url, poolclass=sa.NullPool, **engine_options(url)))
