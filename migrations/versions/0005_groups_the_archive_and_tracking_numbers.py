"""groups of automations, the archive, orders found by tracking number"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    who = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("automation", sa.Column("group_name", sa.Text(), nullable=False, server_default=""))
    op.add_column("automation", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("automation", sa.Column("archived_by", who, nullable=True))
    op.create_index("ix_order_tracking_number", "order", ["store_id", "tracking_number"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_order_tracking_number", table_name="order")
    for column in ("archived_by", "archived_at", "group_name"):
        op.drop_column("automation", column)
