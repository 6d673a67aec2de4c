"""whether an order's total was given: one that is not the sum of its lines was"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PAGE = 5000


def upgrade() -> None:
    given = sa.Column("total_given", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("order", given)
    order = sa.table("order", *map(sa.column, ("id", "total", "lines", "total_given")))
    after, connection = 0, op.get_bind()
    while True:
        query = sa.select(order.c.id, order.c.total, order.c.lines).where(order.c.id > after)
        rows = connection.execute(query.order_by(order.c.id).limit(PAGE)).all()
        ids = [id for id, total, lines in rows if total != _thousandths(json.loads(lines or "[]"))]
        for start in range(0, len(ids), 500):
            chosen = order.c.id.in_(ids[start : start + 500])
            connection.execute(sa.update(order).where(chosen).values(total_given=sa.true()))
        if len(rows) < PAGE:
            return
        after = rows[-1].id


def downgrade() -> None:
    op.drop_column("order", "total_given")


def _thousandths(lines: list[Mapping[str, Any]]) -> int:
    """Return what the lines add up to, as the database keeps money."""
    worth = (Decimal(str(line.get("unit_price") or 0)) * int(line.get("quantity", 1)) for line in lines)
    return int(sum(worth, Decimal(0)) * 1000)
