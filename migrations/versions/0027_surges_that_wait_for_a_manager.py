"""surges that wait for a manager"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "usual_pace",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("automation_id", id, nullable=False),
        sa.Column("version_id", id, nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        *_keys("usual_pace"),
        sa.UniqueConstraint("automation_id", name=op.f("uq_usual_pace_automation_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "surge_hold",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("automation_id", id, nullable=False),
        sa.Column("version_id", id, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("first_id", id, nullable=False),
        sa.Column("passed_to", id, nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("told_at", instant, nullable=True),
        sa.Column("ended_at", instant, nullable=True),
        sa.Column("decisions", sa.Text(), nullable=False),
        *_keys("surge_hold"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_surge_hold_open",
        "surge_hold",
        ["version_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_surge_hold_version_id", "surge_hold", ["version_id", "id"])
    op.create_index("ix_surge_hold_store_id", "surge_hold", ["store_id", "id"])
    op.add_column("run", sa.Column("held_at", instant, nullable=True))
    op.add_column("automation", sa.Column("hold_limit", sa.BigInteger(), nullable=True))
    op.add_column("automation", sa.Column("hold_off", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("automation", "hold_off")
    op.drop_column("automation", "hold_limit")
    op.drop_column("run", "held_at")
    op.drop_table("surge_hold")
    op.drop_table("usual_pace")


def _keys(table: str) -> list[sa.schema.SchemaItem]:
    parents = ("store", "automation", "version")
    keys: list[sa.schema.SchemaItem] = [
        sa.ForeignKeyConstraint([f"{parent}_id"], [f"{parent}.id"], name=op.f(f"fk_{table}_{parent}_id_{parent}"))
        for parent in parents
    ]
    return [*keys, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]
