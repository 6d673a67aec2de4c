"""when a segment was looked at last"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("segment", sa.Column("refreshed_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("segment", "refreshed_on")
