#!/bin/bash
# Alembic 1.20.1 with SQLAlchemy 2.1.9: an index that the model keeps to one database, Index(…).ddl_if(dialect="postgresql"), is
# left out by create_all() on SQLite, but not by migrations: there autogenerate compares it as if it had no condition, `alembic
# check` reports it as missing for ever, and the generated migration creates it on SQLite too, without a word about Postgres. The
# condition only holds where SQLAlchemy creates the table itself. Whoever tests against create_all() and ships migrations has two
# schemas. A condition in the migration (on op.get_bind().dialect.name) and an include_object that skips the index are the way.
#
# Source: run here, with https://pypi.org/project/alembic/1.20.1/ and https://pypi.org/project/SQLAlchemy/2.1.9/; reported, and open,
# at https://github.com/sqlalchemy/alembic/issues/1491; ddl_if:
# https://docs.sqlalchemy.org/en/21/core/ddl.html#controlling-ddl-generation-of-constraints-and-indexes
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q alembic==1.20.1 sqlalchemy==2.1.9
"$folder/venv/bin/python" - <<'PYTHON'
import textwrap

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import Operations

model = sa.MetaData()
orders = sa.Table("orders", model, sa.Column("id", sa.Integer, primary_key=True), sa.Column("number", sa.Text))
sa.Index("ix_orders_number", orders.c.number).ddl_if(dialect="postgresql")
with sa.create_engine("sqlite://").connect() as connection:
    model.create_all(connection)
    made = sa.inspect(connection).get_indexes("orders")
    context = MigrationContext.configure(connection)
    missing = [(what, index.name) for what, index in compare_metadata(context, model)]
    migration = render_python_code(produce_migrations(context, model).upgrade_ops)
    exec(textwrap.dedent("    " + migration), {"op": Operations(context), "sa": sa})
    migrated = [index["name"] for index in sa.inspect(connection).get_indexes("orders")]
print("create_all:", made, "; autogenerate:", missing, "; after its migration:", migrated)
print(migration)
assert made == [] and missing == [("add_index", "ix_orders_number")]
assert "postgresql" not in migration and migrated == ["ix_orders_number"]
PYTHON
