"""The commands for automations as files: export, plan and apply."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import click
import sqlalchemy as sa

from automations.engine.wording.formats import BRITISH, count_words
from automations.features.rules_as_code import collected
from automations.features.rules_as_code.apply import NotApplied
from automations.features.rules_as_code.apply import apply as apply_plan
from automations.features.rules_as_code.export import exported
from automations.features.rules_as_code.figures import figures
from automations.features.rules_as_code.plan import Plan, plan_of
from automations.features.rules_as_code.plan_words import lines_of
from automations.features.rules_as_code.rule_file import RuleFile, UnreadableFile
from automations.models.db.base import db, write
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store
from automations.web.kit.permissions import ROLES

FOLDER = click.Path(file_okay=False, path_type=Path)
HERE = click.Path(exists=True, file_okay=False, path_type=Path)
STORE = click.option("--store", "store_name", help="The store, by its name. Not needed if there is only one.")


@click.group("rules")
def group() -> None:
    """Keep automations as files: one YAML file for each."""


@group.command("export")
@click.argument("folder", type=FOLDER)
@STORE
def export(folder: Path, store_name: str | None) -> None:
    """Write a file for each automation of a store to FOLDER."""
    files = exported(db.session(), _store(store_name))
    folder.mkdir(parents=True, exist_ok=True)
    for one in files:
        (folder / one.file).write_text(one.text, encoding="utf-8")
    click.echo(f"Exported {count_words(len(files), 'automations', BRITISH)} to {folder}")


@group.command("plan")
@click.argument("folder", type=HERE)
@STORE
def plan(folder: Path, store_name: str | None) -> None:
    """Show what applying the files in FOLDER would change, and the plan’s fingerprint. Changes nothing."""
    store = _store(store_name)
    made = plan_of(db.session(), store, _files(folder))
    _show(made, figures(db.session(), store, made, dt.datetime.now(dt.UTC)))


@group.command("apply")
@click.argument("folder", type=HERE)
@click.option("--plan", "fingerprint", required=True, help="The fingerprint that `flask rules plan` printed.")
@click.option("--as", "email", required=True, help="The address of the person who answers for it.")
@click.option("--reason", default="", help="Why it goes on although pinned examples break.")
@STORE
def apply(folder: Path, fingerprint: str, email: str, reason: str, store_name: str | None) -> None:
    """Apply the files in FOLDER, exactly as the plan with this fingerprint says."""
    store, files = _store(store_name), _files(folder)
    user = _user(store, email)
    try:
        with write() as session:
            done = apply_plan(session, store, files, fingerprint, user, dt.datetime.now(dt.UTC), reason)
    except NotApplied as error:
        _show(error.plan, {})
        raise click.ClickException(str(error)) from error
    click.echo(f"Changed {count_words(done.changes, 'automations', BRITISH)}.")


def _show(made: Plan, past: Mapping[str, str]) -> None:
    for line in lines_of(made, past):
        click.echo(line)
    if made.ready:
        click.echo(f"Fingerprint: {made.fingerprint}")
    elif made.changes:
        click.echo("This plan can’t be applied: first fix what is marked with “!”.")


def _files(folder: Path) -> list[RuleFile]:
    try:
        return collected.rule_files(collected.from_folder(folder))
    except UnreadableFile as error:
        raise click.ClickException(str(error)) from error


def _store(name: str | None) -> Store:
    stores = db.session.scalars(sa.select(Store).order_by(Store.name)).all()
    found = [store for store in stores if name in (None, store.name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"“{store.name}”" for store in stores)
    wrong = f"There is no store “{name}”." if name else "Say which store is meant with --store."
    raise click.ClickException(f"{wrong} There are: {names}." if names else "There is no store yet.")


def _user(store: Store, email: str) -> User:
    query = sa.select(User, Membership.role).join(Membership, Membership.user_id == User.id)
    row = db.session.execute(query.where(Membership.store_id == store.id, User.email == email)).first()
    if row is None or "edit" not in ROLES[row.role]:
        raise click.ClickException(f"{email} is nobody who may publish automations in {store.name}.")
    return row[0]
