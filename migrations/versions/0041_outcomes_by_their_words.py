"""outcomes by their words"""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

RUN = sa.table("run", *map(sa.column, ("evaluation_id", "state", "reason", "tries")))
OPEN = sa.table(
    "open_figure", *map(sa.column, ("store_id", "automation_id", "day", "standing", "evaluation_id"))
)
KEPT = sa.table("day_figure", *map(sa.column, ("id", "store_id", "automation_id", "day", "standing", "count")))
#: (store, automation, day, standing)
Key = tuple[int, int, str, str]


def upgrade() -> None:
    """Tell failing, failed and unknown apart, and what is held from what only waits."""
    before = _open()
    kept = sa.and_(RUN.c.state == "waiting", RUN.c.tries == 0, RUN.c.reason.like("Held: %"))
    held = sa.or_(RUN.c.state == "held", kept)
    _name("unknown", OPEN.c.standing == "failing", _has(RUN.c.state == "unknown"))
    _name("failed", OPEN.c.standing == "failing", _has(RUN.c.state == "failed"))
    _name("under_way_skipped", OPEN.c.standing == "kept_back", ~_has(held), _has(RUN.c.state == "skipped"))
    _name("under_way", OPEN.c.standing == "kept_back", ~_has(held))
    _name("kept_back", OPEN.c.standing.in_(("under_way", "under_way_skipped")), _has(held))
    moved = _open()
    moved.subtract(before)
    # What is no longer open, because the log does not keep it, was at its end: nothing tries it again.
    for *whose, count in op.get_bind().execute(_kept().where(KEPT.c.standing == "failing")):
        left = count - before[whose[0], whose[1], whose[2], "failing"]
        moved[whose[0], whose[1], whose[2], "failing"] -= left
        moved[whose[0], whose[1], whose[2], "failed"] += left
    _move(moved)


def downgrade() -> None:
    apart = ("failed", "unknown")
    _name("failing", OPEN.c.standing.in_(apart))
    moved: Counter[Key] = Counter()
    for store, automation, day, standing, count in op.get_bind().execute(
        _kept(KEPT.c.standing).where(KEPT.c.standing.in_(apart))
    ):
        moved[store, automation, day, standing] -= count
        moved[store, automation, day, "failing"] += count
    _move(moved)


def _kept(*columns: sa.ColumnClause[str]) -> sa.Select[tuple[int, int, str, int]]:
    return sa.select(KEPT.c.store_id, KEPT.c.automation_id, KEPT.c.day, *columns, KEPT.c.count)


def _has(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(RUN.c.evaluation_id == OPEN.c.evaluation_id, which)


def _name(standing: str, *which: sa.ColumnElement[bool]) -> None:
    op.execute(sa.update(OPEN).where(*which).values(standing=standing))


def _open() -> Counter[Key]:
    keys = (OPEN.c.store_id, OPEN.c.automation_id, OPEN.c.day, OPEN.c.standing)
    rows = op.get_bind().execute(sa.select(*keys, sa.func.count()).group_by(*keys))
    return Counter({(store, automation, day, standing): count for store, automation, day, standing, count in rows})


def _move(moved: Counter[Key]) -> None:
    for (store_id, automation_id, day, standing), count in moved.items():
        if not count:
            continue
        where = (KEPT.c.automation_id == automation_id, KEPT.c.day == day, KEPT.c.standing == standing)
        raised = sa.update(KEPT).where(*where).values(count=KEPT.c.count + count)
        if not op.get_bind().execute(raised).rowcount:
            whose = {"store_id": store_id, "automation_id": automation_id, "day": day}
            op.execute(sa.insert(KEPT).values(**whose, standing=standing, count=count))
