"""The schema revision of the database, the one this program needs, and the migration between them."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
#: The table in which Alembic stores the revision.
VERSION_TABLE = "alembic_version"
#: What a migration says about itself: its revision and the one before it.
_REVISION = re.compile(r"^revision = [\"'](.+)[\"']$", re.MULTILINE)
_BEFORE = re.compile(r"^down_revision = [\"'](.+)[\"']$", re.MULTILINE)


@cache
def required_revision() -> str:
    """Return the revision this program needs."""
    texts = _migrations()
    (newest,) = _found(_REVISION, texts) - _found(_BEFORE, texts)
    return newest


@cache
def known_revisions() -> frozenset[str]:
    """Return every revision this program can migrate from."""
    return _found(_REVISION, _migrations())


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


def upgrade(connection: sa.Connection | None = None, revision: str = "head") -> None:
    """Migrate to `revision` in the transaction of `connection`, or in one of its own.

    Needs an application context.
    """
    import_module("alembic.command").upgrade(alembic_config(connection), revision)


def alembic_config(connection: sa.Connection | None = None) -> Any:
    """Return what the migration library needs for a command, in the transaction of `connection` if given."""
    # Loaded at its first use: it takes 10 MB, and a program whose schema is up to date does without.
    config = import_module("alembic.config").Config(str(MIGRATIONS / "alembic.ini"))
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    # Its log settings are for the command line; here they would silence our own loggers.
    config.attributes["configure_logger"] = False
    return config


def _migrations() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in MIGRATIONS.glob("versions/*.py")]


def _found(pattern: re.Pattern[str], texts: list[str]) -> frozenset[str]:
    return frozenset(match[1] for text in texts if (match := pattern.search(text)))
