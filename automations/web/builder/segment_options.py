"""The store's segments, for the lists that offer them."""

from __future__ import annotations

import sqlalchemy as sa

from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.segment import Segment


def segment_options(words: StoreWords) -> list[tuple[str, str]]:
    """Return (id, name) of every segment of the store, sorted by name."""
    segments = sa.select(Segment.id, Segment.name).where(Segment.store_id == words.store_id)
    return [(str(id), name) for id, name in db.session.execute(segments.order_by(Segment.name))]
