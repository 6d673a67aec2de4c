"""pinned examples of what an automation must do"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "example",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("automation_id", id, nullable=False),
        sa.Column("must_fire", sa.Boolean(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("record_id", id, nullable=True),
        sa.Column("occurrence_id", id, nullable=True),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("from_value", sa.Text(), nullable=True),
        sa.Column("to_value", sa.Text(), nullable=True),
        sa.Column("changed", sa.Text(), nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("moment", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=True),
        sa.Column("erased", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("pinned_by", id, nullable=False),
        sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_example_store_id_store")),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automation.id"], name=op.f("fk_example_automation_id_automation")
        ),
        sa.ForeignKeyConstraint(["pinned_by"], ["user.id"], name=op.f("fk_example_pinned_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_example")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_example_automation_id", "example", ["automation_id", "id"])
    op.create_index("ix_example_record", "example", ["store_id", "subject", "record_id"])


def downgrade() -> None:
    op.drop_table("example")
