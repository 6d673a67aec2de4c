"""CSV files that are imported: the file in pieces, and its records until each is taken."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn

#: mapping -> checking -> checked -> importing -> done. Stopped while it is checked, it is mapping again;
#: while it is imported, stopped, from where it can go on. An error ends either as failed.
MAPPING, CHECKING, CHECKED, IMPORTING = "mapping", "checking", "checked", "importing"
DONE, STOPPED, FAILED = "done", "stopped", "failed"
_WORDS = {
    MAPPING: "Columns to choose",
    CHECKING: "Being checked",
    CHECKED: "Ready to import",
    IMPORTING: "Importing",
    DONE: "Imported",
    STOPPED: "Stopped",
    FAILED: "Failed",
}
#: What the worker has to do.
WORKING = (CHECKING, IMPORTING)
OVER = (DONE, FAILED)
#: What a record of the file would do, or did.
CREATE, CHANGE, SAME, REFUSED = "create", "change", "same", "refused"
VERDICTS = (CREATE, CHANGE, SAME, REFUSED)
#: How long the rows of a file are kept, whatever became of it.
KEPT_FOR = dt.timedelta(days=30)

_WORKING = sa.text("state IN ('checking', 'importing')")


class CsvImport(Base):
    """One uploaded file and what becomes of it."""

    __tablename__ = "csv_import"
    __table_args__ = with_autoincrement(
        sa.Index("ix_csv_import_store_id", "store_id", "id"),
        sa.Index("ix_csv_import_working", "id", sqlite_where=_WORKING, postgresql_where=_WORKING),
        sa.Index("ix_csv_import_created_at", "created_at", "id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    #: order, event, customer or account.
    subject: Mapped[str]
    #: The name of the file, and its bytes.
    name: Mapped[str]
    size: Mapped[int]
    #: {"encoding", "separator", "format", "month_first", "unsettled", "known", "fires", "words"}, and how
    #: amounts are written: {"amounts", "mark", "marks", "unclear", "whole"}, see `ways_of_writing`.
    #: "recalled" has the columns that were chosen for an earlier file, by place.
    options: Mapped[Any] = mapped_column(JsonColumn)
    #: The headings of its columns, and for each the key of our column or "".
    headings: Mapped[Any] = mapped_column(JsonColumn)
    columns: Mapped[Any] = mapped_column(JsonColumn)
    #: Its first rows, to choose the columns by.
    sample: Mapped[Any] = mapped_column(JsonColumn)
    state: Mapped[str]
    #: Rows of the file, and those read so far.
    total: Mapped[int]
    read: Mapped[int] = mapped_column(default=0)
    #: How many records there are of each verdict, and {"taken": {verdict: count}} of those imported; words
    #: that the lists do not know as {"words": [[field, word, rows], …]}, and the rows of all others.
    figures: Mapped[Any] = mapped_column(JsonColumn, default=dict)
    #: Why it failed, as a sentence.
    problem: Mapped[str | None]
    #: The worker that does it, and until when it must have said so again.
    claim: Mapped[str | None]
    claimed_until: Mapped[dt.datetime | None]
    asked_by: Mapped[str]
    created_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]

    @property
    def state_words(self) -> str:
        """The state in the manager's words."""
        return _WORDS.get(self.state, self.state)


class CsvPiece(Base):
    """A piece of the file, compressed. The pieces go when the import begins."""

    __tablename__ = "csv_piece"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("import_id", "place"))

    id: Mapped[PrimaryKey]
    import_id: Mapped[Key] = mapped_column(sa.ForeignKey("csv_import.id"))
    place: Mapped[int]
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class CsvRecord(Base):
    """One record of the file: what it would do, until it is done; what is refused stays to be read."""

    __tablename__ = "csv_record"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("import_id", "key"),
        sa.Index("ix_csv_record_verdict", "import_id", "verdict", "id"),
    )

    id: Mapped[PrimaryKey]
    import_id: Mapped[Key] = mapped_column(sa.ForeignKey("csv_import.id"))
    #: The first of its rows; the headings are row 1.
    row: Mapped[int]
    #: By what its rows are known to be of one record; empty for a row that has nothing of the kind.
    key: Mapped[str | None]
    #: What people call it: its number, or a name.
    label: Mapped[str]
    verdict: Mapped[str]
    #: {"rows", "made", "roundings"}: its cells by row, and the record as our API takes it; then the labels of
    #: what it would change.
    data: Mapped[Any] = mapped_column(JsonColumn)
    changed: Mapped[Any] = mapped_column(JsonColumn)
    #: [[row, heading, sentence], …]
    problems: Mapped[Any] = mapped_column(JsonColumn)
