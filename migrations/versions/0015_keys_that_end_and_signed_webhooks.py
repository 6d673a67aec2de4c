"""keys that end, and signed webhooks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("api_key", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "inbound_hook",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("store_id", key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", key, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name=op.f("fk_inbound_hook_created_by")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_inbound_hook_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_hook")),
        sa.UniqueConstraint("token", name=op.f("uq_inbound_hook_token")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_inbound_hook_store_id"), "inbound_hook", ["store_id"], unique=False)


def downgrade() -> None:
    op.drop_table("inbound_hook")
    op.drop_column("api_key", "expires_at")
