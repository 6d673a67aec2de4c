"""what people did and may take back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "undo_step",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        *(sa.Column(name, ID, nullable=False) for name in ("store_id", "user_id")),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about_id", ID, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("before", "after", "token")),
        sa.Column("save_number", sa.BigInteger(), nullable=False),
        *(sa.Column(name, instant, nullable=False) for name in ("created_at", "updated_at")),
        sa.Column("undone_at", instant, nullable=True),
        *(
            sa.ForeignKeyConstraint([f"{parent}_id"], [f"{parent}.id"], name=op.f(f"fk_undo_step_{parent}_id_{parent}"))
            for parent in ("store", "user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undo_step")),
        sa.UniqueConstraint("store_id", "token", name=op.f("uq_undo_step_store_id_token")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("undo_step")
