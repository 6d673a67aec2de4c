"""many records changed at once"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "bulk_change",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        *(sa.Column(f"{parent}_id", ID, nullable=False) for parent in ("store", "user")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("subject", "task", "state")),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("after_id", ID, nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("undoes_id", ID, nullable=True),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("finished_at", instant, nullable=True),
        _key("bulk_change", "store_id", "store"),
        _key("bulk_change", "user_id", "user"),
        _key("bulk_change", "undoes_id", "bulk_change"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_change")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bulk_change_store_id", "bulk_change", ["store_id", "id"])
    op.create_index("ix_bulk_change_state", "bulk_change", ["state", "id"])
    op.create_table(
        "bulk_record",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("bulk_change_id", ID, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("target", "was", "outcome")),
        _key("bulk_record", "bulk_change_id", "bulk_change"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_record")),
        sa.UniqueConstraint("bulk_change_id", "record_id", name=op.f("uq_bulk_record_bulk_change_id_record_id")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("bulk_record")
    op.drop_table("bulk_change")


def _key(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=op.f(f"fk_{table}_{column}_{parent}"))
