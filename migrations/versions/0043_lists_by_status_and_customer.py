"""lists by status and customer"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
