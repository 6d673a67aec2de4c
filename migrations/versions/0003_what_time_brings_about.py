"""what time brings about: due instants, marks, and since when a status lasts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SINCE = {
    "order": ("status", "payment_status", "delivery_status"),
    "event": ("status", "payment_status"),
}
INDEXES = (
    ("ix_order_delivery_date", "order", ["store_id", "delivery_date", "id"]),
    ("ix_order_storage_until", "order", ["store_id", "storage_until", "id"]),
    ("ix_order_placed_at", "order", ["store_id", "placed_at", "id"]),
    ("ix_order_status_since", "order", ["store_id", "status", "status_since", "id"]),
    ("ix_order_payment_since", "order", ["store_id", "payment_status", "payment_status_since", "id"]),
    ("ix_order_delivery_since", "order", ["store_id", "delivery_status", "delivery_status_since", "id"]),
    ("ix_event_event_date", "event", ["store_id", "event_date", "id"]),
    ("ix_event_status_since", "event", ["store_id", "status", "status_since", "id"]),
    ("ix_event_payment_since", "event", ["store_id", "payment_status", "payment_status_since", "id"]),
    ("ix_customer_created_at", "customer", ["store_id", "created_at", "id"]),
    ("ix_listening_trigger", "listening", ["trigger", "id"]),
)


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("order", sa.Column("storage_until", sa.Date(), nullable=True))
    for table, columns in SINCE.items():
        for column in columns:
            op.add_column(table, sa.Column(f"{column}_since", sa.DateTime(timezone=True), nullable=True))
        _fill_since(table)
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns, unique=False)

    op.create_table(
        "due",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("store_id", _id(), nullable=False),
        sa.Column("automation_id", _id(), nullable=False),
        sa.Column("version_id", _id(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("record_id", _id(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurrence_id", _id(), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_due_store_id")),
        sa.ForeignKeyConstraint(["automation_id"], ["automation.id"], name=op.f("fk_due_automation_id")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_due_version_id")),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name=op.f("fk_due_occurrence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due")),
        sa.UniqueConstraint("automation_id", "subject", "record_id", "due_at", name="uq_due_instant"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_due_occurrence_id", "due", ["occurrence_id"], unique=False)
    op.create_index("ix_due_store_id_due_at", "due", ["store_id", "due_at"], unique=False)

    op.create_table(
        "scan_mark",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("listening_id", _id(), nullable=False),
        sa.Column("looked_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("firing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after_id", _id(), nullable=False),
        sa.ForeignKeyConstraint(["listening_id"], ["listening.id"], name=op.f("fk_scan_mark_listening_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_mark")),
        sa.UniqueConstraint("listening_id", name=op.f("uq_scan_mark_listening_id")),
        sqlite_autoincrement=True,
    )


def _fill_since(table: str) -> None:
    """Records from before: the log says when each status was entered, else it was so from the beginning."""
    for column in ("status", "payment_status"):
        op.execute(
            sa.text(
                f'UPDATE "{table}" SET {column}_since = coalesce((SELECT max(o.at) FROM occurrence o'
                f" WHERE o.store_id = \"{table}\".store_id AND o.subject = '{table}'"
                f" AND o.record_id = \"{table}\".id AND o.trigger = '{column}_changed'), created_at)"
            )
        )
    if "delivery_status" in SINCE[table]:
        op.execute(
            sa.text(
                f'UPDATE "{table}" SET delivery_status_since = updated_at WHERE delivery_status IS NOT NULL'
            )
        )


def downgrade() -> None:
    op.drop_table("scan_mark")
    op.drop_table("due")
    for name, table, _ in INDEXES:
        op.drop_index(name, table_name=table)
    for table, columns in SINCE.items():
        for column in columns:
            op.drop_column(table, f"{column}_since")
    op.drop_column("order", "storage_until")
