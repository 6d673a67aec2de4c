"""Whether the database answers, and whether it takes anything."""

from __future__ import annotations

import datetime as dt
import shutil

import sqlalchemy as sa

from automations.models.db.base import takes_nothing, write
from automations.models.db.database import engine_options, sqlite_path
from automations.models.tables import heartbeat

#: Seconds until a silent database counts as unavailable.
PATIENCE = 2
#: Bytes below which the disk of a SQLite file counts as full: its journal grows by more at a time.
LEAST_FREE = 1024 * 1024
_ONE = sa.text("SELECT 1 FROM store LIMIT 1")


def is_reachable(engine: sa.Engine) -> bool:
    """Return whether a query comes back in time."""
    try:
        if engine.dialect.name == "sqlite":
            _ask(engine)
        else:
            _ask_anew(engine)
    except sa.exc.SQLAlchemyError:
        return False
    return True


def is_writable(engine: sa.Engine, now: dt.datetime) -> bool:
    """Return whether something can be stored.

    Tries to only after a write of this process found the disk full.
    """
    path = sqlite_path(engine.url.render_as_string(hide_password=False))
    if path and shutil.disk_usage(path.parent).free < LEAST_FREE:
        return False
    if not takes_nothing():
        return True
    try:
        with write() as session:
            heartbeat.note(session, {heartbeat.HEALTH: now})
    except sa.exc.DBAPIError:
        return False
    return True


def _ask(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.execute(_ONE)


def _ask_anew(engine: sa.Engine) -> None:
    """Query on a new connection: one from the pool could wait for minutes on a server that is gone."""
    options = engine_options("postgresql://")["connect_args"]
    limits = {"connect_timeout": PATIENCE, "tcp_user_timeout": PATIENCE * 1000}
    session_options = f"{options['options']} -c statement_timeout={PATIENCE * 1000}"
    engine_once = sa.create_engine(
        engine.url, poolclass=sa.NullPool, connect_args={**limits, "options": session_options}
    )
    _ask(engine_once)
