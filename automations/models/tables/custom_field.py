"""Custom fields: the fields a store adds to those that every store has."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from automations.engine.fields.shared_fields import custom_field
from automations.engine.fields.subject import Field
from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn


class CustomField(Base):
    """One field of one subject. The key never changes and is never reused; the label may change."""

    __tablename__ = "custom_field"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "subject", "key"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    subject: Mapped[str]
    key: Mapped[str]
    label: Mapped[str]
    #: One of engine.shared_fields.CUSTOM_TYPES.
    type: Mapped[str]
    #: Of a choice: key -> label.
    labels: Mapped[Any] = mapped_column(JsonColumn, default=dict)
    position: Mapped[int] = mapped_column(default=0)
    #: When it was removed; versions published before still know what it was.
    removed_at: Mapped[dt.datetime | None]

    @property
    def field(self) -> Field:
        """The field in the form that rules work with."""
        labels = self.labels or {"yes": "yes", "no": "no"} if self.type == "bool" else self.labels
        return custom_field(self.key, self.label, self.type, subject=self.subject, labels=labels)


def fields_of(session: Session, store_id: int, *, removed: bool = False) -> dict[str, dict[str, Field]]:
    """Return subject -> key ("custom.colour") -> custom field; with removed ones only if asked for."""
    query = sa.select(CustomField).where(CustomField.store_id == store_id)
    if not removed:
        query = query.where(CustomField.removed_at.is_(None))
    fields: dict[str, dict[str, Field]] = {}
    for row in session.scalars(query.order_by(CustomField.position, CustomField.id)):
        fields.setdefault(row.subject, {})[row.field.key] = row.field
    return fields
