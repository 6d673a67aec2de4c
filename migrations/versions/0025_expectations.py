"""expectations: what must follow when something happens to a record"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "expectation",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("follow", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("looked_to", instant, nullable=False),
        sa.Column("counted_from", instant, nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("broken", sa.BigInteger(), nullable=False),
        sa.Column("in_a_row", sa.BigInteger(), nullable=False),
        sa.Column("broken_at", instant, nullable=True),
        sa.Column("told_at", instant, nullable=True),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("created_by", id, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        sa.Column("updated_by", id, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_expectation_store_id_store")),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name=op.f("fk_expectation_created_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expectation")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_expectation_store_id", "expectation", ["store_id", "id"])


def downgrade() -> None:
    op.drop_table("expectation")
