"""Searches everything this program stores for words: database, journal, backup."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pysqlite3
import sqlalchemy as sa

from automations.models.db.base import db
from automations.models.db.database import sqlite_path


def find_in_database(words: Iterable[str]) -> dict[str, list[str]]:
    """Return word -> names of the tables with rows that hold it, those of the workflow library included."""
    places: dict[str, list[str]] = {}
    searched = list(words)
    with db.engine.connect() as connection:
        inspector = sa.inspect(connection)
        schemas = [None] if connection.dialect.name == "sqlite" else ["public", "dbos"]
        for schema in schemas:
            for name in inspector.get_table_names(schema=schema):
                for row in connection.execute(
                    sa.select(sa.text("*")).select_from(sa.table(name, schema=schema))
                ):
                    text = repr(tuple(row)).lower()
                    for word in searched:
                        if word.lower() in text:
                            places.setdefault(word, []).append(name)
    return places


def find_in_files(words: Iterable[str]) -> dict[str, list[str]]:
    """Return word -> names of the files that hold it: SQLite file, journal, fresh backup; {} on Postgres."""
    path = sqlite_path(str(db.engine.url.render_as_string(hide_password=False)))
    if path is None:
        return {}
    files = [path, path.with_name(path.name + "-wal"), _backup(path)]
    contents = {file.name: file.read_bytes().lower() for file in files if file.exists()}
    return {
        word: where
        for word in words
        if (where := [name for name, content in contents.items() if word.lower().encode() in content])
    }


def _backup(path: Path) -> Path:
    copy = path.with_name("backup.db")
    copy.unlink(missing_ok=True)
    with pysqlite3.connect(str(path)) as source, pysqlite3.connect(str(copy)) as target:
        source.backup(target)
    return copy
