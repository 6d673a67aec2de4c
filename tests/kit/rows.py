"""All rows of the database, to check that something changed nothing."""

from __future__ import annotations

import sqlalchemy as sa

from automations.models.db.base import db

#: Columns written by mere viewing: when a browser was last seen, when a key was last used.
SEEN = {"sign_in": {"seen_at"}, "api_key": {"last_used_at"}}


def all_rows(but: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Return table -> its rows as text, in order, without the tables in `but`."""
    db.session.rollback()
    return {name: _rows(table) for name, table in db.metadata.tables.items() if name not in but}


def _rows(table: sa.Table) -> list[str]:
    columns = [column for column in table.columns if column.name not in SEEN.get(table.name, ())]
    rows = db.session.execute(sa.select(*columns).order_by(table.c.id))
    return [str(tuple(row)) for row in rows]
