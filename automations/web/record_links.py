"""Records that something else speaks of, as links."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from flask import g

from automations.models.base import db
from automations.web.record_kinds import BY_SUBJECT

#: What a record is called, and its address.
Link = tuple[str, str]


def link_to(subject: str | None, record_id: int | None) -> Link | None:
    """One record of this store; None where there is none."""
    return links_to([(subject, record_id)]).get((subject, record_id))


def links_to(wanted: Iterable[tuple[str | None, int | None]]) -> dict[tuple[str | None, int | None], Link]:
    """Many at once, one query for each kind of record."""
    found: dict[tuple[str | None, int | None], Link] = {}
    pairs = set(wanted)
    for subject, kind in BY_SUBJECT.items():
        ids = [id for name, id in pairs if name == subject and id is not None]
        if ids:
            query = sa.select(kind.model).where(kind.model.store_id == g.store.id, kind.model.id.in_(ids))
            for record in db.session.scalars(query):
                found[subject, record.id] = (kind.name(record), kind.url(record))
    return found
