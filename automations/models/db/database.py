"""How connections to either database are opened."""

from __future__ import annotations

import os
import selectors
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from automations.models.db import driver, write_turn
from automations.models.db.postgres import CONNECTING, PatientConnection

if sys.platform == "linux":
    import pysqlite3 as sqlite
else:
    import sqlite3 as sqlite

#: First key of the advisory locks on Postgres that show that a worker is alive.
WORKER_LOCK_SPACE = 0x5AFE
#: Older versions can lose committed pages when the write-ahead log is reset under load.
SAFE_SQLITE = (3, 51, 3)
#: The permissions of files with people's data: for their owner only.
PRIVATE = 0o600
SQLITE_PRAGMAS = (
    "PRAGMA busy_timeout=10000",
    "PRAGMA journal_mode=WAL",
    # NORMAL loses acknowledged commits in a power cut.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    # However often a page was written, a checkpoint copies it once: with fewer of them less is copied. The
    # write-ahead log grows to 16 MB.
    "PRAGMA wal_autocheckpoint=4000",
)


def normal_url(url: str) -> str:
    """Return a postgres:// URL in its psycopg 3 form, and a SQLite URL as it is."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def engine_options(url: str, pooled: bool = True) -> dict[str, Any]:
    """Return the options of create_engine for `url`."""
    if url.startswith("sqlite"):
        limits = {"timeout": 10, "check_same_thread": False}
        # Threads that wait for their turn to write may keep what they read with, and whose turn it is must
        # get one too: only what is kept has a limit. A database in memory has another kind of pool.
        pool = {"pool_size": 16, "max_overflow": -1} if pooled and sqlite_path(url) else {}
        return {"module": sqlite, "connect_args": limits, "hide_parameters": True, **pool}
    options = "-c statement_timeout=10000 -c lock_timeout=10000"
    # Both sides notice a lost machine within half a minute; the default is two hours.
    alive = {
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20000,
    }
    options += " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    arguments = {"options": options, "connect_timeout": CONNECTING, **alive}
    # Without hide_parameters the text of an error quotes the row that was written, customer included.
    return {
        "hide_parameters": True,
        # As many as a worker's threads, twenty of them for workflows: one beyond these is opened and closed
        # for each piece of work, and plans every statement anew. Used last goes first, so that few have to
        # learn the statements.
        "pool_size": 30,
        "max_overflow": 10,
        "pool_use_lifo": True,
        "connect_args": arguments,
    }


def prepare_engine(engine: sa.Engine) -> sa.Engine:
    """Set pragmas and BEGIN on SQLite connections; discard pooled Postgres connections that have ended."""
    if engine.dialect.name == "sqlite":
        keep_private(engine.url)
        write_turn.among_processes(engine, sqlite_path(engine.url.render_as_string(hide_password=False)))
        sa.event.listen(engine, "connect", _set_pragmas)
        sa.event.listen(engine, "begin", _begin)
    else:
        sa.event.listen(engine, "checkout", _refuse_lost)
        sa.event.listen(engine, "do_connect", _connect_to_postgres)
    return engine


def end_frozen_transactions(engine: sa.Engine, seconds: int = 60) -> None:
    """Let Postgres end a transaction in which this process does nothing for so long, and free its locks.

    A program that is frozen in the middle of one would keep its locks from whoever takes over. Call it before
    the first connection is made; SQLite needs nothing of the kind, since one process alone works there.
    """
    if engine.dialect.name != "sqlite":
        sa.event.listen(engine, "connect", partial(_set_patience, seconds=seconds))


def keep_statements(engine: sa.Engine) -> None:
    """Let the connections to Postgres keep what they have prepared when a transaction is rolled back.

    For a process that asks the same all the time, and makes no tables.
    """
    if engine.dialect.name != "sqlite":
        sa.event.listen(engine, "checkout", _keep_statements)


def _keep_statements(connection: Any, _record: Any, _fairy: Any) -> None:
    connection.keeps_statements = True


def _set_patience(connection: Any, _record: object, seconds: int) -> None:
    with connection.cursor() as cursor:
        setting = "idle_in_transaction_session_timeout"
        cursor.execute("SELECT set_config(%s, %s, false)", (setting, f"{seconds}s"))
    connection.commit()


def workflow_engine(url: str, leaving: threading.Event) -> sa.Engine:
    """Return the engine of the workflow library, on the same database and driver as ours.

    On SQLite the library sends its own BEGIN, so our begin hook must not be on its connections. A Postgres
    server that went away is waited for until `leaving` is set: by itself the library reconnects only minutes
    later.
    """
    engine = sa.create_engine(url, **engine_options(url), pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        keep_private(engine.url)
        sa.event.listen(engine, "connect", _set_workflow_pragmas)
    else:
        sa.event.listen(engine, "do_connect", _Waiting(leaving))
    return engine


def keep_private(url: sa.URL) -> None:
    """Let only the owner read the database file behind a SQLite URL, and its journal.

    SQLite gives a journal the permissions of its database, but creates a database that everybody may read.
    So the file has to exist, with our permissions, before it is opened. A folder that does not exist, or a
    file of someone else, is left to whoever opens it.
    """
    path = sqlite_path(url.render_as_string(hide_password=False))
    if path is None:
        return
    with suppress(OSError):
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT, PRIVATE))
    for file in (
        path,
        *(path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal", "-turn")),
    ):
        with suppress(OSError):
            file.chmod(PRIVATE)


def sqlite_path(url: str) -> Path | None:
    """Return the file behind a SQLite URL; None for Postgres and for a database in memory."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def sqlite_warning() -> str | None:
    """Return a warning if this machine's SQLite is too old for several processes; else None."""
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
    """Make the pool replace a connection that the server has ended.

    All that the server ever sends to an idle connection is that it ends. Checking whether there is anything
    to read costs nothing; a query before each piece of work would cost a tenth of an order.
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


def _connect_to_postgres(_dialect: Any, _record: Any, arguments: Any, options: Any) -> PatientConnection:
    connection: PatientConnection = PatientConnection.connect(*arguments, **options)
    return connection


class _Waiting:
    """Opens connections; after the first success, it keeps trying until the server is back."""

    def __init__(self, leaving: threading.Event) -> None:
        self._leaving = leaving
        self._was_there = False

    def __call__(self, *arguments: Any) -> PatientConnection:
        while True:
            try:
                connection = _connect_to_postgres(*arguments)
            except psycopg.OperationalError:
                if not self._was_there or self._leaving.wait(0.5):
                    raise
            else:
                self._was_there = True
                return connection


def _begin(connection: sa.Connection) -> None:
    # A deferred BEGIN fails when it reads first and writes after another connection has written.
    writes = connection.get_execution_options().get("writes", False)
    driver.command(connection, "BEGIN IMMEDIATE" if writes else "BEGIN")
