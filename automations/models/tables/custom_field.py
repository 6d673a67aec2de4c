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
from automations.models.db.fast_select import Lookup


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
        return _field(self.key, self.label, self.type, self.subject, self.labels)


def fields_of(session: Session, store_id: int, *, removed: bool = False) -> dict[str, dict[str, Field]]:
    """Return subject -> key ("custom.colour") -> custom field; with removed ones only if asked for."""
    fields: dict[str, dict[str, Field]] = {}
    for row in _OF_STORE.rows(session, store_id=store_id):
        if removed or row["removed_at"] is None:
            field = _field(row["key"], row["label"], row["type"], row["subject"], row["labels"])
            fields.setdefault(row["subject"], {})[field.key] = field
    return fields


def _field(key: str, label: str, type: str, subject: str, labels: Any) -> Field:
    labels = labels or {"yes": "yes", "no": "no"} if type == "bool" else labels
    return custom_field(key, label, type, subject=subject, labels=labels)


def _of_store(_dialect: str) -> sa.Select[Any]:
    of_store = sa.select(CustomField.__table__).where(CustomField.store_id == sa.bindparam("store_id"))
    return of_store.order_by(CustomField.position, CustomField.id)


_OF_STORE = Lookup(_of_store)
