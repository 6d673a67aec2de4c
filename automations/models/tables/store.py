"""A store, its choice lists and the settings of its providers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn


class Store(Base):
    """A store with its currency, time zone and settings."""

    __tablename__ = "store"

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(unique=True)
    currency: Mapped[str] = mapped_column(default="GBP")
    timezone: Mapped[str] = mapped_column(default="Europe/London")
    #: ISO country used to read phone numbers without a country code.
    region: Mapped[str] = mapped_column(default="GB")
    #: The countries before, and when the last change was, until all phones are renewed: see
    #: features/search/phone_renewal.py.
    phone_regions: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    region_changed_at: Mapped[dt.datetime | None]
    #: How its messages and pages write amounts and dates: a language with its country.
    language: Mapped[str] = mapped_column(default="en-GB", server_default="en-GB")
    sender_email: Mapped[str] = mapped_column(default="")
    #: Incremented when the live automations or the choices change; an occurrence keeps the number it was
    #: evaluated by.
    ruleset: Mapped[int] = mapped_column(default=1)
    #: Weekday ("0" is Monday) -> [opens, closes] as "09:00"; empty for the default hours.
    working_hours: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: When no marketing is sent, as ["20:00", "08:00"]; [] for never, empty for the default.
    quiet_hours: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: The look of its emails, as {"on", "colour", "address", "phone", "logo", "width", "height"}; empty for
    #: plain ones.
    email_look: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: What words of imported files mean, by kind of file: [[field, word, key of an entry], …].
    import_words: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: Whether a customer was ever merged into another: only then anything has to be led on.
    has_merged_customers: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: Days to keep entries of the log, by outcome; empty for the default.
    retention: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: Incremented when entries of the log are deleted, and when they are rewritten: what was made from them
    #: has to be looked at again.
    log_deletions: Mapped[int] = mapped_column(default=0, server_default="0")
    log_rewrites: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[dt.datetime]


def locked(session: Session, store_id: int) -> Store:
    """Return the store, locked against changes by others until this transaction ends."""
    # FOR UPDATE would block every order written meanwhile: their rows refer to the store.
    return session.get_one(Store, store_id, with_for_update={"key_share": True}, populate_existing=True)


def note_log_change(session: Session, store_id: int, *, rewritten: bool = False) -> None:
    """Note, inside the transaction that does it, that entries of the log are deleted or rewritten."""
    name = "log_rewrites" if rewritten else "log_deletions"
    change = sa.update(Store).where(Store.id == store_id).values({name: getattr(Store, name) + 1})
    session.execute(change, execution_options={"synchronize_session": False})


class Choice(Base):
    """One entry of a list such as the order statuses. The key never changes; the label may."""

    __tablename__ = "choice"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "list_key", "key"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    list_key: Mapped[str]
    key: Mapped[str]
    label: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    #: Earlier labels, so that a till that still sends one is understood.
    former_labels: Mapped[Any] = mapped_column(JsonColumn, default=list)


class Connection(Base):
    """The settings of one provider of a store; the secret is encrypted."""

    __tablename__ = "connection"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "kind"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    kind: Mapped[str]
    settings: Mapped[Any] = mapped_column(JsonColumn)
    secret: Mapped[str | None]
    last_result: Mapped[str | None]
    last_result_at: Mapped[dt.datetime | None]
    updated_at: Mapped[dt.datetime]
