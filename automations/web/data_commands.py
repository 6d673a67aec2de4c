"""Commands of the `flask` program that copy everything, and put it back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from flask import current_app

from automations.models.base import in_write
from automations.pipeline import backup as backups
from automations.pipeline import holding
from automations.pipeline.restore import Restored, RestoreFailed
from automations.pipeline.restore import restore as put_back
from automations.pipeline.worker import Worker, WorkerRunning

HELD = (
    "Nothing is sent by itself now: the backup does not know what went out after it was made. "
    "An admin of each store decides under /hold."
)
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", type=FILE, required=False)
@click.option("--keep", type=click.IntRange(1), help="Keep only so many backups in the usual folder.")
def backup(file: Path | None, keep: int | None) -> None:
    """Copy everything into FILE while the program works; without FILE into backups/ in the data folder."""
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
@click.option("--replace", is_flag=True, help="Even if there is data; that is backed up first.")
def restore(file: Path, replace: bool) -> None:
    """Put the backup in FILE in the place of what is there. Stop every web server and worker first."""
    worker = Worker(current_app._get_current_object())
    try:
        worker.lock()
        done = put_back(file.absolute(), dt.datetime.now(dt.UTC), replace)
    except (RestoreFailed, WorkerRunning) as error:
        raise click.ClickException(str(error)) from error
    finally:
        worker.unlock()
    _tell(done)


@click.command("hold")
def hold() -> None:
    """Send nothing by itself until a person says so, as after a restore; for restores made by other means."""
    stores = in_write(lambda session: holding.after_restore(session, dt.datetime.now(dt.UTC)))
    click.echo(f"{stores} stores are on hold. {HELD}")


def _tell(done: Restored) -> None:
    if done.former:
        click.echo(f"What was there before is in {done.former}")
    as_of = f" as of {done.backup_at:%Y-%m-%d %H:%M:%S} UTC" if done.backup_at else ""
    click.echo(f"Restored{as_of}: {done.stores} stores, all on hold, and everybody has to sign in anew.")
    click.echo(HELD)
