"""orders that were missed are fetched"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
PARENTS = (("store_id", "store"), ("connection_id", "shop_connection"), ("created_by", "user"))


def upgrade() -> None:
    op.create_table(
        "shop_catch_up",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        *[sa.Column(name, ID, nullable=name == "created_by") for name, _ in PARENTS],
        *[sa.Column(name, INSTANT, nullable=False) for name in ("created_at", "since")],
        *[sa.Column(name, INSTANT, nullable=True) for name in ("due_at", "ended_at")],
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("cursor", "state")],
        sa.Column("problem", sa.Text(), nullable=True),
        *[sa.Column(name, sa.BigInteger(), nullable=False) for name in ("seen", "changed", "tries")],
        *[
            sa.ForeignKeyConstraint([name], [f"{parent}.id"], name=op.f(f"fk_shop_catch_up_{name}_{parent}"))
            for name, parent in PARENTS
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_catch_up")),
        sa.UniqueConstraint("connection_id", name=op.f("uq_shop_catch_up_connection_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shop_catch_up_due_at", "shop_catch_up", ["due_at", "id"])


def downgrade() -> None:
    op.drop_table("shop_catch_up")
