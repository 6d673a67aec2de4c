"""The session, and the one way to write."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from psycopg.pq import TransactionStatus
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, registry

from automations.models import driver
from automations.models.driver import CONNECTION
from automations.models.types import Id, Instant, Money

T = TypeVar("T")

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

#: Serialization failure, deadlock, and a unique violation: somebody else made the same order, customer
#: or key at the same moment, and the work done again finds theirs.
RETRIED = frozenset({"40001", "40P01", "23505"})

#: The primary key of every table. Ids are never used twice: a log that names run 9 means that run for ever.
PrimaryKey = Annotated[int, mapped_column(Id, primary_key=True, autoincrement=True)]
Key = Annotated[int, mapped_column(Id)]


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMES)
    # Flask-SQLAlchemy raises on a type_annotation_map set on the base itself.
    registry = registry(
        metadata=metadata,
        type_annotation_map={dt.datetime: Instant(), Decimal: Money(), int: sa.BigInteger(), str: sa.Text()},
    )
    __table_args__: Any = {"sqlite_autoincrement": True}


db = SQLAlchemy(model_class=Base)

LONGEST_TURN = 10.0
#: Where `write()` notes in `session.info` what is to be done after its commit.
COMMITTED = "committed"
_turns: WeakKeyDictionary[Any, threading.Lock] = WeakKeyDictionary()


def with_autoincrement(*constraints: sa.schema.SchemaItem) -> tuple[Any, ...]:
    """A table's constraints together with the option that keeps SQLite from reusing ids."""
    return (*constraints, {"sqlite_autoincrement": True})


@contextmanager
def write() -> Iterator[Session]:
    """One transaction that may write; commits at the end, rolls back on any error.

    Ends the reading transaction first: SQLite refuses to let a reader that saw an older
    state become a writer, so what was loaded before is loaded again inside.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("A write transaction is already open in this session.")
    session.info["writing"] = True
    try:
        with _turn(session):
            session.info[CONNECTION] = _begin(session)
            yield session
            session.commit()
            for work in session.info.pop(COMMITTED, ()):
                work()
    except BaseException:
        session.rollback()
        raise
    finally:
        for note in ("writing", CONNECTION, COMMITTED):
            session.info.pop(note, None)


def on_commit(session: Session, work: Callable[[], None]) -> None:
    """Do `work` once the transaction of `write()` is committed; nothing where it is rolled back."""
    session.info.setdefault(COMMITTED, {})[work] = None


@contextmanager
def _turn(session: Session) -> Iterator[None]:
    """The threads of one process write to SQLite in turn: its own way of waiting sleeps up to 100 ms.

    Who waited too long goes on without: other processes hold no turn either, the database decides.
    """
    engine = session.get_bind()
    if engine.dialect.name != "sqlite":
        yield
        return
    turn = _turns.setdefault(engine, threading.Lock())
    has_turn = turn.acquire(timeout=LONGEST_TURN)
    try:
        yield
    finally:
        if has_turn:
            turn.release()


def _begin(session: Session) -> sa.Connection:
    """On the connection that was read from, where there is one: another costs as much as three queries."""
    if session.new or session.dirty or session.deleted or not session.in_transaction():
        session.rollback()
        return session.connection(execution_options={"writes": True})
    session.expire_all()
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        driver.command(connection, "ROLLBACK")
        driver.command(connection, "BEGIN IMMEDIATE")
    elif not _goes_on(connection):
        driver.command(connection, "ROLLBACK")
    return connection


def _goes_on(connection: sa.Connection) -> bool:
    """Whether Postgres can write where it has only read: each statement sees what was committed before it."""
    driver: Any = connection.connection.driver_connection
    return bool(driver.info.transaction_status == TransactionStatus.INTRANS)


def in_write(work: Callable[[Session], T], tries: int = 5) -> T:
    """Run `work` in a write transaction, again from the start when the database asks for that."""
    for left in range(tries - 1, -1, -1):
        try:
            with write() as session:
                return work(session)
        except sa.exc.DBAPIError as error:
            if not left or not wants_another_try(error):
                raise
    raise AssertionError("unreachable")


def wants_another_try(error: sa.exc.DBAPIError) -> bool:
    """Whether the same work may succeed now: see RETRIED, or a connection lost before the commit."""
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in RETRIED
