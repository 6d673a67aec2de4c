"""Replaces the database by a backup, completely or not at all, and puts every store on hold."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.operations import backup
from automations.models.db import backup_postgres, backup_sqlite, schema, storage_problem
from automations.models.db.base import db, is_disk_full
from automations.models.db.database import PRIVATE, WORKER_LOCK_SPACE, sqlite_path
from automations.models.tables import heartbeat
from automations.pipeline.runs import store_hold

_LIVING = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND granted AND classid = %s AND datname = current_database()
"""


class RestoreFailed(Exception):
    """Nothing was changed; `str(error)` is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Restored:
    """When the backup was made, how many stores are on hold, and where the former data is."""

    backup_at: dt.datetime | None
    stores: int
    former: Path | None


def restore(source: Path, now: dt.datetime, replace: bool = False) -> Restored:
    """Restore a backup. Needs an application context, and exclusive use of the database.

    The current data is backed up beside the source first. Raises RestoreFailed.
    """
    if not source.is_file():
        raise RestoreFailed(f"There is no file {source}.")
    with storage_problem.told(storage_problem.database_folder(), "Nothing was changed.", RestoreFailed):
        former = _former(source, now, replace)
        is_postgres = db.engine.dialect.name == "postgresql"
        restored = _into_postgres(source, now) if is_postgres else _into_sqlite(source, now)
    db.engine.dispose()
    return Restored(*restored, former)


def _former(source: Path, now: dt.datetime, replace: bool) -> Path | None:
    with db.engine.connect() as connection:
        if not backup.any_store(connection):
            return None
    if not replace:
        raise RestoreFailed("The database is not empty. Add --replace to replace its data with the backup.")
    ending = backup.ENDINGS[db.engine.dialect.name]
    try:
        stamp = now.strftime(backup.STAMP)
        return backup.make(source.with_name(f"before-restore-{stamp}{ending}"), now).path
    except backup.BackupFailed as error:
        raise RestoreFailed(f"The current data could not be backed up first: {error}") from error


def _into_sqlite(source: Path, now: dt.datetime) -> tuple[dt.datetime | None, int]:
    target = sqlite_path(db.engine.url.render_as_string(hide_password=False))
    if target is None or not backup_sqlite.is_sqlite_file(source):
        raise RestoreFailed(f"{source.name} is not a backup of a SQLite database.")
    # Everything is prepared in a copy: the backup itself is never written to.
    ready = target.with_name(target.name + ".restoring")
    ready.unlink(missing_ok=True)
    # Private before the first customer is in it: a mode set after copying would leave a moment to read it.
    os.close(os.open(ready, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
    engine = backup_sqlite.engine_of(ready)
    try:
        shutil.copyfile(source, ready)
        with engine.connect().execution_options(writes=True) as connection:
            damage = backup_sqlite.integrity_problem(connection)
            if damage:
                raise RestoreFailed(f"{source.name} is damaged: {damage}.")
            _check(schema.current_revision(connection), source)
            _forget_workflows(connection)
            restored = _make_ready(connection, now)
            connection.commit()
        engine.dispose()
        backup_sqlite.restore(ready, target)
    except sa.exc.DatabaseError as error:
        if is_disk_full(error):
            raise
        raise RestoreFailed(f"{source.name} is damaged: {error.orig}.") from error
    finally:
        engine.dispose()
        for ending in ("", "-wal", "-shm"):
            ready.with_name(ready.name + ending).unlink(missing_ok=True)
    return restored


def _into_postgres(source: Path, now: dt.datetime) -> tuple[dt.datetime | None, int]:
    try:
        about = backup_postgres.manifest(source)
    except backup_postgres.InvalidBackup as error:
        raise RestoreFailed(str(error)) from error
    _check(about["revision"], source)
    with db.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        if connection.exec_driver_sql(_LIVING, (WORKER_LOCK_SPACE,)).scalar():
            raise RestoreFailed("A worker is running. Stop every worker and web server first.")
        backup_postgres.clear(connection, db.metadata)
        schema.upgrade(connection, about["revision"])
        backup_postgres.load(connection, source, about["tables"])
        _, stores = _make_ready(connection, now, dt.datetime.fromisoformat(about["at"]))
    return dt.datetime.fromisoformat(about["at"]), stores


def _check(revision: str | None, source: Path) -> None:
    newer = schema.too_new_problem(revision, f"The backup {source.name}")
    if newer or revision is None:
        raise RestoreFailed(newer or f"{source.name} is a database of another program.")


def _make_ready(
    connection: sa.Connection, now: dt.datetime, backup_at: dt.datetime | None = None
) -> tuple[dt.datetime | None, int]:
    """Upgrade the schema, put every store on hold, and end all sessions."""
    schema.upgrade(connection)
    with Session(bind=connection) as session:
        made = heartbeat.latest(session).get(heartbeat.BACKUP)
        backup_at = backup_at or (made.at if made else None)
        stores = store_hold.after_restore(session, now, backup_at)
        # The session only writes the audit rows; the connection's own transaction goes on.
        session.commit()
    return backup_at, stores


def _forget_workflows(connection: sa.Connection) -> None:
    """Drop the workflow library's tables, which it creates anew; our own tables know which runs there are."""
    ours = {table.name for table in db.metadata.sorted_tables} | {schema.VERSION_TABLE}
    theirs = sa.MetaData()
    theirs.reflect(connection, only=lambda name, _: name not in ours)
    theirs.drop_all(connection)
