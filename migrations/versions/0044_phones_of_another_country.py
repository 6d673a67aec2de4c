"""phones are renewed when a store's country changes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("store", sa.Column("phone_regions", sa.Text(), nullable=True))
    op.add_column("store", sa.Column("region_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("search_progress", sa.Column("phones", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("search_progress", "phones")
    op.drop_column("store", "region_changed_at")
    op.drop_column("store", "phone_regions")
