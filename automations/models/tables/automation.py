"""Automations as managers edit them, and their frozen versions, which are evaluated."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import Id, JsonColumn
from automations.models.tables.people import User

#: Automations that the worker still has to pause.
PAUSING = sa.text("paused_for IS NOT NULL AND paused_at IS NULL")


class Automation(Base):
    """The draft and a link to the live version; `active_version_id` is empty while the automation is off."""

    __tablename__ = "automation"
    __table_args__ = with_autoincrement(
        sa.UniqueConstraint("store_id", "name"),
        sa.Index("ix_automation_paused_for", "paused_for", sqlite_where=PAUSING, postgresql_where=PAUSING),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    name: Mapped[str]
    #: {"subject", "trigger", "conditions", "actions"}, complete or not.
    draft: Mapped[Any] = mapped_column(JsonColumn)
    #: Incremented with each save, so that the second of two concurrent editors gets a conflict.
    revision: Mapped[int] = mapped_column(default=1)
    position: Mapped[int] = mapped_column(default=0)
    latest_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("version.id", use_alter=True))
    active_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("version.id", use_alter=True))
    created_by: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    updated_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    #: The group under which people list it; empty for none.
    group_name: Mapped[str] = mapped_column(default="", server_default="")
    #: Archived instead of deleted: hidden and off, with a readable log. `archived_by` is a user id.
    archived_at: Mapped[dt.datetime | None]
    archived_by: Mapped[int | None] = mapped_column(Id)
    #: User id of the owner, whose rights it acts with; empty means the creator, until someone takes it over.
    owner_id: Mapped[int | None] = mapped_column(Id)
    #: The held evaluation it is to be paused for; set at once, while the worker does the pausing.
    paused_for: Mapped[int | None] = mapped_column(Id)
    #: When it was paused for that, and the sentence that says why.
    paused_at: Mapped[dt.datetime | None]
    paused_why: Mapped[str | None]
    #: Instead of by its past it is held after so many in an hour, or never, for this reason.
    hold_limit: Mapped[int | None]
    hold_off: Mapped[str | None]

    latest_version: Mapped[Version | None] = relationship(foreign_keys=[latest_version_id], post_update=True)
    active_version: Mapped[Version | None] = relationship(foreign_keys=[active_version_id], post_update=True)
    editor: Mapped[User | None] = relationship(foreign_keys=[updated_by])


class Version(Base):
    """One published state, never changed again. Every run belongs to one version."""

    __tablename__ = "version"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("automation_id", "number"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    automation_id: Mapped[Key] = mapped_column(sa.ForeignKey("automation.id"))
    number: Mapped[int]
    #: The automation's name when it was published.
    name: Mapped[str]
    subject: Mapped[str]
    trigger: Mapped[str]
    definition: Mapped[Any] = mapped_column(JsonColumn)
    #: What the kinds of its actions said when it was published, in the order of the actions:
    #: {"lane": the host it calls or "", "marketing": bool}. So a sale is judged without the action kinds.
    action_traits: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    published_at: Mapped[dt.datetime]
    published_by: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    #: Whether it was made for shadow mode: it is evaluated, and its actions are never done. Never changed.
    shadow: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    automation: Mapped[Automation] = relationship(foreign_keys=[automation_id])
    publisher: Mapped[User] = relationship()


class Listening(Base):
    """The range of ruleset numbers in which a version was live; the log finds out from it who listened."""

    __tablename__ = "listening"
    __table_args__ = with_autoincrement(
        sa.Index("ix_listening_span", "store_id", "subject", "trigger", "until_ruleset", "from_ruleset"),
        sa.Index("ix_listening_version_id", "version_id"),
        sa.Index("ix_listening_changes", "store_id", "from_ruleset"),
        sa.Index("ix_listening_ends", "store_id", "until_ruleset"),
        sa.Index("ix_listening_trigger", "trigger", "id"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    version_id: Mapped[Key] = mapped_column(sa.ForeignKey("version.id"))
    subject: Mapped[str]
    trigger: Mapped[str]
    #: Live for rulesets r with from_ruleset <= r < until_ruleset.
    from_ruleset: Mapped[int]
    until_ruleset: Mapped[int] = mapped_column(default=2**62)
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]

    version: Mapped[Version] = relationship()
