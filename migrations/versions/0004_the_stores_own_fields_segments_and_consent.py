"""the store's own fields, segments, consent, campaigns, and the moment of an occurrence"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Table, column, type.
ADDED: tuple[tuple[str, str, sa.types.TypeEngine[object]], ...] = (
    ("store", "working_hours", sa.Text()),
    ("occurrence", "moment", sa.Text()),
    ("order", "custom", sa.Text()),
    ("event", "custom", sa.Text()),
    ("customer", "custom", sa.Text()),
    ("customer", "marketing_consent_since", sa.DateTime(timezone=True)),
)


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    for table, column, type in ADDED:
        op.add_column(table, sa.Column(column, type, nullable=True))
    consent = sa.Column("marketing_consent", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("customer", consent)
    _custom_field()
    _segment()
    _campaign()


def _custom_field() -> None:
    op.create_table(
        "custom_field",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("store_id", _id(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        _reference("custom_field", "store_id", "store"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field")),
        sa.UniqueConstraint("store_id", "subject", "key", name=op.f("uq_custom_field_store_id_subject_key")),
        sqlite_autoincrement=True,
    )


def _segment() -> None:
    op.create_table(
        "segment",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("store_id", _id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        _reference("segment", "store_id", "store"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("store_id", "name", name=op.f("uq_segment_store_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "segment_member",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("segment_id", _id(), nullable=False),
        sa.Column("customer_id", _id(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        _reference("segment_member", "segment_id", "segment"),
        _reference("segment_member", "customer_id", "customer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment_member")),
        sa.UniqueConstraint(
            "segment_id", "customer_id", name=op.f("uq_segment_member_segment_id_customer_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_segment_member_customer_id", "segment_member", ["customer_id"], unique=False)


def _campaign() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("store_id", _id(), nullable=False),
        sa.Column("segment_id", _id(), nullable=False),
        sa.Column("version_id", _id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("once_in_days", sa.BigInteger(), nullable=True),
        sa.Column("after_id", _id(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", _id(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        _reference("campaign", "store_id", "store"),
        _reference("campaign", "segment_id", "segment"),
        _reference("campaign", "version_id", "version"),
        _reference("campaign", "created_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_campaign_store_id_id", "campaign", ["store_id", "id"], unique=False)
    op.create_index("ix_campaign_version_id", "campaign", ["version_id"], unique=False)


def downgrade() -> None:
    for table in ("campaign", "segment_member", "segment", "custom_field"):
        op.drop_table(table)
    op.drop_column("customer", "marketing_consent")
    for table, column, _ in reversed(ADDED):
        op.drop_column(table, column)
