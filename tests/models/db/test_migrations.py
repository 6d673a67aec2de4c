"""The migrations and the models describe the same schema."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask

from automations.models.db import schema
from automations.models.db.base import db
from tests.kit.downgrading import downgrade
from tests.kit.schema_differences import schema_differences

pytestmark = pytest.mark.filterwarnings("ignore:autogenerate skipping:UserWarning")


def test_the_migrations_produce_the_schema_of_the_models(app: Flask) -> None:
    assert schema_differences() == []


def test_a_missing_column_is_noticed(app: Flask) -> None:
    run = sa.MetaData()
    for table in db.metadata.tables.values():
        table.to_metadata(run)
    run.tables["run"].append_column(sa.Column("forgotten", sa.Text()))
    assert [change[0] for change in schema_differences(run)] == ["add_column"]


def test_downgrade_and_upgrade_restore_the_same_schema(app: Flask) -> None:
    db.session.remove()
    downgrade("base")
    tables = set(sa.inspect(db.engine).get_table_names())
    schema.upgrade()
    assert tables == {"alembic_version"}
    assert schema_differences() == []


def test_the_revisions_are_those_that_the_migration_library_finds() -> None:
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    assert schema.required_revision() == scripts.get_current_head()
    assert schema.known_revisions() == {script.revision for script in scripts.walk_revisions()}
