"""figures tell what was sent from what was kept here and what was done without a message"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

KEPT = sa.table("day_figure", *map(sa.column, ("id", "store_id", "automation_id", "standing", "count")), sa.column("day", sa.Date()))
#: (store, automation, day, standing)
Key = tuple[int, int, dt.date, str]
#: Only evaluations that are counted as sent: at their end, and one run or more succeeded. 1 says that a message
#: was sent, 0 that there was none, 2 that one was only kept.
BECAME = sa.text(
    "SELECT e.store_id, e.automation_id, e.at, c.zone,"
    " max(CASE WHEN r.state <> 'succeeded' THEN -1"
    " WHEN r.kind IN ('change_data', 'create_task', 'notify', 'http_request') THEN 0"
    " WHEN EXISTS (SELECT 1 FROM message m WHERE m.run_id = r.id AND m.connector = 'mailbox') THEN 2"
    " ELSE 1 END) AS became"
    " FROM counted_to c JOIN evaluation e ON e.store_id = c.store_id AND e.id <= c.evaluation_id"
    " JOIN run r ON r.evaluation_id = e.id"
    " WHERE e.outcome = 'fired' AND NOT EXISTS (SELECT 1 FROM open_figure o WHERE o.evaluation_id = e.id)"
    " GROUP BY e.id, e.store_id, e.automation_id, e.at, c.zone"
    " HAVING min(CASE WHEN r.state IN ('succeeded', 'cancelled') THEN 1 ELSE 0 END) = 1"
).columns(at=sa.DateTime(timezone=True))


def upgrade() -> None:
    """Move what is counted as sent to what it was, as far as the log still has it."""
    moved: Counter[Key] = Counter()
    for store, automation, at, zone, became in op.get_bind().execute(BECAME):
        word = {0: "done", 2: "kept_here"}.get(became)
        if word:
            instant = at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at
            day = instant.astimezone(ZoneInfo(zone)).date()
            moved[store, automation, day, "sent"] -= 1
            moved[store, automation, day, word] += 1
    _move(moved)


def downgrade() -> None:
    moved: Counter[Key] = Counter()
    kept = sa.select(KEPT.c.store_id, KEPT.c.automation_id, KEPT.c.day, KEPT.c.standing, KEPT.c.count)
    kept = kept.where(KEPT.c.standing.in_(("kept_here", "done")))
    for store, automation, day, standing, count in op.get_bind().execute(kept):
        moved[store, automation, day, standing] -= count
        moved[store, automation, day, "sent"] += count
    _move(moved)


def _move(moved: Counter[Key]) -> None:
    for (store_id, automation_id, day, standing), count in moved.items():
        where = (KEPT.c.automation_id == automation_id, KEPT.c.day == day, KEPT.c.standing == standing)
        raised = sa.update(KEPT).where(*where).values(count=KEPT.c.count + count)
        if not op.get_bind().execute(raised).rowcount:
            whose = {"store_id": store_id, "automation_id": automation_id, "day": day}
            op.execute(sa.insert(KEPT).values(**whose, standing=standing, count=count))
