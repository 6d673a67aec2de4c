"""records are read again for the words that they are found by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

PROGRESS = sa.table("search_progress", *map(sa.column, ("order_id", "event_id", "customer_id")))


def upgrade() -> None:
    """Łukasz is found by "Lukasz": so far only where the record changed since it is spelt so.

    Nothing is read here: the worker goes through the records in pieces, the newest first. A program that has
    kept no words yet has no row, and reads all of them anyway.
    """
    after = {
        f"{name}_id": sa.select(sa.func.coalesce(sa.func.max(sa.column("id")), 0) + 1)
        .select_from(sa.table(name))
        .scalar_subquery()
        for name in ("order", "event", "customer")
    }
    op.execute(sa.update(PROGRESS).values(after))


def downgrade() -> None:
    """The words stay as they are: they find more, not less."""
