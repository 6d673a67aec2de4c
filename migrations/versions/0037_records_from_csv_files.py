"""records from CSV files"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "csv_import",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("options", "headings", "columns", "sample")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("read", sa.BigInteger(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_csv_import_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_csv_import")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_csv_import_store_id", "csv_import", ["store_id", "id"])
    working = sa.text("state IN ('checking', 'importing')")
    op.create_index(
        "ix_csv_import_working", "csv_import", ["id"], sqlite_where=working, postgresql_where=working
    )
    op.create_index("ix_csv_import_created_at", "csv_import", ["created_at", "id"])
    of_import = sa.ForeignKeyConstraint(
        ["import_id"], ["csv_import.id"], name=op.f("fk_csv_piece_import_id_csv_import")
    )
    op.create_table(
        "csv_piece",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("import_id", id, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        of_import,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_csv_piece")),
        sa.UniqueConstraint("import_id", "place", name=op.f("uq_csv_piece_import_id_place")),
        sqlite_autoincrement=True,
    )
    of_import = sa.ForeignKeyConstraint(
        ["import_id"], ["csv_import.id"], name=op.f("fk_csv_record_import_id_csv_import")
    )
    op.create_table(
        "csv_record",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("import_id", id, nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("data", "changed", "problems")),
        of_import,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_csv_record")),
        sa.UniqueConstraint("import_id", "key", name=op.f("uq_csv_record_import_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_csv_record_verdict", "csv_record", ["import_id", "verdict", "id"])


def downgrade() -> None:
    op.drop_table("csv_record")
    op.drop_table("csv_piece")
    op.drop_table("csv_import")
