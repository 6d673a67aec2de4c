from __future__ import annotations

from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from automations.models.base import db

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


def test_the_migrations_lead_to_the_schema_the_models_describe(app: Flask) -> None:
    assert _differences(db.metadata) == []


def test_a_missing_column_would_be_noticed(app: Flask) -> None:
    run = sa.MetaData()
    for table in db.metadata.tables.values():
        table.to_metadata(run)
    run.tables["run"].append_column(sa.Column("forgotten", sa.Text()))
    assert [change[0] for change in _differences(run)] == ["add_column"]


def test_down_and_up_again_leaves_the_same_schema(app: Flask) -> None:
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    left = set(sa.inspect(db.engine).get_table_names())
    flask_migrate.upgrade()
    assert left == {"alembic_version"}
    assert _differences(db.metadata) == []
