"""What a worker has prepared on Postgres outlives the end of a transaction that only read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db
from automations.models.db.database import engine_options, keep_statements, prepare_engine
from automations.worker.worker import CONCURRENCY

#: More often than psycopg waits before it prepares a statement.
OFTEN = 8
QUESTION = "SELECT 1 AS asked_often"
PREPARED = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE statement = :question")


@pytest.fixture
def engine(app: Flask) -> Iterator[sa.Engine]:
    url = app.config["DATABASE_URL"]
    engine = prepare_engine(sa.create_engine(url, **engine_options(url)))
    yield engine
    engine.dispose()


def prepared(connection: sa.Connection) -> int:
    count: int = connection.execute(PREPARED, {"question": QUESTION}).scalar_one()
    return count


def ask(connection: sa.Connection) -> None:
    for _ in range(OFTEN):
        connection.exec_driver_sql(QUESTION)
    assert prepared(connection) == 1


def test_statements_are_kept_when_a_transaction_is_rolled_back(engine: sa.Engine) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # its statements belong to nobody's transaction
    with engine.connect() as connection:
        ask(connection)
        connection.rollback()
        assert prepared(connection) == 0
    keep_statements(engine)
    with engine.connect() as connection:
        ask(connection)
        connection.rollback()
        assert prepared(connection) == 1
    with engine.connect() as connection:
        # Given back to the pool, too.
        assert prepared(connection) == 1


def test_after_an_error_statements_are_prepared_anew(engine: sa.Engine) -> None:
    if db.engine.dialect.name == "sqlite":
        return
    keep_statements(engine)
    with engine.connect() as connection:
        ask(connection)
        with pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql("SELECT 1 / 0")
        connection.rollback()
        assert prepared(connection) == 0
        ask(connection)


def test_a_worker_has_a_connection_for_each_workflow_it_does(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        return
    pool = engine_options(app.config["DATABASE_URL"])
    assert pool["pool_size"] >= CONCURRENCY["postgresql"]
