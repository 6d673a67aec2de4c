"""Fixtures: the application on a fresh database, on SQLite and on Postgres."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache

from app import create_app
from automations.engine.operators.value_types import write_counts
from automations.features.checks import rule_firings
from automations.features.past import tables
from automations.features.scheduling import seen_instants
from automations.models.db import schema
from automations.models.db.base import db, write
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.pipeline.delivery import surge_gate
from automations.pipeline.evaluation import evaluate
from automations.pipeline.intake import vocabulary_cache
from tests import world
from tests.kit.closing_client import ClosingClient
from tests.kit.databases import PostgresDatabases, SqliteDatabases, hurry, postgres_url
from tests.kit.routes_once import compile_routes_once

pytest_plugins = [
    "tests.kit.first_collects",
    "tests.kit.groups",
    "tests.kit.no_skips",
    "tests.kit.plain_reports",
]

DATABASES = ("sqlite", "postgres")

# No deadlines: a busy machine is not a fault. In CI examples are not random, so no change fails by chance.
settings.register_profile(
    "patient",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("patient")
compile_routes_once()
# The programs that tests start import the same files again and again: they are compiled once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=[*DATABASES, "both"], default="both")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        option = metafunc.config.getoption("--database")
        kinds = DATABASES if option == "both" else (option,)
        if metafunc.definition.get_closest_marker("of_pages"):
            kinds = kinds[:1]
        metafunc.parametrize("database_kind", kinds, scope="session")


def in_browser(item: pytest.Item) -> bool:
    return item.nodeid.startswith("tests/browser/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # A browser that gets no processor misses what happens in time: it has a second try, and -raR tells of it.
    for item in filter(in_browser, items):
        item.add_marker(pytest.mark.flaky(reruns=1))
    # Browser tests go last: they leave an event loop running, beside which no worker can start. Most of them
    # are for SQLite, as what comes just before them: the others change to another application after those.
    items.sort(key=lambda item: (in_browser(item), in_browser(item) and _place_among_browser_tests(item)))


def _place_among_browser_tests(item: pytest.Item) -> tuple[bool, bool]:
    """The longest come first: whichever came last would run alone while all other workers are done."""
    return "[postgres" in item.nodeid, item.get_closest_marker("longest") is None


@pytest.fixture(scope="session")
def databases(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if database_kind == "sqlite":
        yield SqliteDatabases(tmp_path_factory.mktemp("databases"))
        return
    postgres = PostgresDatabases(postgres_url())
    yield postgres
    postgres.drop()


def _folder_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where all workers of this run find the templates that one of them compiled."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "templates"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def built_app(databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    app = create_app(
        {
            "TESTING": True,
            "SECRET_KEY": "only-for-tests-" * 4,
            "DATABASE_URL": databases.url,
            "DATA_FOLDER": str(tmp_path_factory.mktemp("data")),
            "ASSETS": "local",
            "ARGON2": world.CHEAP,
            "WTF_CSRF_ENABLED": False,
        }
    )
    app.test_client_class = ClosingClient
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(_folder_of_the_run(tmp_path_factory)))
    hurry(app)
    with app.app_context():
        schema.upgrade()
        with write() as session:
            world.build(session)
    databases.keep_template(app)
    return app


@pytest.fixture
def app(built_app: Flask, databases: Any) -> Iterator[Flask]:
    databases.fresh(built_app)
    evaluate.clear_cache()
    vocabulary_cache.clear()
    surge_gate.forget_counts()
    rule_firings.forget()
    seen_instants.clear()
    tables.clear()
    kept = dict(built_app.config)
    with built_app.app_context():
        yield built_app
        db.session.remove()
    # A request leaves how its store writes counts to the next request of its thread.
    write_counts(None)
    # What a test sets is not there for the next one.
    built_app.config.clear()
    built_app.config.update(kept)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def bloom(app: Flask) -> Store:
    return db.session.query(Store).filter_by(name="Bloom & Wild St").one()


@pytest.fixture
def rosa(app: Flask) -> User:
    return db.session.query(User).filter_by(email="rosa@bloom.example").one()


@pytest.fixture
def project() -> Path:
    return Path(__file__).resolve().parents[1]
