"""The fields a store gives its records beside those every store has."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from automations.engine.shared_fields import custom_field
from automations.engine.subject import Field
from automations.models.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.types import Json


class CustomField(Base):
    """One field of one subject. The key never changes and is never used twice, the label may change."""

    __tablename__ = "custom_field"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "subject", "key"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    subject: Mapped[str]
    key: Mapped[str]
    label: Mapped[str]
    #: One of engine.shared_fields.CUSTOM_TYPES.
    type: Mapped[str]
    #: Of a choice: its keys and labels.
    labels: Mapped[Any] = mapped_column(Json, default=dict)
    position: Mapped[int] = mapped_column(default=0)
    #: Since when no new record has it; versions of then still know what it was.
    removed_at: Mapped[dt.datetime | None]

    @property
    def field(self) -> Field:
        """In the form rules look at it."""
        labels = self.labels or {"yes": "yes", "no": "no"} if self.type == "bool" else self.labels
        return custom_field(self.key, self.label, self.type, subject=self.subject, labels=labels)


def fields_of(session: Session, store_id: int, *, removed: bool = False) -> dict[str, dict[str, Field]]:
    """Subject -> the store's own fields by key ("custom.colour"); with the removed ones where asked."""
    query = sa.select(CustomField).where(CustomField.store_id == store_id)
    if not removed:
        query = query.where(CustomField.removed_at.is_(None))
    found: dict[str, dict[str, Field]] = {}
    for row in session.scalars(query.order_by(CustomField.position, CustomField.id)):
        found.setdefault(row.subject, {})[row.field.key] = row.field
    return found
