"""Whether the database answers."""

from __future__ import annotations

import sqlalchemy as sa

from automations.models.db.database import engine_options

#: Seconds until a silent database counts as unavailable.
PATIENCE = 2
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
