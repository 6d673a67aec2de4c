"""Backs up the whole database while the program works."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db import backup_postgres, backup_sqlite, schema, storage_problem
from automations.models.db.base import db, is_disk_full, run_in_write
from automations.models.db.database import PRIVATE, sqlite_path
from automations.models.tables import heartbeat

ENDINGS = {"sqlite": ".db", "postgresql": ".zip"}
NAME = "store-"
NONE_MADE = "No backup was made."
STAMP = "%Y%m%dT%H%M%SZ"


class BackupFailed(Exception):
    """No backup was made; `str(error)` is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A complete backup."""

    path: Path
    size: int
    at: dt.datetime


def make(target: Path, now: dt.datetime) -> Backup:
    """Write a backup to a new file. Needs an application context. Raises BackupFailed.

    The file gets its name only once it is complete, so that an interrupted backup is not mistaken for one.
    """
    with storage_problem.told(storage_problem.database_folder(), NONE_MADE, BackupFailed):
        wrong = schema.problem(db.engine)
    if wrong:
        raise BackupFailed(wrong)
    if target.exists():
        raise BackupFailed(f"{target} already exists. Choose another name.")
    with storage_problem.told(target.parent, NONE_MADE, BackupFailed):
        _make(target, now)
    size = target.stat().st_size
    try:
        run_in_write(lambda session: heartbeat.note(session, {heartbeat.BACKUP: now}, size))
    except sa.exc.DBAPIError as error:
        # The backup is complete; only monitoring does not learn of it.
        if not is_disk_full(error):
            raise
    return Backup(target, size, now)


def _make(target: Path, now: dt.datetime) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    # It holds customers and messages: readable by its owner only, from the first byte on.
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT, PRIVATE))
    try:
        _write(part, now)
        _settle(part, target)
    except BaseException:
        for ending in ("", "-wal", "-shm", "-journal"):
            part.with_name(part.name + ending).unlink(missing_ok=True)
        raise


def usual_name(folder: Path, now: dt.datetime) -> Path:
    """Return the path of a backup for which no name was given."""
    return folder / f"{NAME}{now.strftime(STAMP)}{ENDINGS[db.engine.dialect.name]}"


def forget_old(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups with the usual name; return what was deleted."""
    backups = sorted(folder.glob(f"{NAME}*{ENDINGS[db.engine.dialect.name]}"))
    old = backups[:-keep] if keep else backups
    for path in old:
        path.unlink()
    return old


def _write(target: Path, now: dt.datetime) -> None:
    if db.engine.dialect.name == "postgresql":
        about = {"revision": schema.required_revision(), "at": now.isoformat()}
        backup_postgres.export(db.engine, db.metadata, target, about)
        return
    source = sqlite_path(db.engine.url.render_as_string(hide_password=False))
    if source is None:
        raise BackupFailed("A database in memory cannot be backed up.")
    backup_sqlite.copy(source, target)
    _sign(target, now)


def _sign(copied: Path, now: dt.datetime) -> None:
    """Check the copy's integrity, and record in it when it was made."""
    engine = backup_sqlite.engine_of(copied)
    with engine.connect().execution_options(writes=True) as connection:
        damage = backup_sqlite.integrity_problem(connection)
        if damage:
            raise BackupFailed(f"The database is damaged: {damage}. Restore the last sound backup.")
        with Session(bind=connection) as session:
            heartbeat.note(session, {heartbeat.BACKUP: now})
        connection.commit()
    engine.dispose()
    backup_sqlite.merge_wal(copied)


def _settle(part: Path, target: Path) -> None:
    """Sync the file to disk, then give it its name."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def any_store(connection: sa.Connection) -> bool:
    """Return whether the database holds anything that a restore would replace."""
    if not sa.inspect(connection).has_table("store"):
        return False
    return connection.scalar(sa.select(sa.table("store", sa.column("id")).c.id).limit(1)) is not None
