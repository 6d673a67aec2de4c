"""Why something could not be stored, as a sentence for the operator."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

from automations.models.db import backup_sqlite, base
from automations.models.db.database import sqlite_path

#: What a file that cannot be written or a database that cannot store something raises.
ERRORS = (OSError, sa.exc.DBAPIError, backup_sqlite.Error, psycopg.Error)
#: No space, a quota, a limit on the size of files.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def told(folder: Path, before: str, failure: type[Exception]) -> Iterator[None]:
    """Raise `failure` with a sentence, which begins with `before`, if nothing can be stored in `folder`."""
    try:
        yield
    except ERRORS as error:
        problem = sentence(error, folder)
        if not problem:
            raise
        raise failure(f"{before} {problem}") from error


def database_folder() -> Path:
    """Return where the database's own file is; for Postgres, words for it."""
    path = sqlite_path(base.db.engine.url.render_as_string(hide_password=False))
    return path.parent if path else Path("the database")


def sentence(error: Exception, folder: Path) -> str:
    """Return why nothing could be stored in `folder`; "" if the error is about something else."""
    if _is_full(error):
        return f"The disk of {folder} is full. Make room on it and run this again."
    if isinstance(error, OSError):
        return f"{folder} cannot be written to: {error.strerror or error}."
    return ""


def _is_full(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in _FULL
    return base.is_disk_full(error)
