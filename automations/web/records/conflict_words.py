"""Who changed a record while somebody had it open."""

from __future__ import annotations

import sqlalchemy as sa
from flask import g

from automations.models.db.base import db
from automations.models.tables.occurrence import Occurrence
from automations.web.records.kind_pages import Record, RecordPages


def changed_since_opened(kind: RecordPages, record: Record) -> str:
    """Return who changed the record last, as the beginning of a sentence."""
    name = _person(kind, record)
    if name == g.user.name:
        return "You changed this record yourself after this page was opened"
    return f"{name or 'Someone else'} changed this record after this page was opened"


def _person(kind: RecordPages, record: Record) -> str:
    """Return the name of the person who made the newest change; "" if a program did, or nothing tells."""
    query = sa.select(Occurrence.cause).where(
        Occurrence.store_id == record.store_id,
        Occurrence.subject == kind.subject,
        Occurrence.record_id == record.id,
        Occurrence.revision == record.revision,
        Occurrence.cause_kind == "person",
    )
    return db.session.scalar(query.order_by(Occurrence.id.desc()).limit(1)) or ""
