"""how often a store's log was deleted from or rewritten"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

NAMES = ("log_deletions", "log_rewrites")


def upgrade() -> None:
    for name in NAMES:
        op.add_column("store", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    for name in NAMES:
        op.drop_column("store", name)
