"""How a connection to either database is opened."""

from __future__ import annotations

import selectors
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from automations.models import driver
from automations.models.postgres import CONNECTING, Patient

if sys.platform == "linux":
    import pysqlite3 as sqlite
else:
    import sqlite3 as sqlite

#: First key of the advisory locks on Postgres that say a worker lives.
WORKER_LOCK_SPACE = 0x5AFE
#: Below this the write-ahead log can lose committed pages when it is reset under load.
SAFE_SQLITE = (3, 51, 3)
SQLITE_PRAGMAS = (
    "PRAGMA busy_timeout=10000",
    "PRAGMA journal_mode=WAL",
    # NORMAL loses acknowledged commits in a power cut.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
)


def normal_url(url: str) -> str:
    """A postgres:// address as its psycopg 3 form; SQLite addresses are left as they are."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def engine_options(url: str) -> dict[str, Any]:
    """The options of create_engine for `url`."""
    if url.startswith("sqlite"):
        limits = {"timeout": 10, "check_same_thread": False}
        return {"module": sqlite, "connect_args": limits, "hide_parameters": True}
    options = "-c statement_timeout=10000 -c lock_timeout=10000"
    # A lost machine is noticed by both sides within half a minute, not within two hours.
    alive = {
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20000,
    }
    options += " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    arguments = {"options": options, "connect_timeout": CONNECTING, **alive}
    # Without it an error's words quote the row that was written, with the customer in it.
    return {
        "hide_parameters": True,
        "pool_size": 10,
        "max_overflow": 20,
        "connect_args": arguments,
    }


def prepare_engine(engine: sa.Engine) -> sa.Engine:
    """Give a new SQLite connection its pragmas and its BEGIN; use no Postgres connection that has ended."""
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _set_pragmas)
        sa.event.listen(engine, "begin", _begin)
    else:
        sa.event.listen(engine, "checkout", _refuse_lost)
        sa.event.listen(engine, "do_connect", _connect_to_postgres)
    return engine


def workflow_engine(url: str, leaving: threading.Event) -> sa.Engine:
    """The engine of the workflow library, on the same database and the same driver as ours.

    It writes its own BEGIN on SQLite, so our begin hook must not be on its connections. A Postgres that
    went away is waited for until `leaving`: the library itself would come back only minutes later.
    """
    engine = sa.create_engine(url, **engine_options(url), pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _set_workflow_pragmas)
    else:
        sa.event.listen(engine, "do_connect", _Waiting(leaving))
    return engine


def sqlite_path(url: str) -> Path | None:
    """The file behind a SQLite address; None for Postgres and for memory."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def sqlite_warning() -> str | None:
    """A sentence when this machine's SQLite is too old to be trusted with several processes."""
    if sqlite.sqlite_version_info >= SAFE_SQLITE:
        return None
    needed = ".".join(map(str, SAFE_SQLITE))
    return f"SQLite {sqlite.sqlite_version} is older than {needed}: run one process only, or use Postgres."


def _set_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


def _set_workflow_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = "IMMEDIATE"
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


def _refuse_lost(connection: Any, _record: Any, _fairy: Any) -> None:
    """Out of the pool comes no connection the server has ended: the pool opens another one instead.

    The server has nothing to say to an idle connection but that it ends it. To listen costs nothing, where a
    question before each piece of work costs a tenth of an order.
    """
    try:
        with selectors.DefaultSelector() as listening:
            listening.register(connection, selectors.EVENT_READ)
            if not listening.select(timeout=0):
                return
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise sa.exc.DisconnectionError("The server has ended this connection.") from error


def _connect_to_postgres(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Patient:
    connection: Patient = Patient.connect(*arguments, **options)
    return connection


class _Waiting:
    """Makes connections; once there was one, it tries until there is one again."""

    def __init__(self, leaving: threading.Event) -> None:
        self._leaving = leaving
        self._was_there = False

    def __call__(self, *what: Any) -> Patient:
        while True:
            try:
                connection = _connect_to_postgres(*what)
            except psycopg.OperationalError:
                if not self._was_there or self._leaving.wait(0.5):
                    raise
            else:
                self._was_there = True
                return connection


def _begin(connection: sa.Connection) -> None:
    # A deferred BEGIN that reads first and writes later fails as soon as somebody else wrote in between.
    writes = connection.get_execution_options().get("writes", False)
    driver.command(connection, "BEGIN IMMEDIATE" if writes else "BEGIN")
