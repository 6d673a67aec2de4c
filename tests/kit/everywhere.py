"""Looks for words wherever this program leaves something: database, journal, backup."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa

from automations.models.base import db
from automations.models.database import sqlite, sqlite_path


def in_database(words: Iterable[str]) -> dict[str, list[str]]:
    """Word -> where in the rows of any table it stands, the workflow library's among them."""
    found: dict[str, list[str]] = {}
    wanted = list(words)
    with db.engine.connect() as connection:
        inspector = sa.inspect(connection)
        schemas = [None] if connection.dialect.name == "sqlite" else ["public", "dbos"]
        for schema in schemas:
            for name in inspector.get_table_names(schema=schema):
                for row in connection.execute(
                    sa.select(sa.text("*")).select_from(sa.table(name, schema=schema))
                ):
                    text = repr(tuple(row)).lower()
                    for word in wanted:
                        if word.lower() in text:
                            found.setdefault(word, []).append(name)
    return found


def in_files(words: Iterable[str]) -> dict[str, list[str]]:
    """Word -> in which bytes of the SQLite file, its journal and a fresh backup it stands; {} on Postgres."""
    path = sqlite_path(str(db.engine.url.render_as_string(hide_password=False)))
    if path is None:
        return {}
    files = [path, path.with_name(path.name + "-wal"), _backup(path)]
    held = {file.name: file.read_bytes().lower() for file in files if file.exists()}
    return {
        word: where
        for word in words
        if (where := [name for name, content in held.items() if word.lower().encode() in content])
    }


def _backup(path: Path) -> Path:
    copy = path.with_name("backup.db")
    copy.unlink(missing_ok=True)
    with sqlite.connect(str(path)) as source, sqlite.connect(str(copy)) as target:
        source.backup(target)
    return copy
