"""Runs the migrations on the application's own engine."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Leave the tables of the workflow library alone: it migrates them itself."""
    return kind != "table" or name in current_app.extensions["migrate"].db.metadata.tables


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
    db = current_app.extensions["migrate"].db
    # One transaction for everything: a process that dies half way leaves the old schema.
    with db.engine.connect().execution_options(writes=True) as connection:
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
            context.run_migrations()


run()
