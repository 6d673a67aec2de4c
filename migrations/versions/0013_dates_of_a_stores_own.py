"""the dates in the store's own fields, where a scan finds them"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = ("order", "event", "customer")


def upgrade() -> None:
    id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    made = op.create_table(
        "own_date",
        sa.Column("id", id, autoincrement=True, nullable=False),
        sa.Column("store_id", id, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("record_id", id, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_own_date_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_date")),
        sa.UniqueConstraint("subject", "record_id", "key", name=op.f("uq_own_date_subject_record_id_key")),
        sqlite_autoincrement=True,
    )
    columns = ["store_id", "subject", "key", "day", "record_id"]
    op.create_index("ix_own_date_day", "own_date", columns, unique=False)
    rows = _known()
    if rows:
        op.bulk_insert(made, rows)


def downgrade() -> None:
    op.drop_table("own_date")


def _known() -> list[dict[str, Any]]:
    """The dates that records have already."""
    names = ("store_id", "subject", "key")
    field = sa.table("custom_field", *map(sa.column, names), sa.column("type"))
    dates = set(op.get_bind().execute(sa.select(*(field.c[name] for name in names)).where(field.c.type == "date")))
    found = []
    for subject in TABLES if dates else ():
        record = sa.table(subject, sa.column("id"), sa.column("store_id"), sa.column("custom"))
        for row in op.get_bind().execute(sa.select(record).where(record.c.custom.is_not(None))):
            for key, value in (json.loads(row.custom) or {}).items():
                day = _day(value) if (row.store_id, subject, key) in dates else None
                whose = {"store_id": row.store_id, "subject": subject, "record_id": row.id, "key": key}
                found += [whose | {"day": day}] if day else []
    return found


def _day(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
