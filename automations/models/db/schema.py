"""The schema revision of the database, the one this program needs, and the migration between them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
#: The table in which Alembic stores the revision.
VERSION_TABLE = "alembic_version"


@cache
def required_revision() -> str:
    """Return the revision this program needs."""
    return str(_scripts().get_current_head())


@cache
def known_revisions() -> frozenset[str]:
    """Return every revision this program can migrate from."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def current_revision(connection: sa.Connection) -> str | None:
    """Return the revision of the database; None if it has no tables."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    revision: str | None = connection.scalar(
        sa.select(sa.column("version_num")).select_from(sa.table(VERSION_TABLE))
    )
    return revision


def too_new_problem(revision: str | None, what: str = "The database") -> str | None:
    """Return a sentence if `what` was made by a newer program than this one; else None."""
    if revision is None or revision in known_revisions():
        return None
    return (
        f"{what} has the schema “{revision}”, and this program knows schemas up to “{required_revision()}”. "
        "It was made by a newer program: install that one."
    )


def problem(engine: sa.Engine) -> str | None:
    """Return why this program cannot work on the database and what to do about it; None if it can."""
    with engine.connect() as connection:
        revision = current_revision(connection)
    if revision == required_revision():
        return None
    newer = too_new_problem(revision)
    if newer:
        return newer
    state = f"has the schema “{revision}”" if revision else "has no tables yet"
    needed = f"this program needs “{required_revision()}”"
    return f"The database {state}, and {needed}. Run: flask --app app db upgrade"


def upgrade(connection: sa.Connection, revision: str = "head") -> None:
    """Migrate to `revision` in the transaction of `connection`. Needs an application context."""
    config = Config(str(MIGRATIONS / "alembic.ini"))
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    # Its log settings are for the command line; here they would silence our own loggers.
    config.attributes["configure_logger"] = False
    command.upgrade(config, revision)


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))
