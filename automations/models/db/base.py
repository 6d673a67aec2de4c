"""The session, and `write()`, the only way to write."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from psycopg.pq import TransactionStatus
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, registry

from automations.faults import crash
from automations.models.db import driver, write_turn
from automations.models.db.column_types import Id, InstantColumn, MoneyColumn
from automations.models.db.driver import CONNECTION

T = TypeVar("T")

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

#: Serialization failure, deadlock, and unique violation: someone else created the same order, customer
#: or key at the same moment, and running the work again finds theirs.
RETRIED = frozenset({"40001", "40P01", "23505"})

#: Disk full and I/O error, in the terms of either database.
FULL = frozenset({"53100", "58030"})
SQLITE_FULL = ("disk is full", "disk I/O error", "unable to open database file", "readonly database")
#: Seconds between two tries while the database is unavailable, and the number of tries.
PAUSE = 1.0
LONGEST_AWAY = 300

#: The primary key of every table. Ids are never reused: a log that names run 9 means that run for ever.
PrimaryKey = Annotated[int, mapped_column(Id, primary_key=True, autoincrement=True)]
Key = Annotated[int, mapped_column(Id)]


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMES)
    # Flask-SQLAlchemy raises on a type_annotation_map set on the base itself.
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            dt.datetime: InstantColumn(),
            Decimal: MoneyColumn(),
            int: sa.BigInteger(),
            str: sa.Text(),
        },
    )
    __table_args__: Any = {"sqlite_autoincrement": True}


class CommitUnknown(Exception):
    """The connection was lost during the commit: the changes may or may not be stored."""


db = SQLAlchemy(model_class=Base)

#: Key in `session.info` under which `write()` collects what is to be done after its commit.
COMMITTED = "committed"
_takes_nothing = threading.Event()


def with_autoincrement(*constraints: sa.schema.SchemaItem) -> tuple[Any, ...]:
    """Return a table's constraints together with the option that keeps SQLite from reusing ids."""
    return (*constraints, {"sqlite_autoincrement": True})


@contextmanager
def write() -> Iterator[Session]:
    """Open the one transaction that may write; it commits at the end and rolls back on any error.

    Ends the reading transaction first: SQLite does not let a reader of an older snapshot become a writer, so
    whatever was loaded before is loaded again inside. Raises CommitUnknown.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("A write transaction is already open in this session.")
    session.info["writing"] = True
    try:
        with _turn(session):
            session.info[CONNECTION] = _begin(session)
            yield session
            _commit(session)
            _takes_nothing.clear()
            for work in session.info.pop(COMMITTED, ()):
                work()
    except BaseException as error:
        session.rollback()
        if isinstance(error, sa.exc.DBAPIError) and is_disk_full(error):
            _takes_nothing.set()
        raise
    finally:
        for note in ("writing", CONNECTION, COMMITTED):
            session.info.pop(note, None)


def free_connection() -> None:
    """Give back the connection of this thread's session, if there is one."""
    if db.session.registry.has():
        db.session.rollback()


def on_commit(session: Session, work: Callable[[], None]) -> None:
    """Do `work` once the transaction of `write()` is committed; never if it is rolled back."""
    session.info.setdefault(COMMITTED, {})[work] = None


def _commit(session: Session) -> None:
    session.flush()
    crash.at("write.before_commit")
    try:
        session.commit()
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise CommitUnknown("The connection to the database broke during the commit.") from error
        raise
    crash.at("write.committed")


@contextmanager
def _turn(session: Session) -> Iterator[None]:
    """Let those who write to SQLite take turns."""
    engine = session.get_bind().engine
    if engine.dialect.name != "sqlite":
        yield
        return
    with write_turn.turns_of(engine).turn():
        yield


def _begin(session: Session) -> sa.Connection:
    """Begin writing, on the connection that was read from if there is one: another costs three queries."""
    if session.new or session.dirty or session.deleted or not session.in_transaction():
        session.rollback()
        return session.connection(execution_options={"writes": True})
    session.expire_all()
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        driver.command(connection, "ROLLBACK")
        driver.command(connection, "BEGIN IMMEDIATE")
    elif not _may_continue(connection):
        driver.command(connection, "ROLLBACK")
    return connection


def _may_continue(connection: sa.Connection) -> bool:
    """Return whether Postgres can go on to write in this transaction: each statement sees earlier commits."""
    driver: Any = connection.connection.driver_connection
    return bool(driver.info.transaction_status == TransactionStatus.INTRANS)


def run_in_write(work: Callable[[Session], T], tries: int = 5, *, repeatable: bool = False) -> T:
    """Run `work` in a write transaction, from the start again when the database asks for a retry.

    `repeatable` says that running it twice changes nothing more: then it is also retried when it may already
    be stored, and a database that is unavailable is waited for. Otherwise CommitUnknown or the error is
    raised.
    """
    pauses = LONGEST_AWAY if repeatable else 0
    while True:
        try:
            with write() as session:
                return work(session)
        except (CommitUnknown, sa.exc.DBAPIError) as error:
            if pauses and is_unavailable(error):
                pauses -= 1
                time.sleep(PAUSE)
                continue
            tries -= 1
            if not tries or isinstance(error, CommitUnknown) or not is_retryable(error):
                raise


def run_in_read(work: Callable[[Session], T]) -> T:
    """Run `work`, which only reads, again from the start as long as the database is unavailable."""
    pauses = LONGEST_AWAY
    while True:
        session = db.session()
        try:
            return work(session)
        except sa.exc.DBAPIError as error:
            session.rollback()
            if not pauses or not is_unavailable(error):
                raise
            pauses -= 1
            time.sleep(PAUSE)


def is_retryable(error: sa.exc.DBAPIError) -> bool:
    """Return whether the same work may succeed now: RETRIED, or a connection lost before the commit."""
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in RETRIED


class _Overtaken(Exception):
    sqlstate = "40001"


def overtaken(what: str) -> sa.exc.OperationalError:
    """Return the error of a transaction that read what another has changed since: the work is run again."""
    return sa.exc.OperationalError(what, None, _Overtaken(what))


def is_unavailable(error: Exception) -> bool:
    """Return whether the database is unavailable: no connection can be made, or nothing can be stored."""
    if not isinstance(error, sa.exc.DBAPIError):
        return isinstance(error, CommitUnknown)
    # An error before there is a connection has no statement.
    return error.connection_invalidated or error.statement is None or is_disk_full(error)


def is_disk_full(error: BaseException) -> bool:
    """Return whether an error of the database, or of its driver, says that the disk is full or broken."""
    original = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    message = str(original)
    return getattr(original, "sqlstate", None) in FULL or any(words in message for words in SQLITE_FULL)


def takes_nothing() -> bool:
    """Return whether the last write of this process found the disk full."""
    return _takes_nothing.is_set()


def unavailable_reason(error: sa.exc.DBAPIError) -> str:
    """Return why the database is unavailable, as a sentence for whoever starts a program."""
    return (
        "The disk of the database takes nothing." if is_disk_full(error) else "The database does not answer."
    )
