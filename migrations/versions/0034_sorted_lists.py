"""sorted lists"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("membership", sa.Column("order_columns", sa.Text(), nullable=True))
    for table in ("order", "event"):
        op.create_index(f"ix_{table}_total", table, ["store_id", "total", "id"])
    columns = ["store_id", sa.text("lower(last_name)"), "id"]
    op.create_index("ix_customer_store_id_lower_last_name", "customer", columns)


def downgrade() -> None:
    op.drop_index("ix_customer_store_id_lower_last_name", "customer")
    for table in ("event", "order"):
        op.drop_index(f"ix_{table}_total", table)
    op.drop_column("membership", "order_columns")
