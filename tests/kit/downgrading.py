"""Going back to an older schema, which no program does."""

from __future__ import annotations

from alembic import command

from automations.models.db import schema


def downgrade(revision: str) -> None:
    """Migrate back to `revision`. Needs an application context."""
    command.downgrade(schema.alembic_config(), revision)
