"""The migrations and the models describe the same schema."""

from __future__ import annotations

from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from automations.models.db.base import db

pytestmark = pytest.mark.filterwarnings("ignore:autogenerate skipping:UserWarning")


def _differences(wanted: sa.MetaData) -> list[Any]:
    ours = wanted.tables.keys()
    with db.engine.connect() as connection:
        options = {
            "compare_type": True,
            "include_object": lambda _, name, kind, *__: kind != "table" or name in ours,
        }
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, wanted))


def test_the_migrations_produce_the_schema_of_the_models(app: Flask) -> None:
    assert _differences(db.metadata) == []


def test_a_missing_column_is_noticed(app: Flask) -> None:
    run = sa.MetaData()
    for table in db.metadata.tables.values():
        table.to_metadata(run)
    run.tables["run"].append_column(sa.Column("forgotten", sa.Text()))
    assert [change[0] for change in _differences(run)] == ["add_column"]


def test_downgrade_and_upgrade_restore_the_same_schema(app: Flask) -> None:
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    tables = set(sa.inspect(db.engine).get_table_names())
    flask_migrate.upgrade()
    assert tables == {"alembic_version"}
    assert _differences(db.metadata) == []
