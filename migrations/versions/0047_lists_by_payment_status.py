"""lists by payment status"""

from __future__ import annotations

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("order", "event"):
        op.create_index(f"ix_{table}_payment", table, ["store_id", "payment_status", "id"])


def downgrade() -> None:
    for table in ("event", "order"):
        op.drop_index(f"ix_{table}_payment", table)
