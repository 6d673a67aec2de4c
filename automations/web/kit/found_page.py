"""Pages of a list that is searched or filtered, newest first, however many rows match and wherever they are.

Walking the list from its newest row is fast while many rows match, reading what matches by its own index
while few do. Neither alone is fast for both, so what matches is counted up to a limit first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import g

from automations.models.db.base import db
from automations.models.db.newest_first import newest_of_many
from automations.web.kit.paging import LENGTH, Page, newest_url, older_url, requested_key

#: Up to so many matches are read and sorted.
FEW = 2_000


def found_page(
    model: Any,
    matches: Sequence[sa.ColumnElement[bool]],
    options: Sequence[Any] = (),
    length: int = LENGTH,
    more_below: int | None = None,
) -> Page:
    """Return the page the address asks for, of the rows that meet all conditions.

    `more_below` is the key from which on down the conditions say nothing: the next page looks there.
    """
    ids = newest_ids(model.id, matches, length + 1, requested_key())
    wanted = sa.select(model).where(model.id.in_(ids[:length])).order_by(model.id.desc()).options(*options)
    rows = db.session.scalars(wanted).all() if ids else []
    return Page(rows, older_url(ids[length - 1] if len(ids) > length else more_below), newest_url())


def newest_ids(
    key: Any, matches: Sequence[sa.ColumnElement[bool]], limit: int, before: int | None = None
) -> Sequence[int]:
    """Return the highest keys below `before` of the store's rows that meet all conditions."""
    query = sa.select(key).where(*matches)
    if before is not None:
        query = query.where(key < before)
    few = db.session.scalars(query.limit(FEW + 1)).all()
    if len(few) <= FEW:
        return sorted(few, reverse=True)[:limit]
    return newest_of_many(db.session(), query, key.class_, g.store.id, before, limit)
