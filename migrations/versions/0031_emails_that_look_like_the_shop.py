"""emails that look like the shop"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "store_file",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", id, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_store_file_store_id_store")),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name=op.f("fk_store_file_created_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_file")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_store_file_store_id", "store_file", ["store_id", "id"])
    op.add_column("store", sa.Column("email_look", sa.Text(), nullable=True))
    op.add_column("store", sa.Column("language", sa.Text(), nullable=False, server_default="en-GB"))
    op.add_column("message", sa.Column("layout", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("message", "layout")
    op.drop_column("store", "language")
    op.drop_column("store", "email_look")
    op.drop_table("store_file")
