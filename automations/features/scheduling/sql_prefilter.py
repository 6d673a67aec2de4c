"""The part of a rule that SQL can check, so that a schedule for all records loads few of them.

It may let too many records through, never too few: those are then evaluated in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import sqlalchemy as sa

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import Value, parse
from automations.engine.rules.rule import Condition, Rule
from automations.engine.rules.trigger_schedule import Scheduled
from automations.models.db.column_types import MONEY_LIMIT, MONEY_SCALE, InstantColumn, MoneyColumn
from automations.models.tables.store import Store

Clause = sa.ColumnElement[bool]

_ORDERED: Mapping[str, Callable[[sa.Column[Any], Any], Clause]] = {
    "greater_than": lambda column, value: column > value,
    "less_than": lambda column, value: column < value,
    "at_least": lambda column, value: column >= value,
    "at_most": lambda column, value: column <= value,
}
#: The operators whose value is the upper end of what they hold for.
_UPPER = frozenset({"less_than", "at_most"})
_MEMBERS = sa.table("segment_member", sa.column("segment_id"), sa.column("customer_id"))
#: The columns that hold exactly a field's value, by the type of the field.
_COLUMNS: Mapping[str, type | tuple[type, ...]] = {
    "choice": sa.Text,
    "money": MoneyColumn,
    "date": sa.Date,
    "datetime": InstantColumn,
}


def clauses(rule: Rule, table: sa.Table) -> Iterator[Clause]:
    """Yield SQL conditions that hold for every record the rule fires for, and the segment of a schedule.

    The segment is the only part that is not evaluated again.
    """
    schedule = rule.trigger.schedule
    if isinstance(schedule, Scheduled) and schedule.segment:
        members = sa.select(_MEMBERS.c.customer_id).where(_MEMBERS.c.segment_id == int(schedule.segment))
        yield table.c.id.in_(members)
    fields = SUBJECTS[rule.subject].fields
    for node in rule.conditions:
        field = fields.get(node.field) if isinstance(node, Condition) else None
        if field is None or not isinstance(node, Condition) or field.path != (field.key,):
            continue
        column = table.c.get(field.key)
        if column is not None and isinstance(column.type, _COLUMNS.get(field.type, ())):
            for clause in _clause(node, column, field.type):
                is_foreign = _in_another_currency(table) if field.is_amount_of_record else None
                yield clause if is_foreign is None else clause | is_foreign


def _in_another_currency(table: sa.Table) -> Clause | None:
    """Return where amounts can't be compared, which is for the evaluation to say; None if all can be."""
    if "currency" not in table.c:
        return None
    own = sa.select(Store.currency).where(Store.id == table.c.store_id).scalar_subquery()
    return table.c.currency != own


def _clause(condition: Condition, column: sa.Column[Any], type: str) -> Iterator[Clause]:
    value = condition.value
    if condition.operator == "equals" and isinstance(value, str):
        yield column == _end(type, value)
    elif condition.operator == "is_one_of" and isinstance(value, tuple):
        yield column.in_([_end(type, item) for item in value])
    elif condition.operator in _ORDERED and isinstance(value, str):
        rounding = ROUND_CEILING if condition.operator in _UPPER else ROUND_FLOOR
        yield _ORDERED[condition.operator](column, _end(type, value, rounding))
    elif condition.operator == "between" and isinstance(value, tuple) and len(value) == 2:
        yield column.between(_end(type, value[0]), _end(type, value[1], ROUND_CEILING))
    elif condition.operator == "is_empty":
        yield column.is_(None)


def _end(type: str, text: str, rounding: str = ROUND_FLOOR) -> Value:
    """Return the value of a condition as a column can hold it: an amount in thousandths, within the limit."""
    value = parse(type, text)
    if not isinstance(value, Decimal):
        return value
    # The column would cut 20.1055 to 20.105, and leave out an order of 20.105 that is less.
    return max(-MONEY_LIMIT, min(MONEY_LIMIT, value)).quantize(Decimal(1) / MONEY_SCALE, rounding)
