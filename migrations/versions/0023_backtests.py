"""backtests of a draft against the live version"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

PENDING = sa.text("state IN ('waiting', 'running')")
RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "backtest",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("automation_id", id, nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("version_id", id, nullable=True),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("until", instant, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("read", sa.BigInteger(), nullable=False),
        sa.Column("read_to", instant, nullable=True),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("claimed_until", instant, nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("started_at", instant, nullable=True),
        sa.Column("finished_at", instant, nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_backtest_store_id_store")),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automation.id"], name=op.f("fk_backtest_automation_id_automation")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_backtest_version_id_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backtest")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_backtest_automation_id", "backtest", ["automation_id", "id"])
    op.create_index("ix_backtest_pending", "backtest", ["id"], sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index(
        "uq_backtest_running",
        "backtest",
        ["store_id"],
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    op.create_table(
        "backtest_part",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("backtest_id", id, nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("firings", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["backtest_id"], ["backtest.id"], name=op.f("fk_backtest_part_backtest_id_backtest")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backtest_part")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_backtest_part_fate", "backtest_part", ["backtest_id", "fate", "id"])


def downgrade() -> None:
    op.drop_table("backtest_part")
    op.drop_table("backtest")
