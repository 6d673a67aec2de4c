"""words that records are found by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

#: Nothing is read here: the worker goes through the records in pieces, the newest first.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "search_word",
        *_columns("store_id"),
        sa.Column("word", sa.Text(), nullable=False),
        *_keys("search_word", "store"),
        sa.UniqueConstraint("store_id", "word", name=op.f("uq_search_word_store_id_word")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "search_ending",
        *_columns("store_id", "word_id"),
        sa.Column("ending", sa.Text(), nullable=False),
        *_keys("search_ending", "store"),
        sa.ForeignKeyConstraint(["word_id"], ["search_word.id"], name=op.f("fk_search_ending_word_id_search_word")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_search_ending_ending",
        "search_ending",
        ["store_id", "ending", "word_id"],
        postgresql_ops={"ending": "text_pattern_ops"},
    )
    op.create_index("ix_search_ending_word_id", "search_ending", ["word_id"])
    op.create_table(
        "search_entry",
        *_columns("word_id"),
        sa.Column("subject", sa.Text(), nullable=False),
        *_columns("record_id")[1:],
        *_keys("search_entry"),
        sa.ForeignKeyConstraint(["word_id"], ["search_word.id"], name=op.f("fk_search_entry_word_id_search_word")),
        sa.UniqueConstraint(
            "word_id", "subject", "record_id", name=op.f("uq_search_entry_word_id_subject_record_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_search_entry_record", "search_entry", ["subject", "record_id", "word_id"])
    op.create_table(
        "search_progress",
        *_columns("occurrence_id", "order_id", "event_id", "customer_id"),
        *_keys("search_progress"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in ("search_progress", "search_entry", "search_ending", "search_word"):
        op.drop_table(table)


def _columns(*names: str) -> list[sa.Column[int]]:
    own: sa.Column[int] = sa.Column("id", ID, autoincrement=True, nullable=False)
    return [own, *(sa.Column(name, ID, nullable=False) for name in names)]


def _keys(table: str, *parents: str) -> list[sa.schema.SchemaItem]:
    keys: list[sa.schema.SchemaItem] = [
        sa.ForeignKeyConstraint([f"{parent}_id"], [f"{parent}.id"], name=op.f(f"fk_{table}_{parent}_id_{parent}"))
        for parent in parents
    ]
    return [*keys, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]
