"""Many rows at the cost of the bare driver: statements and conversions are worked out once per table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from automations.models.db import driver
from automations.models.db.column_types import InstantColumn, JsonColumn, MoneyColumn

Convert = Callable[[Any], Any]
#: From this number of rows on, Postgres gets them as a stream: it reads them faster than as many statements.
COPIED = 8


@dataclass(frozen=True, slots=True)
class _ColumnWriter:
    """A column as a statement writes it."""

    name: str
    quoted: str
    convert: Convert | None
    #: Whether it is NULL in a row that does not name it.
    optional: bool

    def converted(self, values: Sequence[Any]) -> Sequence[Any]:
        """Return the values of this column for the database."""
        convert = self.convert
        if convert is None:
            return values
        # A batch shares its instants and its empty values, and converting costs more than comparing.
        last = values[0]
        shared, converted = convert(last), []
        for value in values:
            if value is not last:
                last, shared = value, convert(value)
            converted.append(shared)
        return converted


@dataclass(frozen=True, slots=True)
class _WritePlan:
    """The columns of a table, and the statements that were made of them, by the columns they name."""

    target: str
    columns: tuple[_ColumnWriter, ...]
    names: tuple[str, ...]
    statements: dict[tuple[str, ...], str] = field(default_factory=dict)

    def filled(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[_ColumnWriter, Sequence[Any]]]:
        """Yield the columns that are not NULL in all rows, each with its values."""
        count = len(rows)
        for column, values in self.all(rows):
            if values[0] is not None or not column.optional or values.count(None) < count:
                yield column, values

    def all(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[_ColumnWriter, Sequence[Any]]]:
        """Yield all columns, each with its values."""
        return zip(self.columns, zip(*[map(row.get, self.names) for row in rows], strict=True), strict=True)


_plans: dict[tuple[str, str, bool], _WritePlan] = {}


def insert(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given by column name; a missing column becomes NULL, not the column's default."""
    if not rows:
        return
    connection = driver.connection_of(session)
    plan = _plan(table, connection.dialect, update=False)
    # What no row has is not even named: each column costs the database about as much as an index entry.
    columns, values = zip(*plan.filled(rows), strict=True)
    many = [column.converted(each) for column, each in zip(columns, values, strict=True)]
    copied = connection.dialect.name == "postgresql" and len(rows) >= COPIED
    names = tuple([column.quoted for column in columns])
    key = ("COPY", *names) if copied else names
    sql = plan.statements.get(key)
    if sql is None:
        made = _copy(plan.target, names) if copied else _insert(plan.target, names, connection.dialect)
        sql = plan.statements[key] = made
    (driver.copy if copied else driver.write)(connection, sql, list(zip(*many, strict=True)))


def update(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Overwrite the rows with the same `id` by whole rows."""
    if not rows:
        return
    connection = driver.connection_of(session)
    plan = _plan(table, connection.dialect, update=True)
    sql = plan.statements.get(())
    if sql is None:
        sql = plan.statements[()] = _update(plan.target, plan.columns, connection.dialect)
    many = [column.converted(values) for column, values in plan.all(rows)]
    driver.write(connection, sql, list(zip(*many, strict=True)))


def _plan(table: sa.Table, dialect: Dialect, update: bool) -> _WritePlan:
    key = (dialect.name, table.name, update)
    plan = _plans.get(key)
    if plan is None:
        columns = [column for column in table.columns if column.name != "id"]
        ordered = [*columns, table.columns["id"]] if update else list(table.columns)
        written = tuple(_written(column, dialect) for column in ordered)
        target = dialect.identifier_preparer.format_table(table)
        plan = _plans[key] = _WritePlan(target, written, tuple(column.name for column in written))
    return plan


def _written(column: sa.Column[Any], dialect: Dialect) -> _ColumnWriter:
    convert: Convert | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    if isinstance(column.type, JsonColumn | MoneyColumn):
        convert = column.type.stored
    if convert and isinstance(column.type, InstantColumn):
        convert = _remembering(convert)
    optional = bool(column.nullable and column.server_default is None)
    return _ColumnWriter(column.name, dialect.identifier_preparer.quote(column.name), convert, optional)


def _remembering(convert: Convert) -> Convert:
    """Return the conversion of instants that remembers the latest: most of a row are that of the change."""
    known = lru_cache(maxsize=64)(convert)

    def converted(value: dt.datetime | None) -> Any:
        # In a zone whose clocks are set back, two instants an hour apart are equal.
        return known(value) if value is None or value.tzinfo is dt.UTC else convert(value)

    return converted


def _insert(target: str, names: Sequence[str], dialect: Dialect) -> str:
    marks = ", ".join([_mark(dialect)] * len(names))
    return " ".join(("INSERT INTO", target, "(", ", ".join(names), ") VALUES (", marks, ")"))


def _copy(target: str, names: Sequence[str]) -> str:
    return " ".join(("COPY", target, "(", ", ".join(names), ") FROM STDIN"))


def _update(target: str, columns: Sequence[_ColumnWriter], dialect: Dialect) -> str:
    changes = ", ".join(f"{column.quoted} = {_mark(dialect)}" for column in columns[:-1])
    return " ".join(("UPDATE", target, "SET", changes, "WHERE id =", _mark(dialect)))


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"
