"""The page on which values are picked: a payload as a tree, and beside it our fields with what they take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.sources import json_paths, json_tree, picked_parcels
from automations.connectors.sources.json_paths import Path
from automations.connectors.sources.json_tree import Node
from automations.connectors.sources.mapping_targets import LINE, LIST, PARCEL, MappingTarget
from automations.connectors.sources.other_bodies import value_of
from automations.connectors.sources.payload import NotUnderstood
from automations.models.tables.shop_connection import ShopConnection, ShopDelivery
from automations.pipeline.sources.picked_preview import PickedPreview
from automations.pipeline.sources.picking import mapping_of

#: So many deliveries can be chosen to pick from.
CHOICES = 20


@dataclass(frozen=True)
class FieldRow:
    """One field of ours: where its value is, what is taken, and what is wrong with it."""

    target: MappingTarget
    place: str
    #: A text, or a time.
    taken: str | dt.datetime
    meaning: str | None
    problem: str


@dataclass(frozen=True)
class ShownTree:
    """A payload to pick from; `labels` are the fields that take a value, by its path."""

    root: Node
    labels: Mapping[Path, list[str]]
    target: MappingTarget
    lines: Path | None

    def is_offered(self, node: Node) -> bool:
        """Return whether the field that is being picked may take this value."""
        if not node.can_be_picked or (node.kind == json_tree.LIST) != (self.target.kind == LIST):
            return False
        if self.target.kind == LIST:
            return True
        if node.kind != json_tree.VALUE:
            return False
        is_part = self.target.key.startswith(LINE)
        return not is_part or (self.lines is not None and node.path[: len(self.lines)] == self.lines)

    def path_of(self, node: Node) -> str:
        """Return the path as the form sends it."""
        return json_paths.written(node.path)

    def words_of(self, node: Node) -> str:
        """Return the path for people."""
        return json_paths.in_words(node.path)


def deliveries(session: Session, connection: ShopConnection) -> list[ShopDelivery]:
    """Return the latest deliveries whose payloads are kept, the newest first."""
    of_connection = ShopDelivery.connection_id == connection.id
    query = sa.select(ShopDelivery).where(of_connection, ShopDelivery.payload.is_not(None))
    return list(session.scalars(query.order_by(ShopDelivery.id.desc()).limit(CHOICES)))


def data_of(delivery: ShopDelivery | None) -> Any:
    """Return what a payload says; None if there is none that can be read."""
    try:
        return value_of((delivery.payload or "").encode()) if delivery else None
    except NotUnderstood:
        return None


def tree(
    data: Any, connection: ShopConnection, targets: Mapping[str, MappingTarget], target: MappingTarget
) -> ShownTree:
    """Return a payload as a tree from which a value of `target` can be picked."""
    paths = {key: tuple(path) for key, path in (mapping_of(connection).get("paths") or {}).items()}
    lines, labels = paths.get("lines"), dict[Path, list[str]]()
    for key, path in paths.items():
        if key not in targets:
            continue
        whole = (*(lines or ()), 0, *path) if key.startswith(LINE) else path
        is_each = key.startswith(PARCEL)
        for place in picked_parcels.places_of(data, paths, key) if is_each else [whole]:
            labels.setdefault(place, []).append(targets[key].label)
    return ShownTree(json_tree.tree_of(data), labels, target, lines)


def groups(
    connection: ShopConnection, targets: Mapping[str, MappingTarget], shown: PickedPreview | None
) -> dict[str, list[FieldRow]]:
    """Return the fields by the group in which they stand."""
    paths: Mapping[str, Any] = mapping_of(connection).get("paths") or {}
    rows: dict[str, list[FieldRow]] = {}
    for key, target in targets.items():
        place = place_of(key, paths) if key in paths else ""
        if place and key.startswith(LINE):
            place += " of each item"
        taken = _text(shown.values.get(key)) if shown else ""
        meaning = shown.meanings.get(key) if shown else None
        problem = shown.problems.get(key, "") if shown else ""
        rows.setdefault(target.group, []).append(FieldRow(target, place, taken, meaning, problem))
    return rows


def place_of(key: str, paths: Mapping[str, Any]) -> str:
    """Return where the value of a field is, for people."""
    if key.startswith(PARCEL):
        return picked_parcels.in_each({name: tuple(path) for name, path in paths.items()}, key)
    return json_paths.in_words(tuple(paths[key]))


def _text(value: Any) -> str | dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, list):
        return ", ".join(_line(part) if isinstance(part, dict) else str(part) for part in value[:10])
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _line(line: Mapping[str, Any]) -> str:
    return f"{line['quantity']} × {line['name']} at {line['unit_price']}"
