"""Many rows at the price of the driver: the statement and the conversions are worked out once a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from automations.models import driver
from automations.models.types import Instant, Json

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """One statement, and for each of its values the name in a row and how the database takes it."""

    sql: str
    names: tuple[str, ...]
    #: Places of the values that are converted.
    converts: tuple[tuple[int, Convert], ...]

    def values(self, row: Mapping[str, Any]) -> list[Any]:
        values = list(map(row.get, self.names))
        for place, convert in self.converts:
            values[place] = convert(values[place])
        return values


_plans: dict[tuple[str, str, bool], _Plan] = {}


def insert(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given by column name; what a row does not name becomes NULL, not the column's default."""
    _run(session, table, rows, update=False)


def update(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write whole rows over the ones with the same `id`."""
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


def _insert_plan(table: sa.Table, dialect: Dialect) -> _Plan:
    columns = list(table.columns)
    names = ", ".join(_quoted(dialect, column) for column in columns)
    marks = ", ".join([_mark(dialect)] * len(columns))
    target = dialect.identifier_preparer.format_table(table)
    return _planned(" ".join(("INSERT INTO", target, "(", names, ") VALUES (", marks, ")")), columns, dialect)


def _update_plan(table: sa.Table, dialect: Dialect) -> _Plan:
    columns = [column for column in table.columns if column.name != "id"]
    changes = ", ".join(f"{_quoted(dialect, column)} = {_mark(dialect)}" for column in columns)
    target = dialect.identifier_preparer.format_table(table)
    sql = " ".join(("UPDATE", target, "SET", changes, "WHERE id =", _mark(dialect)))
    return _planned(sql, [*columns, table.columns["id"]], dialect)


def _planned(sql: str, columns: Sequence[sa.Column[Any]], dialect: Dialect) -> _Plan:
    converts = [(place, _convert(column, dialect)) for place, column in enumerate(columns)]
    found = tuple((place, convert) for place, convert in converts if convert)
    return _Plan(sql, tuple(column.name for column in columns), found)


def _convert(column: sa.Column[Any], dialect: Dialect) -> Convert | None:
    convert: Convert | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    if isinstance(column.type, Json):
        return Json.text
    return _same_again(convert) if convert and isinstance(column.type, Instant) else convert


def _same_again(convert: Convert) -> Convert:
    """The rows of a batch share their instants, and writing one as text costs 2 µs."""
    last: tuple[Any, Any] = (None, convert(None))

    def remembered(value: Any) -> Any:
        nonlocal last
        known = last
        if value is not known[0]:
            known = last = (value, convert(value))
        return known[1]

    return remembered


def _quoted(dialect: Dialect, column: sa.Column[Any]) -> str:
    return dialect.identifier_preparer.quote(column.name)


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"
