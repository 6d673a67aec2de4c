"""what orders have beside their items"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_AMOUNTS = ("amount_refunded", "shipping", "discount", "tax")
_TEXTS = ("recipient", "card_message")
_OPTIONAL = ("roundings", "delivery_from", "delivery_until", "delivery_address", "parcels")


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for name in _AMOUNTS:
        op.add_column("order", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    for name in _TEXTS:
        op.add_column("order", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in _OPTIONAL:
        op.add_column("order", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "parcel_number",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("order_id", id, nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{parent}_id"], [f"{parent}.id"], name=op.f(f"fk_parcel_number_{parent}_id_{parent}")
            )
            for parent in ("store", "order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_number")),
        sa.UniqueConstraint(
            "order_id", "tracking_number", name=op.f("uq_parcel_number_order_id_tracking_number")
        ),
        sqlite_autoincrement=True,
    )
    columns = ["store_id", "tracking_number", "order_id"]
    op.create_index("ix_parcel_number_tracking_number", "parcel_number", columns)
    # In thousandths, as quantities have decimals.
    op.execute('UPDATE "order" SET item_count = item_count * 1000')


def downgrade() -> None:
    op.execute('UPDATE "order" SET item_count = item_count / 1000')
    op.drop_table("parcel_number")
    for name in (*_AMOUNTS, *_TEXTS, *_OPTIONAL):
        op.drop_column("order", name)
