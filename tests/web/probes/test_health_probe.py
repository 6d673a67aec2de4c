"""The health check, with and without a database that answers."""

from __future__ import annotations

import socket

import sqlalchemy as sa
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.health import database_health


def test_health_is_ok_while_the_database_answers(client: FlaskClient) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_health_is_down_without_the_tables(client: FlaskClient) -> None:
    _rename("store", "gone")
    try:
        answer = client.get("/health")
    finally:
        # Other tests use the same tables.
        _rename("gone", "store")
    assert (answer.status_code, answer.json["detail"]) == (503, "The database does not answer.")


def test_a_database_that_never_answers_counts_as_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/none"
        assert not database_health.is_reachable(sa.create_engine(url))


def _rename(table: str, name: str) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {name}")
