"""the daily letter is called daily summary"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OLD, NEW = ("daily_letter", "letters_from"), ("daily_summary", "summaries_from")
COLUMNS = "id, store_id, membership_id, day, state, due_at, tries, outcome, message_id"
PATHS = sa.text("UPDATE notification SET path = :new WHERE path = :old")


def upgrade() -> None:
    _move(OLD, NEW)
    _lead("/notifications#letter-heading", "/notifications#summary-heading")


def downgrade() -> None:
    _move(NEW, OLD)
    _lead("/notifications#summary-heading", "/notifications#letter-heading")


def _move(old: tuple[str, str], new: tuple[str, str]) -> None:
    """Give the table and the column other names: a new table, so that both databases name its parts alike."""
    op.execute(f"ALTER TABLE membership RENAME COLUMN {old[1]} TO {new[1]}")
    table = new[0]
    op.create_table(
        table,
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("membership_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("message_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f(f"fk_{table}_store_id_store")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f(f"fk_{table}_membership_id_membership")
        ),
        sa.UniqueConstraint("membership_id", "day", name=op.f(f"uq_{table}_membership_id_day")),
        sqlite_autoincrement=True,
    )
    op.execute(f"INSERT INTO {table} ({COLUMNS}) SELECT {COLUMNS} FROM {old[0]}")
    if op.get_bind().dialect.name == "postgresql":
        newest = f"(SELECT coalesce(max(id), 0) + 1 FROM {table})"
        op.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {newest}, false)")
    op.drop_table(old[0])
    op.create_index(f"ix_{table}_state", table, ["state", "due_at"])


def _lead(old: str, new: str) -> None:
    op.execute(PATHS.bindparams(old=old, new=new))
