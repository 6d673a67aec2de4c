"""Many rows at the cost of the bare driver: statement and conversions are worked out once per table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from automations.models.db import driver
from automations.models.db.column_types import JsonColumn

Convert = Callable[[Any], Any]
#: From this number of rows on, Postgres gets them as a stream: it reads them faster than as many statements.
COPIED = 8


@dataclass(frozen=True, slots=True)
class _WritePlan:
    """One statement; for each of its values the name in a row and the conversion for the database."""

    sql: str
    names: tuple[str, ...]
    #: Positions of the values to convert, each with its conversion.
    converts: tuple[tuple[int, Convert], ...]
    #: The statement that takes many rows as a stream, where the database has one.
    copy: str = ""

    def values(self, rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """Return the values of the rows for the database."""
        names = self.names
        converted = [list(map(row.get, names)) for row in rows]
        for place, convert in self.converts:
            # A batch shares its instants and its empty values, and converting costs more than comparing.
            last: Any = None
            shared = convert(None)
            for values in converted:
                value = values[place]
                if value is not last:
                    last, shared = value, convert(value)
                values[place] = shared
        return converted


_plans: dict[tuple[str, str, bool], _WritePlan] = {}


def insert(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given by column name; a missing column becomes NULL, not the column's default."""
    _run(session, table, rows, update=False)


def update(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Overwrite the rows with the same `id` by whole rows."""
    _run(session, table, rows, update=True)


def _run(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]], update: bool) -> None:
    if not rows:
        return
    connection = driver.connection_of(session)
    key = (connection.dialect.name, table.name, update)
    plan = _plans.get(key)
    if plan is None:
        make = _update_plan if update else _insert_plan
        plan = _plans[key] = make(table, connection.dialect)
    values = plan.values(rows)
    if plan.copy and len(values) >= COPIED:
        driver.copy(connection, plan.copy, values)
    else:
        driver.write(connection, plan.sql, values)


def _insert_plan(table: sa.Table, dialect: Dialect) -> _WritePlan:
    columns = list(table.columns)
    names = ", ".join(_quoted(dialect, column) for column in columns)
    marks = ", ".join([_mark(dialect)] * len(columns))
    target = dialect.identifier_preparer.format_table(table)
    plan = _planned(" ".join(("INSERT INTO", target, "(", names, ") VALUES (", marks, ")")), columns, dialect)
    copy = " ".join(("COPY", target, "(", names, ") FROM STDIN"))
    return replace(plan, copy=copy) if dialect.name == "postgresql" else plan


def _update_plan(table: sa.Table, dialect: Dialect) -> _WritePlan:
    columns = [column for column in table.columns if column.name != "id"]
    changes = ", ".join(f"{_quoted(dialect, column)} = {_mark(dialect)}" for column in columns)
    target = dialect.identifier_preparer.format_table(table)
    sql = " ".join(("UPDATE", target, "SET", changes, "WHERE id =", _mark(dialect)))
    return _planned(sql, [*columns, table.columns["id"]], dialect)


def _planned(sql: str, columns: Sequence[sa.Column[Any]], dialect: Dialect) -> _WritePlan:
    converts = [(place, _convert(column, dialect)) for place, column in enumerate(columns)]
    needed = tuple((place, convert) for place, convert in converts if convert)
    return _WritePlan(sql, tuple(column.name for column in columns), needed)


def _convert(column: sa.Column[Any], dialect: Dialect) -> Convert | None:
    convert: Convert | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    return JsonColumn.text if isinstance(column.type, JsonColumn) else convert


def _quoted(dialect: Dialect, column: sa.Column[Any]) -> str:
    return dialect.identifier_preparer.quote(column.name)


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"
