"""A disk that fills up while programs run, and gets free space again."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db
from tests.kit.fire.fleet import Member

UNLIMITED = resource.RLIM_INFINITY
#: Raises the error that Postgres raises when a file cannot grow.
_PREPARE = """
CREATE TABLE public.full_disk AS SELECT false AS is_full;
CREATE FUNCTION public.grow_file() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
  IF (SELECT is_full FROM public.full_disk) THEN
    RAISE 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full';
  END IF;
  RETURN NULL;
END $f$
"""
#: The tables of the program and of its queue that the trigger does not guard yet.
_UNGUARDED = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname IN ('public', 'dbos') AND c.relname <> 'full_disk'
  AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'full_disk')
"""
_ASK_AT = (
    "CREATE TRIGGER full_disk AFTER INSERT OR UPDATE ON {}.{}"
    " FOR EACH STATEMENT EXECUTE FUNCTION public.grow_file()"
)
_TAKE_OUT = "DROP FUNCTION public.grow_file() CASCADE; DROP TABLE public.full_disk"


class FillableDisk(Protocol):
    """The disk under a database: it can be filled and emptied while `programs` run."""

    def fill(self, programs: Sequence[Member]) -> None: ...

    def make_room(self, programs: Sequence[Member]) -> None: ...


@contextmanager
def disk(app: Flask) -> Iterator[FillableDisk]:
    """Return the disk of the database; open it before the programs start."""
    if db.engine.dialect.name == "sqlite":
        yield _Files(app.config["DATABASE_URL"].removeprefix("sqlite:///"))
        return
    server = sa.create_engine(db.engine.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with server.connect() as connection:
        connection.exec_driver_sql(_PREPARE)
        try:
            yield _Server(connection)
        finally:
            db.session.rollback()
            connection.exec_driver_sql(_TAKE_OUT)


class _Files:
    """The files of SQLite, which the programs write themselves."""

    def __init__(self, path: str) -> None:
        self.path = path

    def fill(self, programs: Sequence[Member]) -> None:
        # The smaller of the database and its log: one of the two soon cannot grow.
        self._let_grow(programs, to=min(os.path.getsize(self.path), os.path.getsize(f"{self.path}-wal")))

    def make_room(self, programs: Sequence[Member]) -> None:
        self._let_grow(programs, to=UNLIMITED)

    def _let_grow(self, programs: Sequence[Member], to: int) -> None:
        for member in programs:
            resource.prlimit(member.pid, resource.RLIMIT_FSIZE, (to, UNLIMITED))


class _Server:
    """The disk of Postgres: every writing statement fails, on our tables and on those of the queue."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def fill(self, programs: Sequence[Member]) -> None:
        # The tables of the queue exist once a worker runs.
        while unguarded := self.connection.exec_driver_sql(_UNGUARDED).all():
            # A trigger waits for the writers of its table, so now and then the server ends it as a deadlock.
            with suppress(sa.exc.OperationalError):
                for schema, table in unguarded:
                    self.connection.exec_driver_sql(_ASK_AT.format(schema, table))
        self._set("true")

    def make_room(self, programs: Sequence[Member]) -> None:
        self._set("false")

    def _set(self, is_full: str) -> None:
        self.connection.exec_driver_sql(f"UPDATE public.full_disk SET is_full = {is_full}")
