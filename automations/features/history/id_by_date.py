"""Ranges of ids for ranges of dates: rows are written in order of time, so a date is found by bisection."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.column_types import Id

#: Concurrent transactions may have numbered their rows slightly out of order.
SLACK = dt.timedelta(minutes=10)
#: The search ends when so many ids are left: the caller compares the instants of those few rows anyway.
CLOSE = 500


def id_range(
    session: Session,
    rows: sa.Select[*tuple[Any, ...]],
    key: sa.ColumnElement[Any],
    since: dt.datetime | None,
    until: dt.datetime | None,
) -> tuple[int, int] | None:
    """Return the lowest and highest id that rows of that period can have, slack included; None without dates.

    `rows` selects (id, at), unordered. The caller still has to compare the exact instants.
    """
    if since is None and until is None:
        return None
    top = session.execute(rows.where(key > 0).order_by(key.desc()).limit(1)).first()
    last = top[0] if top else 0
    low = _around(session, rows, key, since - SLACK, last)[0] if since else 0
    high = _around(session, rows, key, until + SLACK, last)[1] if until else last
    return low, high


def _around(
    session: Session,
    rows: sa.Select[*tuple[Any, ...]],
    key: sa.ColumnElement[Any],
    instant: dt.datetime,
    last: int,
) -> tuple[int, int]:
    """Return two ids, at most CLOSE apart: rows before the first are older than `instant`, rows from the
    second on are not.
    """
    low, high = 0, last + 1
    # Made once, and without the ORM: a date takes twenty steps.
    step = rows.where(key >= sa.bindparam("middle", type_=Id)).order_by(key).limit(1)
    connection = session.connection()
    while high - low > CLOSE:
        middle = (low + high) // 2
        row = connection.execute(step, {"middle": middle}).first()
        if row is None or row[1] >= instant:
            high = middle
        else:
            low = row[0] + 1
    return low, high
