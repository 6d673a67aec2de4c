"""The one rule of an order's total. Pure.

A total that was given stays until it is changed; one that was added up follows the lines, shipping and
discount. The order's `total_given` says which it is. Forms, the API, webhooks and actions all pass here, by
way of `receive`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from automations.engine.fields.written_amounts import rounded_half_up
from automations.models.db.column_types import MONEY_SCALE, from_thousandths

Line = Mapping[str, Any]
#: The columns that say how another is to be read.
MARKS = frozenset({"total_given", "roundings", "phone_key"})
#: The columns that a total is added up from.
_PARTS = ("lines", "shipping", "discount")
_ZERO = Decimal("0.00")
_NEW: Mapping[str, Any] = {
    "total": None,
    "lines": None,
    "shipping": _ZERO,
    "discount": _ZERO,
    "total_given": False,
    "roundings": None,
}


def follow(before: Mapping[str, Any] | None, values: Mapping[str, Any], currency: str) -> Mapping[str, Any]:
    """Return the columns of a change with what follows from them; `before` is None for a new order.

    A `total` of None asks for the sum of the lines. The total that the order has, sent again with the lines
    that it has, is no change: it stays what it was, given or added up. `currency` is that of a new order that
    names none.
    """
    old = before or _NEW
    values = _settled_roundings(old, values) if values.get("roundings") or old["roundings"] else values
    if "total" not in values and not _touches_the_sum(before, values):
        return values
    settled = {**values}
    if "lines" in values:
        settled["item_count"] = pieces(values["lines"])
    if values.get("total") is not None and before is None:
        settled["total_given"] = True
        return settled
    parts = {name: values.get(name, old[name]) for name in _PARTS}
    if values.get("total") is not None:
        same = values["total"] == old["total"] and all(parts[name] == old[name] for name in _PARTS)
        settled["total_given"] = old["total_given"] if same else True
    elif "total" in values or not old["total_given"]:
        currency = values.get("currency") or (before["currency"] if before else currency)
        total = added_up(parts["lines"] or (), currency) + parts["shipping"] - parts["discount"]
        settled |= {"total": as_kept(total), "total_given": False}
    return settled


def _touches_the_sum(before: Mapping[str, Any] | None, values: Mapping[str, Any]) -> bool:
    """Whether a change may make the items add up to another total: in other decimals they may."""
    if any(name in values for name in _PARTS):
        return True
    return before is not None and values.get("currency", before["currency"]) != before["currency"]


def pieces(lines: Iterable[Line]) -> int | Decimal:
    """Return the quantities of all lines together: an int if it is whole."""
    quantities, whole = [line.get("quantity", 1) for line in lines], 0
    for quantity in quantities:
        if quantity.__class__ is not int:
            break
        whole += quantity
    else:
        return whole
    exact = sum(map(exact_quantity, quantities), Decimal(0))
    return int(exact) if exact == exact.to_integral_value() else exact.normalize()


def exact_quantity(quantity: Any) -> Decimal:
    """Return the quantity of a line, which holds it as a JSON number, exactly."""
    return Decimal(str(quantity))


def added_up(lines: Iterable[Line], currency: str) -> Decimal:
    """Return the worth of all lines together, each rounded to the decimals of the currency."""
    return from_thousandths(thousandths(lines, currency))


def thousandths(lines: Iterable[Line], currency: str) -> int:
    """Return the worth of all lines together in thousandths, each rounded to the decimals of the currency."""
    return int(sum([_worth(line, currency) for line in lines]))


def as_kept(amount: Decimal) -> Decimal:
    """Return an amount as the database returns it: with a third decimal only if it is not zero."""
    return from_thousandths(int(amount * MONEY_SCALE))


def difference(row: Mapping[str, Any]) -> Decimal:
    """Return by how much a given total differs from the items with shipping and discount; 0 without items.

    The tax may be part of the prices or on top of them: what makes the total come out counts.
    """
    if not row["total_given"] or not row["lines"]:
        return _ZERO
    given = row["total"] - row["shipping"] + row["discount"]
    off = int(given * MONEY_SCALE) - thousandths(row["lines"], row["currency"])
    return from_thousandths(min(off, off - int(row["tax"] * MONEY_SCALE), key=abs)) if off else _ZERO


def _worth(line: Line, currency: str) -> int | Decimal:
    """Return the worth of a line in thousandths."""
    price, quantity = line.get("unit_price") or 0, line.get("quantity", 1)
    if quantity.__class__ is int:
        return _in_thousandths(price) * int(quantity)
    return rounded_half_up(Decimal(str(price)) * exact_quantity(quantity), currency) * MONEY_SCALE


@lru_cache(4096)
def _in_thousandths(price: Any) -> int | Decimal:
    """Return a price as a line holds it, text or number; an int if it is whole. Shops have few prices."""
    exact = Decimal(str(price)) * MONEY_SCALE
    return int(exact) if exact == exact.to_integral_value() else exact


def _settled_roundings(old: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the change with the roundings of what it leaves as it is, and those that it brings."""
    given = values.get("roundings") or {}
    changed = {name for name, value in values.items() if given or value != old.get(name)}
    left = {key: one for key, one in (old["roundings"] or {}).items() if key.split(".")[0] not in changed}
    return {**values, "roundings": {**left, **given} or None}
