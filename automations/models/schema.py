"""Which schema the database has, which one this program needs, and the way from one to the other."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
#: The table that Alembic keeps the revision in.
VERSION_TABLE = "alembic_version"


@cache
def wanted() -> str:
    """The revision this program needs."""
    return str(_scripts().get_current_head())


@cache
def known() -> frozenset[str]:
    """Every revision this program can come from."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def present(connection: sa.Connection) -> str | None:
    """The revision of the database; None for one without tables."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.scalar(
        sa.select(sa.column("version_num")).select_from(sa.table(VERSION_TABLE))
    )
    return found


def too_new(revision: str | None, what: str = "The database") -> str | None:
    """A sentence when `what` is of a program newer than this one."""
    if revision is None or revision in known():
        return None
    return (
        f"{what} has the schema “{revision}”, and this program knows schemas up to “{wanted()}”. "
        "It was made by a newer program: install that one."
    )


def problem(engine: sa.Engine) -> str | None:
    """Why this program cannot work on the database, as a sentence that says what to do; None when it can."""
    with engine.connect() as connection:
        found = present(connection)
    if found == wanted():
        return None
    newer = too_new(found)
    if newer:
        return newer
    told = f"has the schema “{found}”" if found else "has no tables yet"
    return f"The database {told}, and this program needs “{wanted()}”. Run: flask --app app db upgrade"


def upgrade(connection: sa.Connection, revision: str = "head") -> None:
    """Bring the schema up to `revision` in the transaction of `connection`. Needs an application context."""
    config = Config(str(MIGRATIONS / "alembic.ini"))
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    # Its log settings are for the command line: here they would silence the program's own loggers.
    config.attributes["configure_logger"] = False
    command.upgrade(config, revision)


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))
