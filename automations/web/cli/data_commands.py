"""The `flask` commands for backups: backup, restore and hold."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click
from flask import current_app

from automations.engine.wording.formats import BRITISH, count_words
from automations.features.operations import backup as backups
from automations.features.operations.restore import Restored, RestoreFailed
from automations.features.operations.restore import restore as put_back
from automations.models.db.base import run_in_write
from automations.pipeline.runs import store_hold
from automations.worker.worker import Worker, WorkerRunning

HELD = (
    "Nothing is sent automatically for now: the backup does not know what was sent after it was made. "
    "An admin of each store decides under /hold."
)
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", type=FILE, required=False)
@click.option("--keep", type=click.IntRange(1), help="Keep only this many backups in the default folder.")
def backup(file: Path | None, keep: int | None) -> None:
    """Back everything up to FILE while the program runs; without FILE, to backups/ in the data folder."""
    now = dt.datetime.now(dt.UTC)
    folder = Path(current_app.config["DATA_FOLDER"]) / "backups"
    try:
        made = backups.make(file or backups.usual_name(folder, now), now)
    except backups.BackupFailed as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{made.path}: {made.size:,} bytes, as of {now:%Y-%m-%d %H:%M:%S} UTC")
    for path in backups.forget_old(folder, keep) if keep else ():
        click.echo(f"Deleted {path}")


@click.command("restore")
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Replace existing data, after backing it up.")
def restore(file: Path, replace: bool) -> None:
    """Replace the database with the backup in FILE. Stop every web server and worker first."""
    app: Any = current_app
    worker = Worker(app._get_current_object())
    try:
        worker.lock()
        restored = put_back(file.absolute(), dt.datetime.now(dt.UTC), replace)
    except (RestoreFailed, WorkerRunning) as error:
        raise click.ClickException(str(error)) from error
    finally:
        worker.unlock()
    _report(restored)


@click.command("hold")
def hold() -> None:
    """Send nothing automatically until a person decides. Use it after a restore made by other means."""
    stores = run_in_write(lambda session: store_hold.after_restore(session, dt.datetime.now(dt.UTC)))
    click.echo(f"On hold: {count_words(stores, 'stores', BRITISH)}. {HELD}")


def _report(restored: Restored) -> None:
    if restored.former:
        click.echo(f"The previous data is in {restored.former}")
    as_of = f" as of {restored.backup_at:%Y-%m-%d %H:%M:%S} UTC" if restored.backup_at else ""
    stores = count_words(restored.stores, "stores", BRITISH)
    click.echo(f"Restored{as_of}: {stores}, on hold. Everyone has to sign in again.")
    click.echo(HELD)
