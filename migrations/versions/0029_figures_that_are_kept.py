"""figures that are kept"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

#: Nothing is counted here: the worker counts the past in pieces, and until then pages count it themselves.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAMES = ("first_name", "last_name")


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "counted_to",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("evaluation_id", ID, nullable=False),
        *_keys("counted_to", "store"),
        sa.UniqueConstraint("store_id", name=op.f("uq_counted_to_store_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "day_figure",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("automation_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        *_keys("day_figure", "store", "automation"),
        sa.UniqueConstraint("automation_id", "day", "standing", name=op.f("uq_day_figure_automation_id_day_standing")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_day_figure_store_id_day", "day_figure", ["store_id", "day"])
    op.create_table(
        "open_figure",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("evaluation_id", ID, nullable=False),
        sa.Column("automation_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("first_due_at", instant, nullable=True),
        sa.Column("last_due_at", instant, nullable=True),
        *_keys("open_figure", "store", "evaluation", "automation"),
        sa.UniqueConstraint("evaluation_id", name=op.f("uq_open_figure_evaluation_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_open_figure_automation_id_standing", "open_figure", ["automation_id", "standing", "evaluation_id"]
    )
    op.create_index("ix_event_event_type", "event", ["store_id", "event_type", "id"])
    for name in NAMES:
        pattern = {name: "text_pattern_ops"}
        op.create_index(f"ix_customer_{name}", "customer", ["store_id", name], postgresql_ops=pattern)


def downgrade() -> None:
    op.drop_index("ix_event_event_type", "event")
    for name in NAMES:
        op.drop_index(f"ix_customer_{name}", "customer")
    for table in ("open_figure", "day_figure", "counted_to"):
        op.drop_table(table)


def _keys(table: str, *parents: str) -> list[sa.schema.SchemaItem]:
    keys: list[sa.schema.SchemaItem] = [
        sa.ForeignKeyConstraint([f"{parent}_id"], [f"{parent}.id"], name=op.f(f"fk_{table}_{parent}_id_{parent}"))
        for parent in parents
    ]
    return [*keys, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]
