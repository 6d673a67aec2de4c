"""Runs: the outbox. One action of one fired evaluation, its attempts and what was sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.occurrence import Evaluation
from automations.models.types import Json

WAITING = "waiting"  # -> queued, cancelled
QUEUED = "queued"  # -> running, waiting
RUNNING = "running"  # -> succeeded, failed, skipped, unknown, waiting (another try)
SUCCEEDED = "succeeded"
FAILED = "failed"  # -> waiting (a person says try again)
SKIPPED = "skipped"
CANCELLED = "cancelled"
UNKNOWN = "unknown"  # -> succeeded, waiting (a person decides)

#: Literal, as an index of some rows is used only for a query that says the same.
HAS_LANE = sa.text("lane <> ''")
HAS_DEATHS = sa.text("deaths IS NOT NULL")

#: How the reason of a run begins that goes on only when somebody does something.
KEPT_WORD = "Held: "

FINAL = (SUCCEEDED, FAILED, SKIPPED, CANCELLED, UNKNOWN)


class Run(Base):
    __tablename__ = "run"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("evaluation_id", "position"),
        sa.Index("ix_run_due", "state", "due_at"),
        sa.Index("ix_run_store_state", "store_id", "state", "id"),
        sa.Index("ix_run_workflow_id", "workflow_id"),
        # Most runs have no lane, and those that have one are few while they are under way.
        sa.Index("ix_run_lane", "lane", "state", sqlite_where=HAS_LANE, postgresql_where=HAS_LANE),
        sa.Index("ix_run_suspect", "state", sqlite_where=HAS_DEATHS, postgresql_where=HAS_DEATHS),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    evaluation_id: Mapped[Key] = mapped_column(sa.ForeignKey("evaluation.id"))
    #: Which action of the version, from 0.
    position: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=WAITING)
    #: Why it is skipped, failed, cancelled or unknown, as a sentence.
    reason: Mapped[str | None]
    due_at: Mapped[dt.datetime]
    tries: Mapped[int] = mapped_column(default=0)
    workflow_id: Mapped[str | None]
    finished_at: Mapped[dt.datetime | None]
    #: When a person said not to wait for its date any longer.
    hastened_at: Mapped[dt.datetime | None]
    #: The host that is called, for kinds that call one: what waits for it holds up nobody else.
    lane: Mapped[str] = mapped_column(default="", server_default="")
    #: When its worker died while doing it, as ISO texts; empty for never.
    deaths: Mapped[Any] = mapped_column(Json, nullable=True)
    #: Of a message that no action of the version asks for: what is sent, as rendered.
    prepared: Mapped[Any] = mapped_column(Json, nullable=True)

    evaluation: Mapped[Evaluation] = relationship()
    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.id", back_populates="run")
    messages: Mapped[list[Message]] = relationship(order_by="Message.id", back_populates="run")


def in_order(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The same runs, for a change of many: those of two such changes at once are locked in one order."""
    locked = sa.select(Run.id).where(which).order_by(Run.id).with_for_update(key_share=True)
    return Run.id.in_(locked.correlate(None))


class Attempt(Base):
    """One try of one part of a run (a part is one recipient); committed before anything leaves."""

    __tablename__ = "attempt"
    __table_args__ = with_autoincrement(
        # Two workers can never both begin the same try of the same message.
        sa.UniqueConstraint("run_id", "part", "number"),
    )

    id: Mapped[PrimaryKey]
    run_id: Mapped[Key] = mapped_column(sa.ForeignKey("run.id"))
    part: Mapped[int] = mapped_column(default=0)
    number: Mapped[int]
    #: started, sent, refused, try_again, uncertain.
    result: Mapped[str] = mapped_column(default="started")
    detail: Mapped[str | None]
    #: What is to be done, as rendered: actions.base.Prepared as plain data.
    prepared: Mapped[Any] = mapped_column(Json, nullable=True)
    #: What an API said back: {"status", "body", "cut"}, the body at most 64 kB of text.
    answer: Mapped[Any] = mapped_column(Json, nullable=True)
    provider_id: Mapped[str | None]
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]

    run: Mapped[Run] = relationship(back_populates="attempts")


class Message(Base):
    """A message as it was sent, or as the built-in mailbox kept it."""

    __tablename__ = "message"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("run_id", "part"), sa.Index("ix_message_store_id_id", "store_id", "id")
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    #: Empty for a test a person sent to herself.
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("run.id"))
    part: Mapped[int] = mapped_column(default=0)
    #: email or sms.
    channel: Mapped[str]
    #: The key of the provider: smtp, twilio, mailbox.
    connector: Mapped[str]
    to: Mapped[str]
    to_name: Mapped[str] = mapped_column(default="")
    sender: Mapped[str] = mapped_column(default="")
    subject: Mapped[str]
    body: Mapped[str]
    provider_id: Mapped[str | None]
    at: Mapped[dt.datetime]

    run: Mapped[Run | None] = relationship(back_populates="messages")
