"""quiet hours of a store's own, and what a person does not let wait"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("store", sa.Column("quiet_hours", sa.Text(), nullable=True))
    op.add_column("run", sa.Column("hastened_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("run", "hastened_at")
    op.drop_column("store", "quiet_hours")
