"""Runs, which are the outbox: one action of one fired evaluation each, with attempts and messages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import Id, JsonColumn
from automations.models.tables.occurrence import Evaluation

WAITING = "waiting"  # -> queued, held, cancelled
HELD = "held"  # -> waiting, cancelled (a manager decides)
QUEUED = "queued"  # -> running, waiting
RUNNING = "running"  # -> succeeded, failed, skipped, unknown, waiting (another try)
SUCCEEDED = "succeeded"
FAILED = "failed"  # -> waiting (a person says try again)
SKIPPED = "skipped"
CANCELLED = "cancelled"
UNKNOWN = "unknown"  # -> succeeded, waiting (a person decides)

#: Literals: a partial index is used only for a query with the same condition.
HAS_LANE = sa.text("lane <> ''")
HAS_DEATHS = sa.text("deaths IS NOT NULL")
#: What a customer hears of or the team is told about them; changed data is neither.
TELLS = sa.text("customer_id IS NOT NULL AND kind <> 'change_data'")

#: Prefix of the reason of a run that waits until a person acts.
KEPT_WORD = "Held: "

FINAL = (SUCCEEDED, FAILED, SKIPPED, CANCELLED, UNKNOWN)


class Run(Base):
    """One action of one fired evaluation, from the moment it is due until its final state."""

    __tablename__ = "run"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("evaluation_id", "position"),
        sa.Index("ix_run_due", "state", "due_at"),
        sa.Index("ix_run_store_state", "store_id", "state", "id"),
        # Most runs have no lane, and few of those that have one are unfinished at a time.
        sa.Index("ix_run_lane", "lane", "state", sqlite_where=HAS_LANE, postgresql_where=HAS_LANE),
        sa.Index(
            "ix_run_customer", "customer_id", "due_at", "id", sqlite_where=TELLS, postgresql_where=TELLS
        ),
        sa.Index("ix_run_suspect", "state", sqlite_where=HAS_DEATHS, postgresql_where=HAS_DEATHS),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    evaluation_id: Mapped[Key] = mapped_column(sa.ForeignKey("evaluation.id"))
    #: Whom the record was about when it fired. Customers are merged, so it is no foreign key.
    customer_id: Mapped[int | None] = mapped_column(Id)
    #: The position of the action in the version, from 0.
    position: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=WAITING)
    #: Why it was skipped, failed, cancelled or is unknown, as a sentence.
    reason: Mapped[str | None]
    due_at: Mapped[dt.datetime]
    tries: Mapped[int] = mapped_column(default=0)
    workflow_id: Mapped[str | None]
    finished_at: Mapped[dt.datetime | None]
    #: When it was held because its automation fired far more than usual.
    held_at: Mapped[dt.datetime | None]
    #: When a person chose to send it before it was due.
    hastened_at: Mapped[dt.datetime | None]
    #: The host to call, for kinds that call one: runs waiting for it hold up no other lane.
    lane: Mapped[str] = mapped_column(default="", server_default="")
    #: When a worker died while performing it, as ISO texts; empty for never.
    deaths: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: Of a message that no action of the version contains: what is sent, as rendered.
    prepared: Mapped[Any] = mapped_column(JsonColumn, nullable=True)

    evaluation: Mapped[Evaluation] = relationship()
    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.id", back_populates="run")
    messages: Mapped[list[Message]] = relationship(order_by="Message.id", back_populates="run")


#: For statements about runs by their ids: without statistics SQLite would read all runs of a state instead.
UNINDEXED_STATE = Run.state.concat("")


def in_order(which: sa.ColumnElement[bool] | sa.Select[int]) -> sa.ColumnElement[bool]:
    """Return the condition that a run is one of `which`, locked by id: two bulk updates cannot deadlock.

    `which` is a condition on runs, or a query for their ids.
    """
    ids = which if isinstance(which, sa.Select) else sa.select(Run.id).where(which)
    # As a CTE it runs once. Inside IN, Postgres may run it for each row while it has no statistics: a query
    # that joins other tables must not stand in a condition either.
    locked = ids.order_by(Run.id).with_for_update(key_share=True, of=Run).cte()
    return Run.id.in_(sa.select(locked.c.id))


class Attempt(Base):
    """One attempt at one part of a run (a part is one recipient); committed before anything is sent."""

    __tablename__ = "attempt"
    __table_args__ = with_autoincrement(
        # Keeps two workers from starting the same attempt at the same message.
        sa.UniqueConstraint("run_id", "part", "number"),
    )

    id: Mapped[PrimaryKey]
    run_id: Mapped[Key] = mapped_column(sa.ForeignKey("run.id"))
    part: Mapped[int] = mapped_column(default=0)
    number: Mapped[int]
    #: started, sent, partly, refused, try_again, uncertain.
    result: Mapped[str] = mapped_column(default="started")
    detail: Mapped[str | None]
    #: What to send, as rendered: actions.base.Prepared as plain data.
    prepared: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: The answer of an API: {"status", "body", "cut"}, with at most 64 kB of text as the body.
    answer: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    provider_id: Mapped[str | None]
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]

    run: Mapped[Run] = relationship(back_populates="attempts")


class Message(Base):
    """A message as it was sent, or as the built-in mailbox stored it."""

    __tablename__ = "message"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("run_id", "part"), sa.Index("ix_message_store_id_id", "store_id", "id")
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    #: Empty for a test message that a person sent to themselves.
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
    #: What stands around the words of an email that has the store's look; empty for a plain one.
    layout: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    provider_id: Mapped[str | None]
    at: Mapped[dt.datetime]

    run: Mapped[Run | None] = relationship(back_populates="messages")
