"""The words that records are found by: each word once, its endings, and which records have it.

A worker keeps them, see features/search; nothing that takes an order waits for it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn

_PATTERN = {"ending": "text_pattern_ops"}


class SearchWord(Base):
    """One word of a store's records, without capitals and accents."""

    __tablename__ = "search_word"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "word"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    word: Mapped[str]


class SearchEnding(Base):
    """The end of a word from one of its letters on: what begins with a text is in the middle of the word."""

    __tablename__ = "search_ending"
    __table_args__ = with_autoincrement(
        sa.Index("ix_search_ending_ending", "store_id", "ending", "word_id", postgresql_ops=_PATTERN),
        sa.Index("ix_search_ending_word_id", "word_id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    word_id: Mapped[Key] = mapped_column(sa.ForeignKey("search_word.id"))
    ending: Mapped[str]


class SearchEntry(Base):
    """One record that has a word."""

    __tablename__ = "search_entry"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("word_id", "subject", "record_id"),
        sa.Index("ix_search_entry_record", "subject", "record_id", "word_id"),
    )

    id: Mapped[PrimaryKey]
    word_id: Mapped[Key] = mapped_column(sa.ForeignKey("search_word.id"))
    subject: Mapped[str]
    record_id: Mapped[Key]


class SearchProgress(Base):
    """How far the words are kept: one row. Of older records those below the ids here are still to be read."""

    __tablename__ = "search_progress"

    id: Mapped[PrimaryKey]
    #: Every occurrence up to this id is taken in.
    occurrence_id: Mapped[Key] = mapped_column(default=0)
    order_id: Mapped[Key] = mapped_column(default=0)
    event_id: Mapped[Key] = mapped_column(default=0)
    customer_id: Mapped[Key] = mapped_column(default=0)
    #: How far the phones of stores whose country changed are renewed, by the id of the store.
    phones: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
