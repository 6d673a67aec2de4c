"""Backtests: a frozen draft compared with the live version over the recorded past."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import JsonColumn
from automations.models.tables.automation import Automation, Version

#: waiting -> running -> done; a person can end either of the first two as stopped, an error as failed.
WAITING, RUNNING, DONE, STOPPED, FAILED = "waiting", "running", "done", "stopped", "failed"
PENDING = (WAITING, RUNNING)
_WORDS = {WAITING: "Waiting", RUNNING: "Reading", DONE: "Done", STOPPED: "Stopped", FAILED: "Failed"}
#: What becomes of a firing: only the draft has it, only the live version has it, or both.
GAINED, LOST, SAME = "gained", "lost", "same"
FATES = (GAINED, LOST, SAME)

_PENDING = sa.text("state IN ('waiting', 'running')")
_RUNNING = sa.text("state = 'running'")


class Backtest(Base):
    """One comparison. It belongs to the draft it began with, whatever becomes of the automation.

    It holds no customer's data: its rows are ids of occurrences, and its sentences are made when read.
    """

    __tablename__ = "backtest"
    __table_args__ = with_autoincrement(
        sa.Index("ix_backtest_automation_id", "automation_id", "id"),
        sa.Index("ix_backtest_pending", "id", sqlite_where=_PENDING, postgresql_where=_PENDING),
        # Only one of a store is read at a time, whichever worker does it; the others wait.
        sa.Index(
            "uq_backtest_running", "store_id", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING
        ),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    automation_id: Mapped[Key] = mapped_column(sa.ForeignKey("automation.id"))
    #: The draft as it was, with the automation's revision then.
    draft: Mapped[Any] = mapped_column(JsonColumn)
    revision: Mapped[int]
    #: The version that was live then; empty if the automation had none.
    version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("version.id"))
    #: What was asked for: 30 or 90 days, or all; and the stretch of time it stood for then.
    period: Mapped[str]
    since: Mapped[dt.datetime]
    until: Mapped[dt.datetime]
    state: Mapped[str]
    #: Occurrences to be judged, and those judged so far: all from `read_to` on.
    total: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)
    read_to: Mapped[dt.datetime | None]
    #: {"gained", "lost", "same", "days": {day: [gained, lost, same]}, "funnel": …}, those so far.
    figures: Mapped[Any] = mapped_column(JsonColumn, default=dict)
    #: Why it failed, as a sentence.
    problem: Mapped[str | None]
    #: The worker that reads it, and until when it must have said so again.
    claim: Mapped[str | None]
    claimed_until: Mapped[dt.datetime | None]
    #: The person or the API key, by name.
    asked_by: Mapped[str]
    created_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]

    automation: Mapped[Automation] = relationship()
    version: Mapped[Version | None] = relationship()

    @property
    def state_words(self) -> str:
        """The state in the manager's words."""
        return _WORDS.get(self.state, self.state)


class BacktestPart(Base):
    """Up to a thousand firings of one fate; by id, the newest come first."""

    __tablename__ = "backtest_part"
    __table_args__ = with_autoincrement(sa.Index("ix_backtest_part_fate", "backtest_id", "fate", "id"))

    id: Mapped[PrimaryKey]
    backtest_id: Mapped[Key] = mapped_column(sa.ForeignKey("backtest.id"))
    fate: Mapped[str]
    count: Mapped[int]
    #: [[occurrence id, record id, microseconds since 1970], …], newest first.
    firings: Mapped[Any] = mapped_column(JsonColumn)
