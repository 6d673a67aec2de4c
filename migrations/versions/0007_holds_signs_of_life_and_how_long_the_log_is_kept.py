"""holds after a restore, signs of life, and how long the log is kept"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "beat",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beat")),
        sa.UniqueConstraint("name", name=op.f("uq_beat_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "hold",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("backup_at", instant, nullable=True),
        sa.Column("ended_at", instant, nullable=True),
        sa.Column("ended_by", id, nullable=True),
        sa.ForeignKeyConstraint(["ended_by"], ["user.id"], name=op.f("fk_hold_ended_by")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_hold_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hold_store_id_ended_at", "hold", ["store_id", "ended_at"], unique=False)
    op.create_table(
        "release",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("hold_id", id, nullable=False),
        sa.Column("run_id", id, nullable=False),
        sa.Column("user_id", id, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_release_hold_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_release_run_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_release_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("hold_id", "run_id", name=op.f("uq_release_hold_id_run_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_release_run_id"), "release", ["run_id"], unique=False)
    op.add_column("store", sa.Column("retention", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("store", "retention")
    for table in ("release", "hold", "beat"):
        op.drop_table(table)
