"""The part of a rule that SQL can check, so that a schedule for all records loads few of them.

It may let too many records through, never too few: those are then evaluated in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import parse
from automations.engine.rules.rule import Condition, Rule
from automations.engine.rules.trigger_schedule import Scheduled
from automations.models.db.column_types import InstantColumn, MoneyColumn

Clause = sa.ColumnElement[bool]

_ORDERED: Mapping[str, Callable[[sa.Column[Any], Any], Clause]] = {
    "greater_than": lambda column, value: column > value,
    "less_than": lambda column, value: column < value,
    "at_least": lambda column, value: column >= value,
    "at_most": lambda column, value: column <= value,
}
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
            yield from _clause(node, column, field.type)


def _clause(condition: Condition, column: sa.Column[Any], type: str) -> Iterator[Clause]:
    value = condition.value
    if condition.operator == "equals" and isinstance(value, str):
        yield column == parse(type, value)
    elif condition.operator == "is_one_of" and isinstance(value, tuple):
        yield column.in_([parse(type, item) for item in value])
    elif condition.operator in _ORDERED and isinstance(value, str):
        yield _ORDERED[condition.operator](column, parse(type, value))
    elif condition.operator == "between" and isinstance(value, tuple) and len(value) == 2:
        yield column.between(parse(type, value[0]), parse(type, value[1]))
    elif condition.operator == "is_empty":
        yield column.is_(None)
