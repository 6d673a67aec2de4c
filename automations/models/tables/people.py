"""People with their roles, sessions and links, and the keys, audit rows and answers of the API."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement
from automations.models.db.column_types import Id, JsonColumn
from automations.models.tables.store import Store

ROLES = ("viewer", "manager", "admin")


class User(Base):
    """A person who can sign in, in one or more stores."""

    __tablename__ = "user"

    id: Mapped[PrimaryKey]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    #: When an admin made the password, who therefore knows it: it opens only the page that changes it.
    password_given_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    disabled_at: Mapped[dt.datetime | None]


class Membership(Base):
    """A person's role in one store."""

    __tablename__ = "membership"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("user_id", "store_id"))

    id: Mapped[PrimaryKey]
    user_id: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    role: Mapped[str]
    #: The columns this person added to the list of orders, by key of web/records/order_columns.
    order_columns: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: The first day of the store on which this person gets the daily summary; empty if they do not want it.
    summaries_from: Mapped[dt.date | None]

    user: Mapped[User] = relationship()
    store: Mapped[Store] = relationship()


class SignIn(Base):
    """A signed-in browser. Its cookie holds a random token, this row only the SHA-256 of it."""

    __tablename__ = "sign_in"

    id: Mapped[PrimaryKey]
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"), index=True)
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    browser: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")

    user: Mapped[User] = relationship()


class SignInFailure(Base):
    """A failed sign-in, kept to slow down guessing."""

    __tablename__ = "sign_in_failure"
    __table_args__ = with_autoincrement(
        sa.Index("ix_sign_in_failure_email_at", "email", "at"),
        sa.Index("ix_sign_in_failure_address_at", "address", "at"),
    )

    id: Mapped[PrimaryKey]
    email: Mapped[str]
    address: Mapped[str]
    at: Mapped[dt.datetime]


class SignInLink(Base):
    """A link by email for setting a password; it works once and expires soon.

    The token is made when the email is sent, and only its SHA-256 is stored.
    """

    __tablename__ = "sign_in_link"
    __table_args__ = with_autoincrement(sa.Index("ix_sign_in_link_due_at", "due_at"))

    id: Mapped[PrimaryKey]
    #: invitation or reset.
    kind: Mapped[str]
    #: As entered; whether anybody has this email is looked up only when the email is written.
    email: Mapped[str] = mapped_column(index=True)
    #: Of an invitation: the store whose mail server sends it, and who invited.
    store_id: Mapped[int | None] = mapped_column(sa.ForeignKey("store.id"))
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime]
    #: When to try next to write the email; empty when it is written or never will be.
    due_at: Mapped[dt.datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    #: The result of sending the email, as a sentence.
    outcome: Mapped[str | None]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    expires_at: Mapped[dt.datetime | None]
    used_at: Mapped[dt.datetime | None]
    #: The message; and with the built-in mailbox, the encrypted link for an admin to pass on.
    message_id: Mapped[int | None] = mapped_column(Id, index=True)
    sealed: Mapped[str | None]


class ApiKey(Base):
    """A key of the JSON API, shown once and stored as SHA-256."""

    __tablename__ = "api_key"

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    secret_hash: Mapped[str] = mapped_column(unique=True)
    #: One or more of web/kit/permissions.SCOPES, separated by spaces.
    scope: Mapped[str] = mapped_column(default="write")
    #: Empty for a key that is valid until it is revoked.
    expires_at: Mapped[dt.datetime | None]
    created_by: Mapped[Key] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime]
    last_used_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]


class Audit(Base):
    """One edit, sign-in, key or test: who, when, and the values before and after."""

    __tablename__ = "audit"
    __table_args__ = with_autoincrement(
        sa.Index("ix_audit_store_id_id", "store_id", "id"),
        sa.Index("ix_audit_number", "number", unique=True),
        sa.Index("ix_audit_user_id_at", "user_id", "at"),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[int | None] = mapped_column(sa.ForeignKey("store.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[dt.datetime]
    action: Mapped[str]
    about: Mapped[str]
    before: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    after: Mapped[Any] = mapped_column(JsonColumn, nullable=True)
    #: The position in the chain, without gaps, and the hash that binds it to the row before: see
    #: models/access/audit.
    number: Mapped[int | None]
    hash: Mapped[str | None]

    user: Mapped[User | None] = relationship()


class AuditHead(Base):
    """The head of the chain of audit rows, in a single row."""

    __tablename__ = "audit_head"

    id: Mapped[PrimaryKey]
    number: Mapped[int]
    hash: Mapped[str]


class IdempotencyKey(Base):
    """The answer given to an idempotency key of the API, so that a repeated request gets the same answer."""

    __tablename__ = "idempotency_key"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "key"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    key: Mapped[str]
    body_hash: Mapped[str]
    status: Mapped[int]
    answer: Mapped[str]
    created_at: Mapped[dt.datetime]
