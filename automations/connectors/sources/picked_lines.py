"""The lines of an order out of the list that a person picked; paths within it begin at one of its items."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from automations.connectors.sources.json_paths import MISSING, Path, value_at
from automations.connectors.sources.mapping_targets import LINE, MONEY, TEXT, MappingTarget
from automations.connectors.sources.picked_values import PickedValue, Settings, pick
from automations.connectors.sources.shop_messages import ShopLine

_QUANTITY = "line.quantity"


def lines_of(data: object, paths: Mapping[str, Path], settings: Settings) -> PickedValue:
    """Return the lines, None if no list is picked or there is none."""
    items = value_at(data, paths["lines"]) if "lines" in paths else None
    if items is MISSING or items is None:
        return PickedValue()
    if isinstance(items, dict):
        # What is made of XML has a list only of several.
        items = [items]
    if not isinstance(items, list):
        return PickedValue(problem="The list of items: this is not a list.")
    lines = []
    for place, item in enumerate(items, 1):
        parts = {key: _part(key, item, path, settings) for key, path in paths.items() if key.startswith(LINE)}
        wrong = next((part.problem for part in parts.values() if part.problem), "")
        if wrong:
            return PickedValue(None, f"Item {place}: {wrong}")
        lines.append(_line({key: part.value for key, part in parts.items()}))
    return PickedValue(lines)


def inside(lines: Path, path: Path) -> Path | None:
    """Return the path within an item of the list of items; None if it is not in one."""
    place = len(lines)
    is_inside = path[:place] == lines and len(path) > place and isinstance(path[place], int)
    return path[place + 1 :] if is_inside else None


def _part(key: str, item: object, path: Path, settings: Settings) -> PickedValue:
    is_amount = key in (_QUANTITY, "line.unit_price")
    target = MappingTarget(
        key, key.removeprefix(LINE).replace("_", " "), MONEY if is_amount else TEXT, "Items"
    )
    return pick(target, item, path, {} if key == _QUANTITY else settings)


def _line(parts: Mapping[str, Any]) -> ShopLine:
    quantity, price = parts.get(_QUANTITY), parts.get("line.unit_price")
    return ShopLine(
        parts.get("line.name") or parts.get("line.sku") or "Item",
        Decimal(1) if quantity is None else quantity,
        price or Decimal(0),
        parts.get("line.sku") or "",
        parts.get("line.category") or "",
    )
