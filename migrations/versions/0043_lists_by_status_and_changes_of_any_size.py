"""lists by status and changes of any size"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bulk_change", sa.Column("query", sa.Text(), nullable=True))
    op.add_column("bulk_change", sa.Column("gathered_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
    op.create_index("ix_bulk_record_bulk_change_id", "bulk_record", ["bulk_change_id", "id"])
    nobody = sa.text("customer_id IS NULL")
    for table in ("order", "event"):
        op.create_index(f"ix_{table}_status", table, ["store_id", "status", "id"])
        op.drop_index(f"ix_{table}_customer_id", table)
        op.create_index(f"ix_{table}_customer_id", table, ["customer_id", "id"])
        of_nobody = {"sqlite_where": nobody, "postgresql_where": nobody}
        op.create_index(f"ix_{table}_of_nobody", table, ["store_id", "id"], **of_nobody)


def downgrade() -> None:
    for table in ("event", "order"):
        op.drop_index(f"ix_{table}_of_nobody", table)
        op.drop_index(f"ix_{table}_customer_id", table)
        op.create_index(f"ix_{table}_customer_id", table, ["customer_id"])
        op.drop_index(f"ix_{table}_status", table)
    op.drop_index("ix_bulk_record_bulk_change_id", "bulk_record")
    op.drop_column("bulk_change", "gathered_to")
    op.drop_column("bulk_change", "query")
