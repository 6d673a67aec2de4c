"""what a source last told about a record, by its own clock"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "last_told",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("record_id", id, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("times", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_last_told_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_last_told")),
        sa.UniqueConstraint(
            "store_id", "subject", "record_id", "source", name=op.f("uq_last_told_store_id_subject_record_id_source")
        ),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("last_told")
