"""Indexes that leave out what an ordinary order does not have, and none of workflows, which nothing asks for

Revision ID: 0049
Revises: 0048
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

#: Name, table, columns, and which rows the index holds from now on.
INDEXES = (
    ("ix_order_tracking_number", "order", ["store_id", "tracking_number"], "tracking_number <> ''"),
    ("ix_order_storage_until", "order", ["store_id", "storage_until", "id"], "storage_until IS NOT NULL"),
    (
        "ix_order_delivery_since",
        "order",
        ["store_id", "delivery_status", "delivery_status_since", "id"],
        "delivery_status IS NOT NULL",
    ),
    ("ix_occurrence_root_id", "occurrence", ["root_id"], "root_id IS NOT NULL"),
)


def upgrade() -> None:
    op.drop_index("ix_run_workflow_id", "run")
    for name, table, columns, held in INDEXES:
        op.drop_index(name, table)
        op.create_index(name, table, columns, sqlite_where=sa.text(held), postgresql_where=sa.text(held))


def downgrade() -> None:
    for name, table, columns, _ in reversed(INDEXES):
        op.drop_index(name, table)
        op.create_index(name, table, columns)
    op.create_index("ix_run_workflow_id", "run", ["workflow_id"])
