"""A killed migration leaves the old schema or the new one; programs explain a schema that does not fit."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from automations.models.db import schema
from automations.models.db.base import db
from automations.web.request.schema_guard import FITS
from tests.kit.databases import PostgresDatabases, postgres_url
from tests.kit.live import wait_until
from tests.kit.schema_differences import schema_differences

pytestmark = [pytest.mark.filterwarnings("ignore:autogenerate skipping:UserWarning"), pytest.mark.slow]

FIRST = "0002"
ROWS = 100_000
SEED = 20261122
#: Seconds; each kill comes at a random moment before its limit, so that early and late steps are hit.
LIMITS = (0.3, 0.6, 1.0, 1.5, 2.5)
FORK = multiprocessing.get_context("fork")
NUMBERS = {
    "sqlite": "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n < {}) SELECT n FROM c)",
    "postgresql": "generate_series(1, {}) AS n(n)",
}
STORE = """INSERT INTO store (id, name, currency, timezone, region, sender_email, ruleset, created_at)
VALUES (1, 'Bloom', 'GBP', 'Europe/London', 'GB', '', 1, '2020-01-01 00:00:00')"""


@pytest.fixture
def large(database_kind: str, tmp_path: Path) -> Iterator[Flask]:
    """A database of its own with an old schema and a hundred thousand orders."""
    own = PostgresDatabases(postgres_url()) if database_kind == "postgres" else None
    url = own.url if own else f"sqlite:///{tmp_path / 'large.db'}"
    app = create_app(
        {"TESTING": True, "DATABASE_URL": url, "SECRET_KEY": "x" * 40, "DATA_FOLDER": str(tmp_path)}
    )
    with app.app_context():
        schema.upgrade(revision=FIRST)
        with db.engine.connect().execution_options(writes=True) as connection:
            connection.exec_driver_sql(STORE)
            connection.exec_driver_sql(_orders(connection))
            connection.commit()
        db.engine.dispose()
        yield app
        db.session.remove()
        db.engine.dispose()
    if own:
        own.drop()


def test_a_migration_killed_at_any_moment_leaves_the_old_or_the_new_schema(large: Flask) -> None:
    old, chance = _shape(), random.Random(SEED)
    for limit in LIMITS:
        child = _migrating()
        time.sleep(chance.uniform(0, limit))
        child.kill()
        child.join()
        wait_until(_is_alone)
        with db.engine.connect() as connection:
            revision = schema.current_revision(connection)
        assert revision in (FIRST, schema.required_revision())
        if revision == FIRST:
            assert _shape() == old
        db.engine.dispose()
    child = _migrating()
    child.join()
    assert child.exitcode == 0
    assert schema_differences() == []
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql('SELECT count(*) FROM "order"').scalar() == ROWS
        assert connection.exec_driver_sql('SELECT count(*) FROM "order" WHERE store_id = 1').scalar() == ROWS


@pytest.fixture
def revision(app: Flask) -> Iterator[str]:
    """Let a test set the revision of the database; restore it at the end."""
    app.extensions[FITS] = False
    yield schema.required_revision()
    _set_revision(schema.required_revision())
    app.extensions[FITS] = True


def _set_revision(revision: str) -> None:
    db.session.remove()
    with db.engine.connect().execution_options(writes=True) as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        connection.commit()


@pytest.mark.usefixtures("revision")
@pytest.mark.parametrize(
    ("found", "words"),
    [("9999", "install that one"), ("a branch of someone", "newer program"), ("0003", "db upgrade")],
)
def test_web_server_and_worker_refuse_another_schema_with_an_explanation(
    app: Flask, client: FlaskClient, found: str, words: str
) -> None:
    _set_revision(found)
    for page in ("/sign-in", "/health", "/api/orders"):
        answer = client.get(page)
        assert answer.status_code == 503, page
        assert words in answer.text, page
        assert "Traceback" not in answer.text
    result = app.test_cli_runner().invoke(args=["worker"])
    assert (result.exit_code, result.output.startswith("Error: ")) == (1, True)
    assert words in result.output


@pytest.mark.usefixtures("revision")
def test_the_web_server_serves_as_soon_as_the_schema_fits(client: FlaskClient) -> None:
    _set_revision("0003")
    assert client.get("/sign-in").status_code == 503
    _set_revision(schema.required_revision())
    assert client.get("/sign-in").status_code == 200
    assert client.get("/health").json == {"status": "ok"}


@pytest.mark.usefixtures("revision")
@pytest.mark.parametrize("command", [["db", "upgrade"], ["backup", "somewhere"]])
def test_an_older_program_leaves_a_newer_schema_alone(
    app: Flask, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set_revision("9999")
    monkeypatch.chdir(tmp_path)
    result = app.test_cli_runner().invoke(args=command)
    assert result.exit_code == 1
    assert "It was made by a newer program" in result.output
    assert list(tmp_path.iterdir()) == []


def _is_alone() -> bool:
    """Return whether no other connection is open: Postgres still has to undo the work of a killed program."""
    if db.engine.dialect.name == "sqlite":
        return True
    everybody = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    with db.engine.connect() as connection:
        return connection.exec_driver_sql(everybody).scalar() == 1


def _migrating() -> multiprocessing.process.BaseProcess:
    """Start a forked process that migrates: starting the program anew takes longer than the migration."""
    db.session.remove()
    db.engine.dispose()
    child = FORK.Process(target=schema.upgrade)
    child.start()
    return child


def _orders(connection: sa.Connection) -> str:
    """Return a statement that inserts ROWS orders with every required column of the current schema."""
    columns = sa.inspect(connection).get_columns("order")
    needed = {
        c["name"]: c["type"] for c in columns if not c["nullable"] and c["name"] not in ("id", "number")
    }
    values = {name: _value(type) for name, type in needed.items()} | {"store_id": "1"}
    numbers = NUMBERS[connection.dialect.name].format(ROWS)
    names = ", ".join(f'"{name}"' for name in ("number", *values))
    return (
        f'INSERT INTO "order" ({names}) SELECT CAST(n AS TEXT), {", ".join(values.values())} FROM {numbers}'
    )


def _value(type: sa.types.TypeEngine[object]) -> str:
    if isinstance(type, sa.DateTime):
        return "CAST('2020-01-01 00:00:00' AS TIMESTAMP)" if "zone" in repr(type) else "'2020-01-01 00:00:00'"
    return "1" if isinstance(type, sa.Integer) else "'[]'"


def _shape() -> dict[str, list[str]]:
    """Return the columns and indexes of each table."""
    inspector = sa.inspect(db.engine)
    return {
        table: sorted(column["name"] for column in inspector.get_columns(table))
        + sorted(str(index["name"]) for index in inspector.get_indexes(table))
        for table in inspector.get_table_names()
    }
