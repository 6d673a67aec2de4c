"""The one rule of an order's total. Pure.

A total that was given stays until it is changed; one that was added up follows the lines. The order's
`total_given` says which it is. Forms, the API, webhooks and actions all pass here, by way of `receive`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from automations.models.db.column_types import MONEY_SCALE, from_thousandths

Line = Mapping[str, Any]
#: The columns that say how another is to be read.
MARKS = frozenset({"total_given"})


def follow(before: Mapping[str, Any] | None, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the columns of a change with what follows from them; `before` is None for a new order.

    A `total` of None asks for the sum of the lines. The total that the order has, sent again with the lines
    that it has, is no change: it stays what it was, given or added up.
    """
    if "total" not in values and "lines" not in values:
        return values
    old = before or {"total": None, "lines": None, "total_given": False}
    lines = values["lines"] if "lines" in values else old["lines"]
    settled = {**values}
    if "lines" in values:
        settled["item_count"] = sum(int(line.get("quantity", 1)) for line in lines)
    if values.get("total") is not None:
        same = values["total"] == old["total"] and lines == old["lines"]
        settled["total_given"] = old["total_given"] if same else True
    elif "total" in values or not old["total_given"]:
        settled |= {"total": added_up(lines or ()), "total_given": False}
    return settled


def added_up(lines: Iterable[Line]) -> Decimal:
    """Return the worth of all lines together."""
    worth = (Decimal(str(line.get("unit_price") or 0)) * int(line.get("quantity", 1)) for line in lines)
    return from_thousandths(int(sum(worth, Decimal(0)) * MONEY_SCALE))
