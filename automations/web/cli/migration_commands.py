"""`flask db`: the commands of the migration library, which is loaded only when one of them is called."""

from __future__ import annotations

from importlib import import_module

import click
from flask.cli import ScriptInfo

from automations.models.db import schema
from automations.models.db.base import db

LIBRARY = "flask_migrate"
#: Whatever follows `db` is for the library, `--help` too.
AS_THEY_ARE = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command("db", context_settings=AS_THEY_ARE, add_help_option=False)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def migrations(context: click.Context, words: tuple[str, ...]) -> None:
    """Manage the tables: `db upgrade` brings them up to date."""
    app = context.ensure_object(ScriptInfo).load_app()
    import_module(LIBRARY).Migrate(app, db, directory=str(schema.MIGRATIONS))
    commands: click.Group = import_module(f"{LIBRARY}.cli").db
    commands.main([*words], context.command_path, standalone_mode=False, obj=context.obj)
