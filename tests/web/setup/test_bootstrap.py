"""What `python app.py` does before it serves: it migrates and fills in another process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click import ClickException
from flask import Flask

from app import create_app
from automations.features.search.catching_up import CatchingUp
from automations.features.surge import usual_past
from automations.models.db import schema
from automations.models.db.base import db
from automations.models.tables.store import Store
from automations.web.setup import bootstrap
from tests.kit.databases import PostgresDatabases, postgres_url

OLD = "0050"


@pytest.fixture
def fresh(database_kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The program on an empty database that its child processes open too."""
    own = PostgresDatabases(postgres_url()) if database_kind == "postgres" else None
    monkeypatch.setenv("DATABASE_URL", own.url if own else f"sqlite:///{tmp_path / 'fresh.db'}")
    monkeypatch.setenv("DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    app = create_app()
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    if own:
        own.drop()


def test_an_empty_database_gets_its_tables_and_the_sample_shop(fresh: Flask) -> None:
    bootstrap.prepare(fresh, create_app)
    assert _revision() == schema.required_revision()
    stores = _stores()
    bootstrap.prepare(fresh, create_app)
    assert 0 < stores == _stores()
    # It was looked through there too, so the worker's first look finds nothing to do.
    now, words = dt.datetime.now(dt.UTC), CatchingUp()
    assert usual_past.refresh_due(now) == 0
    words.once(now)
    assert not words.older_is_left


def test_an_old_database_is_migrated_and_in_production_not_filled(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.upgrade(revision=OLD)
    assert _revision() == OLD
    monkeypatch.setenv("PRODUCTION", "1")
    monkeypatch.setenv("TRUSTED_HOSTS", "bloom.example")
    fresh.config["PRODUCTION"] = True
    bootstrap.prepare(fresh, create_app)
    assert _revision() == schema.required_revision()
    assert _stores() == 0


def test_a_database_of_a_newer_program_is_refused(fresh: Flask) -> None:
    schema.upgrade()
    _run("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ClickException, match="install that one"):
        bootstrap.prepare(fresh, create_app)


def test_a_migration_that_fails_stops_the_start(fresh: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    _run('CREATE TABLE "order" (id INTEGER)')
    with pytest.raises(ClickException, match="could not be prepared, see above"):
        bootstrap.prepare(fresh, create_app)
    assert "already exists" in capfd.readouterr().err
    assert _revision() is None


def _revision() -> str | None:
    with db.engine.connect() as connection:
        return schema.current_revision(connection)


def _stores() -> int:
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Store))
    db.session.rollback()
    return count or 0


def _run(statement: str) -> None:
    with db.engine.connect().execution_options(writes=True) as connection:
        connection.exec_driver_sql(statement)
        connection.commit()
