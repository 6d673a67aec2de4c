"""Many rows at the cost of the bare driver: statement and conversions are worked out once per table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from automations.models.db import driver
from automations.models.db.column_types import InstantColumn, JsonColumn

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _WritePlan:
    """One statement; for each of its values the name in a row and the conversion for the database."""

    sql: str
    names: tuple[str, ...]
    #: Positions of the values to convert, each with its conversion.
    converts: tuple[tuple[int, Convert], ...]

    def values(self, row: Mapping[str, Any]) -> list[Any]:
        values = list(map(row.get, self.names))
        for place, convert in self.converts:
            values[place] = convert(values[place])
        return values


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
    driver.write(connection, plan.sql, [plan.values(row) for row in rows])


def _insert_plan(table: sa.Table, dialect: Dialect) -> _WritePlan:
    columns = list(table.columns)
    names = ", ".join(_quoted(dialect, column) for column in columns)
    marks = ", ".join([_mark(dialect)] * len(columns))
    target = dialect.identifier_preparer.format_table(table)
    return _planned(" ".join(("INSERT INTO", target, "(", names, ") VALUES (", marks, ")")), columns, dialect)


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
    if isinstance(column.type, JsonColumn):
        return JsonColumn.text
    return _remembering_last(convert) if convert and isinstance(column.type, InstantColumn) else convert


def _remembering_last(convert: Convert) -> Convert:
    """Return `convert` with a memory of one value: a batch shares its instants, and converting costs 2 µs."""
    last: tuple[Any, Any] = (None, convert(None))

    def remembered(value: Any) -> Any:
        nonlocal last
        pair = last
        if value is not pair[0]:
            pair = last = (value, convert(value))
        return pair[1]

    return remembered


def _quoted(dialect: Dialect, column: sa.Column[Any]) -> str:
    return dialect.identifier_preparer.quote(column.name)


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"
