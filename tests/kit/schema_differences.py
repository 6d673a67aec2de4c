"""How the schema of the database differs from the one that the models describe."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from automations.models.db.base import db


def schema_differences(wanted: sa.MetaData = db.metadata) -> list[Any]:
    """Return the differences; what the models want on the other database only is none."""
    ours, dialect = wanted.tables.keys(), db.engine.dialect.name
    indexes = (index for table in db.metadata.tables.values() for index in table.indexes)
    only_on = {str(index.name): index._ddl_if.dialect for index in indexes if index._ddl_if}

    def counts(_one: Any, name: str | None, kind: str, *_: Any) -> bool:
        if kind == "table":
            return name in ours
        return only_on.get(name or "", dialect) == dialect

    with db.engine.connect() as connection:
        options = {"compare_type": True, "include_object": counts}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), wanted))
