"""The health check, with and without a database that answers."""

from __future__ import annotations

import os
import socket
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.health import database_health
from automations.web.probes import health_probe
from tests.kit.faults.full_disk import disk
from tests.kit.shop import place_order


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


def test_health_is_down_while_nothing_can_be_stored_and_ok_again_afterwards(
    app: Flask, client: FlaskClient
) -> None:
    ourselves: list[Any] = [SimpleNamespace(pid=os.getpid())]
    place_order("1")
    with disk(app) as fillable:
        fillable.fill(ourselves)
        try:
            with pytest.raises(sa.exc.DBAPIError):
                for number in range(100):
                    place_order(f"full-{number}")
            for _ in range(2):
                answer = client.get("/health")
                assert (answer.status_code, answer.json["detail"]) == (503, health_probe.FULL)
        finally:
            fillable.make_room(ourselves)
        assert (client.get("/health").status_code, client.get("/health").json) == (200, {"status": "ok"})


def test_health_is_down_when_the_disk_of_the_file_has_no_space_left(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name != "sqlite":
        return  # the server's disk is not ours
    monkeypatch.setattr(database_health, "LEAST_FREE", 2**62)
    answer = client.get("/health")
    assert (answer.status_code, answer.json["detail"]) == (503, health_probe.FULL)


def _rename(table: str, name: str) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {name}")
