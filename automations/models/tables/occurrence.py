"""The log: what happened to a record, and which automations reacted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import Id, JsonColumn
from automations.models.tables.automation import Automation, Version

#: The trigger of an occurrence that a person brings about.
MANUAL = "manual"
#: The trigger of a message that came late: `changed` names what it did not change any more, `from_value` is
#: the time it is from, `to_value` the choice it said. No automation listens to it.
LATE = "late"
#: The trigger of what a quiet import made or changed, or a shop sent that is from before it was connected. No
#: automation listens to it.
IMPORTED = "imported"


#: A literal: a partial index is used only for a query with the same condition.
OF_CUSTOMER = sa.text("customer_id IS NOT NULL")
IN_CHAIN = sa.text("root_id IS NOT NULL")


class SnapshotColumn(JsonColumn):
    """A record and its customer as plain JSON data, without what they do not have.

    Whoever reads a snapshot takes what it does not name for empty, as in the snapshots from before a field
    was there. An order that has little is a quarter shorter.
    """

    cache_ok = True

    @staticmethod
    def stored(value: Any) -> str | None:
        """Return the text to store; None for None."""
        return None if value is None else JsonColumn.stored(snapshot_as_kept(value))


def snapshot_as_kept(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """Return a snapshot without what its record and the customer do not have."""
    kept = _had(snapshot)
    if "customer" in kept:
        kept["customer"] = _had(kept["customer"])
    return kept


def _had(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are there: also zero and False."""
    return {name: value for name, value in values.items() if value or value == 0}


class Occurrence(Base):
    """One thing that happened to one record, with a snapshot of the record.

    Automations that did not apply have no rows: they are computed from the snapshot, the ruleset number and
    the versions, none of which ever change.
    """

    __tablename__ = "occurrence"
    __table_args__ = with_autoincrement(
        sa.Index("ix_occurrence_record", "store_id", "subject", "record_id", "id"),
        sa.Index("ix_occurrence_trigger", "store_id", "subject", "trigger", "id"),
        sa.Index("ix_occurrence_store_id_id", "store_id", "id"),
        sa.Index("ix_occurrence_root_id", "root_id", sqlite_where=IN_CHAIN, postgresql_where=IN_CHAIN),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    subject: Mapped[str]
    record_id: Mapped[Key]
    #: The revision of the record after it; several occurrences of one update share it.
    revision: Mapped[int]
    #: created, status_changed, payment_status_changed, or changed for anything else.
    trigger: Mapped[str]
    from_value: Mapped[str | None]
    to_value: Mapped[str | None]
    #: Names of the changed fields, for readers of the log.
    changed: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    snapshot: Mapped[Any] = mapped_column(SnapshotColumn)
    #: What else it was evaluated by: {"zone", "working", "previous": earlier values by field key}.
    moment: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    ruleset: Mapped[int]
    #: Who or what caused it, in words: till “Front desk”, Rosa Lind.
    cause_kind: Mapped[str]
    cause: Mapped[str]
    #: If an automation caused it: its run, the occurrence at the root of the chain, and the number of changes
    #: by automations in between. Empty for changes from outside.
    cause_run_id: Mapped[int | None]
    root_id: Mapped[int | None]
    depth: Mapped[int | None]
    at: Mapped[dt.datetime]


class Evaluation(Base):
    """A version that fired on an occurrence, was held, or could not be evaluated; nothing else has a row."""

    __tablename__ = "evaluation"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("occurrence_id", "version_id"),
        sa.Index("ix_evaluation_automation", "store_id", "automation_id", "id"),
        sa.Index("ix_evaluation_automation_at", "automation_id", "at"),
        sa.Index("ix_evaluation_outcome", "store_id", "outcome", "id"),
        sa.Index(
            "ix_evaluation_customer",
            "customer_id",
            "at",
            "id",
            sqlite_where=OF_CUSTOMER,
            postgresql_where=OF_CUSTOMER,
        ),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    occurrence_id: Mapped[Key] = mapped_column(sa.ForeignKey("occurrence.id"))
    automation_id: Mapped[Key] = mapped_column(sa.ForeignKey("automation.id"))
    version_id: Mapped[Key] = mapped_column(sa.ForeignKey("version.id"))
    #: fired, held, capped or error; `error` gives the reason for the last three. Of a version in shadow mode
    #: one of SHADOW_OUTCOMES, and without runs.
    outcome: Mapped[str]
    error: Mapped[str | None]
    #: Whom the record was about, if it was held, capped or an error; runs say it for those that fired.
    customer_id: Mapped[int | None] = mapped_column(Id)
    at: Mapped[dt.datetime]

    occurrence: Mapped[Occurrence] = relationship()
    automation: Mapped[Automation] = relationship()
    version: Mapped[Version] = relationship()
