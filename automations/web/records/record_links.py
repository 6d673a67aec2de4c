"""Links to the records that tasks, notifications and due actions refer to."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from flask import g

from automations.models.db.base import db
from automations.web.records.kind_pages import BY_SUBJECT

#: (name, address) of a record.
Link = tuple[str, str]


def link_to(subject: str | None, record_id: int | None) -> Link | None:
    """Return the link to one record of this store, or None if there is no such record."""
    return links_to([(subject, record_id)]).get((subject, record_id))


def links_to(records: Iterable[tuple[str | None, int | None]]) -> dict[tuple[str | None, int | None], Link]:
    """Return the links to many (subject, id) records of this store, with one query per kind."""
    links: dict[tuple[str | None, int | None], Link] = {}
    pairs = set(records)
    for subject, kind in BY_SUBJECT.items():
        ids = [id for name, id in pairs if name == subject and id is not None]
        if ids:
            query = sa.select(kind.model).where(kind.model.store_id == g.store.id, kind.model.id.in_(ids))
            for record in db.session.scalars(query):
                links[subject, record.id] = (kind.name(record), kind.url(record))
    return links
