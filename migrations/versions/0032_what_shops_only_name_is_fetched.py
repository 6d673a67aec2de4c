"""what shops only name is fetched"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
PARENTS = (("store_id", "store"), ("connection_id", "shop_connection"), ("delivery_id", "shop_delivery"))


def upgrade() -> None:
    op.add_column("shop_connection", sa.Column("access", sa.Text(), nullable=True))
    op.add_column("shop_connection", sa.Column("access_problem", sa.Text(), nullable=True))
    op.add_column("shop_delivery", sa.Column("fetched", sa.Text(), nullable=True))
    op.create_table(
        "shop_fetch",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        *[sa.Column(name, ID, nullable=False) for name, _ in PARENTS],
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        *[
            sa.ForeignKeyConstraint([name], [f"{parent}.id"], name=op.f(f"fk_shop_fetch_{name}_{parent}"))
            for name, parent in PARENTS
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_fetch")),
        sa.UniqueConstraint(
            "connection_id", "kind", "source_id", name=op.f("uq_shop_fetch_connection_id_kind_source_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shop_fetch_due_at", "shop_fetch", ["due_at", "id"])
    op.create_index(op.f("ix_shop_fetch_delivery_id"), "shop_fetch", ["delivery_id"])


def downgrade() -> None:
    op.drop_table("shop_fetch")
    op.drop_column("shop_delivery", "fetched")
    op.drop_column("shop_connection", "access_problem")
    op.drop_column("shop_connection", "access")
