"""Queries at the cost of the bare driver: written with SQLAlchemy, compiled once per database.

The ORM and Core work out text, parameters and conversions at each call: 100 to 250 µs, where SQLite itself
needs 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import InstrumentedAttribute, Session

from automations.models.db import driver
from automations.models.db.column_types import JsonColumn

Row = dict[str, Any]
Convert = Callable[[Any], Any]


class Lookup:
    """A query whose parameters are `sa.bindparam`s. `make` builds it for the name of a dialect.

    No two of its columns may share a name, and constants are compared one by one, not with `in_`.
    """

    def __init__(self, make: Callable[[str], sa.SelectBase]) -> None:
        self._make = make
        self._plans: dict[str, _SelectPlan] = {}

    def rows(self, session: Session, **values: Any) -> list[Row]:
        """Return the rows for these values of the parameters, in the order of the query."""
        plan, rows = self._asked(session, values)
        return [plan.row(row) for row in rows]

    def ids(self, session: Session, **values: Any) -> list[int]:
        """Return the first column, of a query for ids."""
        return [row[0] for row in self._asked(session, values)[1]]

    def pairs(self, session: Session, **values: Any) -> list[tuple[int, int | None]]:
        """Return the rows of a query for two ids, the second of which may be missing."""
        return [(row[0], row[1]) for row in self._asked(session, values)[1]]

    def first(self, session: Session, **values: Any) -> Row | None:
        """Return the first row, or None."""
        return next(iter(self.rows(session, **values)), None)

    def _asked(self, session: Session, values: Row) -> tuple[_SelectPlan, list[tuple[Any, ...]]]:
        connection = driver.connection_of(session)
        plan = self._plans.get(connection.dialect.name)
        if plan is None:
            plan = self._plans[connection.dialect.name] = _plan(self._make, connection.dialect)
        return plan, driver.rows(connection, plan.sql, plan.given(values))


class RowChange:
    """A statement that changes rows, made like the query of a `Lookup`."""

    def __init__(self, make: Callable[[str], sa.UpdateBase]) -> None:
        self._make = make
        self._plans: dict[str, _Binding] = {}

    def execute(self, session: Session, many: Sequence[Row]) -> None:
        """Execute it once for each of these rows of values."""
        connection = driver.connection_of(session)
        plan = self._plans.get(connection.dialect.name)
        if plan is None:
            compiled = self._make(connection.dialect.name).compile(dialect=connection.dialect)
            plan = self._plans[connection.dialect.name] = _binding(compiled, connection.dialect)
        driver.write(connection, plan.sql, [plan.given(dict(values)) for values in many])


def fixed(word: str) -> sa.ColumnElement[str]:
    """Return a word of the program as text of the query: of it Postgres knows how many rows have it."""
    if not word.isidentifier():
        raise ValueError("Only a word of the program may stand in a query.")
    return sa.literal_column("'" + word + "'", sa.Text())


def in_list(
    column: sa.ColumnElement[Any] | InstrumentedAttribute[Any], name: str, dialect: str
) -> sa.ColumnElement[bool]:
    """Return a condition that `column` is in a list bound as one parameter, whatever its length."""
    if dialect == "sqlite":
        each = sa.func.json_each(sa.bindparam(name, type_=JsonColumn())).table_valued("value")
        return column.in_(sa.select(each.c.value))
    return column == sa.any_(_array(name, column.type))


def listed(name: str, type_: sa.types.TypeEngine[Any], dialect: str) -> sa.ColumnElement[Any]:
    """Return the column of a list bound as one parameter, to be selected from."""
    column = sa.column("value", type_)
    if dialect == "sqlite":
        return sa.func.json_each(sa.bindparam(name, type_=JsonColumn())).table_valued(column).c.value
    return sa.func.unnest(_array(name, type_)).table_valued(column).render_derived().c.value


def _array(name: str, type_: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    array = ARRAY(type_)
    if isinstance(type_, sa.Integer):
        return sa.cast(sa.bindparam(name, type_=_WrittenArray()), array)
    return sa.bindparam(name, type_=array)


class _WrittenArray(sa.types.UserDefinedType[Sequence[int]]):
    """Whole numbers as the text of an array: the driver writes them one by one in Python."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Convert:
        return _written


def _written(values: Sequence[int]) -> str:
    return f"{{{','.join(map(str, values))}}}"


@dataclass(frozen=True, slots=True)
class _Binding:
    """A compiled statement with the conversions of its parameters."""

    sql: str
    #: Names of the parameters by position; None if the driver takes them by name.
    places: tuple[str, ...] | None
    #: The values that stand in the query itself.
    constants: Row
    takes: tuple[tuple[str, Convert], ...]

    def given(self, values: Row) -> Any:
        for name, convert in self.takes:
            values[name] = convert(values[name])
        values |= self.constants
        return values if self.places is None else tuple([values[name] for name in self.places])


@dataclass(frozen=True, slots=True)
class _SelectPlan(_Binding):
    """A compiled query, with the conversions of its columns too."""

    names: tuple[str, ...]
    gives: tuple[tuple[str, Convert], ...]

    def row(self, values: Any) -> Row:
        row = dict(zip(self.names, values, strict=True))
        for name, convert in self.gives:
            row[name] = convert(row[name])
        return row


def _plan(make: Callable[[str], sa.SelectBase], dialect: Dialect) -> _SelectPlan:
    query = make(dialect.name)
    bound = _binding(query.compile(dialect=dialect), dialect)
    gives = {
        column.name: column.type.dialect_impl(dialect).result_processor(dialect, None)
        for column in query.selected_columns
    }
    return _SelectPlan(bound.sql, bound.places, bound.constants, bound.takes, tuple(gives), _only(gives))


def _binding(compiled: Any, dialect: Dialect) -> _Binding:
    converts = {
        name: parameter.type.dialect_impl(dialect).bind_processor(dialect)
        for name, parameter in compiled.binds.items()
    }
    takes = {name: convert for name, convert in converts.items() if compiled.binds[name].required}
    constants = {}
    for name in converts.keys() - takes.keys():
        value, convert = compiled.binds[name].effective_value, converts[name]
        constants[name] = convert(value) if convert else value
    places = compiled.positiontup
    in_order = None if places is None else tuple(places)
    return _Binding(str(compiled), in_order, constants, _only(takes))


def _only(converts: Mapping[str, Convert | None]) -> tuple[tuple[str, Convert], ...]:
    return tuple((name, convert) for name, convert in converts.items() if convert)
