"""shops that send"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "shop_connection",
        _id(),
        sa.Column("store_id", ID, nullable=False),
        *_texts("kind", "name", "token"),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("changed_at", INSTANT, nullable=False),
        *_texts("options"),
        sa.Column("refused", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refused_at", INSTANT, nullable=True),
        sa.Column("refused_why", sa.Text(), nullable=True),
        sa.Column("repeated", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("heard_at", INSTANT, nullable=True),
        sa.Column("tested_at", INSTANT, nullable=True),
        sa.Column("silence_told_at", INSTANT, nullable=True),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        _parent("shop_connection", "store_id", "store"),
        _parent("shop_connection", "created_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_connection")),
        sa.UniqueConstraint("token", name=op.f("uq_shop_connection_token")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shop_connection_store_id", "shop_connection", ["store_id", "id"])
    op.create_table(
        "shop_record",
        *_of_connection("shop_record"),
        *_texts("subject", "source_id"),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=True),
        *_texts("said", "conflicts", "refunds"),
        sa.Column("deleted_at", INSTANT, nullable=True),
        sa.UniqueConstraint(
            "connection_id", "subject", "source_id", name=op.f("uq_shop_record_connection_id_subject_source_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shop_record_record_id", "shop_record", ["store_id", "subject", "record_id"])
    op.create_table(
        "shop_delivery",
        *_of_connection("shop_delivery"),
        *_texts("delivery_id", "body_hash", "topic"),
        sa.Column("payload", sa.Text(), nullable=True),
        *_texts("headers"),
        sa.Column("received_at", INSTANT, nullable=False),
        *_texts("outcome", "sentence", "understood"),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("tried_at", INSTANT, nullable=False),
        sa.UniqueConstraint(
            "connection_id",
            "delivery_id",
            "body_hash",
            name=op.f("uq_shop_delivery_connection_id_delivery_id_body_hash"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shop_delivery_connection_id", "shop_delivery", ["connection_id", "id"])
    op.create_index("ix_shop_delivery_record_id", "shop_delivery", ["store_id", "subject", "record_id"])
    op.create_index("ix_shop_delivery_received_at", "shop_delivery", ["received_at", "id"])
    op.create_table(
        "shop_word",
        *_of_connection("shop_word"),
        *_texts("kind", "said"),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("usual", sa.Text(), nullable=True),
        sa.Column("is_optional", sa.Boolean(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("chosen_by", ID, nullable=True),
        sa.Column("chosen_at", INSTANT, nullable=True),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("delivery_id", ID, nullable=True),
        _parent("shop_word", "chosen_by", "user"),
        _parent("shop_word", "delivery_id", "shop_delivery"),
        sa.UniqueConstraint("connection_id", "kind", "said", name=op.f("uq_shop_word_connection_id_kind_said")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_shop_word_store_id"), "shop_word", ["store_id"])


def downgrade() -> None:
    for table in ("shop_word", "shop_delivery", "shop_record", "shop_connection"):
        op.drop_table(table)


def _id() -> sa.Column[int]:
    return sa.Column("id", ID, autoincrement=True, nullable=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _parent(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=op.f(f"fk_{table}_{column}_{parent}"))


def _of_connection(table: str) -> list[sa.schema.SchemaItem]:
    return [
        _id(),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("connection_id", ID, nullable=False),
        _parent(table, "store_id", "store"),
        _parent(table, "connection_id", "shop_connection"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]
