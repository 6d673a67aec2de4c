"""Runs the migrations on the application's own engine."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from click import ClickException

from automations.models.db import schema
from automations.models.db.base import db

#: The advisory lock of migrations on Postgres.
ONE_AT_A_TIME = 0x5AFE0001


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Leave the tables of the workflow library alone: it migrates them itself."""
    return kind != "table" or name in db.metadata.tables


def plain(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our own column types as what the database sees: a migration must not change with the code."""
    if (
        kind == "type"
        and isinstance(item, sa.types.TypeDecorator)
        and item.__module__.startswith("automations")
    ):
        return f"sa.{item.impl!r}"
    return False


def run() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    # One transaction for everything: a process that dies half way leaves the old schema.
    with db.engine.connect().execution_options(writes=True) as connection:
        migrate(connection)


def migrate(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        include_object=ours,
        render_item=plain,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Of two programs that start at once the second waits, then finds nothing to do. The limits that
            # pages live by are too short for tables with millions of rows.
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        refuse_what_is_newer(connection)
        context.run_migrations()


def refuse_what_is_newer(connection: sa.Connection) -> None:
    newer = schema.too_new_problem(schema.current_revision(connection))
    if newer:
        raise ClickException(newer)


run()
