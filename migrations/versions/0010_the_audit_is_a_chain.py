"""the audit is a chain"""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

AUDIT = sa.table(
    "audit",
    sa.column("id", sa.Integer),
    sa.column("number", sa.BigInteger),
    sa.column("hash", sa.Text),
    sa.column("store_id", sa.Integer),
    sa.column("user_id", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("action", sa.Text),
    sa.column("about", sa.Text),
    sa.column("before", sa.Text),
    sa.column("after", sa.Text),
)


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    head = op.create_table(
        "audit_head",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
        sqlite_autoincrement=True,
    )
    op.add_column("audit", sa.Column("number", sa.BigInteger(), nullable=True))
    op.add_column("audit", sa.Column("hash", sa.Text(), nullable=True))
    op.create_index("ix_audit_number", "audit", ["number"], unique=True)
    number, previous = _chain()
    op.bulk_insert(head, [{"number": number, "hash": previous}])


def downgrade() -> None:
    op.drop_index("ix_audit_number", table_name="audit")
    op.drop_column("audit", "hash")
    op.drop_column("audit", "number")
    op.drop_table("audit_head")


def _chain() -> tuple[int, str]:
    """Bind the rows there are, in their order; the end of it."""
    connection, number, previous, after = op.get_bind(), 0, "", 0
    some = sa.select(AUDIT).order_by(AUDIT.c.id).limit(1000)
    while rows := connection.execute(some.where(AUDIT.c.id > after)).mappings().all():
        for row in rows:
            number, after = number + 1, row["id"]
            previous = _digest(previous, number, row)
            values = {"number": number, "hash": previous}
            connection.execute(AUDIT.update().where(AUDIT.c.id == after).values(**values))
    return number, previous


def _digest(previous: str, number: int, row: sa.RowMapping) -> str:
    at = row["at"].replace(tzinfo=dt.UTC) if row["at"].tzinfo is None else row["at"].astimezone(dt.UTC)
    values = [previous, number, row["store_id"], row["user_id"], at.isoformat(timespec="microseconds")]
    values += [row["action"], row["about"], row["before"], row["after"]]
    return hashlib.sha256(msgspec.json.encode(values)).hexdigest()
