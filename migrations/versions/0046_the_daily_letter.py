"""the daily letter"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("membership", sa.Column("letters_from", sa.Date(), nullable=True))
    op.create_table(
        "daily_letter",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("membership_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("message_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_letter")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_daily_letter_store_id_store")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_daily_letter_membership_id_membership")
        ),
        sa.UniqueConstraint("membership_id", "day", name=op.f("uq_daily_letter_membership_id_day")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_daily_letter_state", "daily_letter", ["state", "due_at"])


def downgrade() -> None:
    op.drop_table("daily_letter")
    op.drop_column("membership", "letters_from")
