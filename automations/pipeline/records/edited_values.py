"""What an edit changed of a record, kept as plain data so that it can be put back. Pure.

The store's own fields are kept one by one, by their full keys: two people may each change another one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from automations.engine.fields.subject import CUSTOM
from automations.models.db.column_types import MoneyColumn
from automations.pipeline.records.evaluation_context import plain
from automations.pipeline.records.order_totals import MARKS, as_kept
from automations.pipeline.records.record_kinds import KINDS
from automations.pipeline.records.snapshots import same

Row = Mapping[str, Any]
Plain = dict[str, Any]
#: What always follows from the items.
_FOLLOWS = frozenset({"item_count"})


def changed(subject: str, before: Row, after: Row) -> tuple[Plain, Plain]:
    """Return what differs, as it was and as it is now; nothing if only marks differ.

    A total that was and is added up from the items is left out: it follows them.
    """
    settable = KINDS[subject].settable - _FOLLOWS - {"custom"}
    names = [name for name in sorted(settable) if not same(before[name], after[name])]
    if before.get("total_given") is False and not after["total_given"]:
        names = [name for name in names if name != "total"]
    was, now = ({name: _kept(row[name]) for name in names} for row in (before, after))
    own_was, own_now = _own(before), _own(after)
    for key in sorted(own_was.keys() | own_now.keys()):
        if own_was.get(key) != own_now.get(key):
            was[key], now[key] = own_was.get(key), own_now.get(key)
    if was.keys() <= MARKS:
        return {}, {}
    if "total" in was and "total_given" in before:
        was["total_given"] = before["total_given"]
    return was, now


def changed_since(after: Row, now: Row) -> list[str]:
    """Return the names of what is no longer as the edit left it."""
    present = {name: _kept(value) for name, value in now.items()} | _own(now)
    return [name for name, value in after.items() if name not in MARKS and present.get(name) != value]


def to_put_back(subject: str, before: Row, after: Row) -> dict[str, Any]:
    """Return the columns of a change that puts back what `changed` returned, with typed values."""
    columns, own = KINDS[subject].table.columns, {}
    values: dict[str, Any] = {}
    for name in after:
        if name.startswith(CUSTOM):
            own[name.removeprefix(CUSTOM)] = before[name]
        elif name != "total_given":
            values[name] = _typed(columns[name].type, before[name])
    if "total" in values and before.get("total_given") is False:
        # It was added up, and will be again.
        values["total"] = None
    return values | ({"custom": own} if own else {})


def _kept(value: Any) -> Any:
    return str(as_kept(value)) if isinstance(value, Decimal) else plain(value)


def _own(row: Row) -> Plain:
    return {f"{CUSTOM}{key}": value for key, value in (row["custom"] or {}).items()}


def _typed(column_type: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is not None and isinstance(column_type, MoneyColumn):
        return Decimal(value)
    if value is not None and isinstance(column_type, sa.Date):
        return dt.date.fromisoformat(value)
    return value
