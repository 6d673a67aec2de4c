"""Keeps which value of a connection's payloads is which field of ours, as a person picks them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.sources import json_paths, picked_lines
from automations.connectors.sources.json_paths import Path
from automations.connectors.sources.mapping_targets import (
    LINE,
    PARCEL_CARRIER,
    PARCEL_NUMBER,
    PARCEL_STATUS,
    SUBJECT_LABELS,
    MappingTarget,
    targets_for,
)
from automations.connectors.sources.picked_orders import subject_of
from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.settings import shop_connections
from automations.models.settings.choices import StoreWords
from automations.models.tables.people import User
from automations.models.tables.shop_connection import ShopConnection, ShopRecord
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep

KIND, PICKED, SENDS = "mapping", "mapping pick", "mapping kind"
#: The own fields stand in this group of the page.
OWN = "The store’s own fields"
#: So many earlier picks of an id are remembered.
_MOST_IDS = 5
LINES_FIRST = "Pick the list of items first: the values of an item are picked inside it."
NUMBERS_FIRST = "Pick the tracking number of each parcel first: what else is said of it is found beside it."
NO_LINE = "That value is not inside an item of the list. Pick one inside it."
CHANGED = "The mapping was changed in the meantime, so nothing was undone."


class PickRefused(ValueError):
    """`str(error)` says why a value cannot be picked."""


def mapping_of(connection: ShopConnection) -> dict[str, Any]:
    """Return the mapping of a connection."""
    return dict(connection.options.get("mapping") or {})


def fingerprint(mapping: Mapping[str, Any]) -> str:
    """Return what is equal for mappings that read alike."""
    read_by = {name: part for name, part in mapping.items() if name != "ids_before"}
    return hashlib.sha256(json.dumps(read_by, sort_keys=True).encode()).hexdigest()[:16]


def all_targets(connection: ShopConnection, words: StoreWords) -> dict[str, MappingTarget]:
    """Return every field that can be picked, by its key, in the order of the page."""
    subject = subject_of(connection.options)
    own = [MappingTarget(key, entry.label, "text", OWN) for key, entry in words.custom(subject).items()]
    return {target.key: target for target in (*targets_for(subject), *own)}


def pick(
    session: Session, connection_id: int, target: MappingTarget, path: Path, user: User, now: dt.datetime
) -> UndoStep | None:
    """Keep that the value at `path` is this field, inside write(). Raises PickRefused.

    Return what takes it back, None if it was this value already.
    """
    connection = shop_connections.locked(session, connection_id)
    mapping = mapping_of(connection)
    was: dict[str, Any] = mapping.get("paths") or {}
    paths = dict(was)
    if target.key.startswith(LINE):
        if "lines" not in paths:
            raise PickRefused(LINES_FIRST)
        within = picked_lines.inside(tuple(paths["lines"]), path)
        if within is None:
            raise PickRefused(NO_LINE)
        path = within
    if target.key in (PARCEL_CARRIER, PARCEL_STATUS) and PARCEL_NUMBER not in paths:
        raise PickRefused(NUMBERS_FIRST)
    if target.key == "lines" and paths.get("lines") != list(path):
        paths = {key: kept for key, kept in paths.items() if not key.startswith(LINE)}
    paths[target.key] = list(path)
    _set(session, connection, mapping, paths, target, user, now)
    changed = [key for key in {**was, **paths} if was.get(key) != paths.get(key)]
    if not changed:
        return None
    before, after = ({key: each.get(key) for key in changed} for each in (was, paths))
    kept = {"field": target.key, "paths": before}
    return undo_steps.remember(session, PICKED, user, connection.store_id, connection.id, kept, after)


def pick_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> MappingTarget:
    """Take a field from where it was before it was picked, inside write(). Raises CannotUndo."""
    connection = shop_connections.locked(session, step.about_id)
    words = StoreWords(session, session.get_one(Store, step.store_id))
    target = all_targets(connection, words).get(step.before["field"])
    mapping = mapping_of(connection)
    paths: dict[str, Any] = mapping.get("paths") or {}
    is_same = {key: paths.get(key) for key in step.after} == step.after
    # What was picked inside of a list of items is nowhere in another one.
    has_items = "lines" in step.after and any(key.startswith(LINE) for key in paths)
    if target is None or not is_same or has_items or (target.key.startswith(LINE) and "lines" not in paths):
        raise CannotUndo(CHANGED)
    _set(session, connection, mapping, _without_none(paths | step.before["paths"]), target, user, now)
    return target


def drop(
    session: Session, connection_id: int, target: MappingTarget, user: User, now: dt.datetime
) -> UndoStep | None:
    """No longer take a field from the payloads, inside write(); None if it was not taken."""
    connection = shop_connections.locked(session, connection_id)
    mapping = mapping_of(connection)
    paths = dict(mapping.get("paths") or {})
    path = paths.pop(target.key, None)
    _set(session, connection, mapping, paths, target, user, now)
    if path is None:
        return None
    before = {"field": target.key, "path": path}
    return undo_steps.remember(session, KIND, user, connection.store_id, connection.id, before)


def put_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> MappingTarget:
    """Take a field again from where it was, inside write(). Raises CannotUndo if it was picked since."""
    connection = shop_connections.locked(session, step.about_id)
    store = session.get_one(Store, step.store_id)
    target = all_targets(connection, StoreWords(session, store)).get(step.before["field"])
    mapping = mapping_of(connection)
    paths = dict(mapping.get("paths") or {})
    if target is None or target.key in paths or (target.key.startswith(LINE) and "lines" not in paths):
        raise CannotUndo(CHANGED)
    _set(session, connection, mapping, paths | {target.key: step.before["path"]}, target, user, now)
    return target


def set_kind(
    session: Session,
    connection_id: int,
    subject: str,
    is_minor: bool,
    only: Sequence[str],
    user: User,
    now: dt.datetime,
) -> UndoStep | None:
    """Keep what the payloads are about and how their amounts are counted, inside write().

    Return what takes it back, None if it was so already.
    """
    connection = shop_connections.locked(session, connection_id)
    before = mapping_of(connection)
    kind = {
        "subject": subject if subject in SUBJECT_LABELS else "order",
        "minor": is_minor,
        "only": list(only),
    }
    was = {name: before.get(name) for name in kind}
    if was == kind:
        return None
    _keep(session, connection, before | kind, user, now, None, kind)
    return undo_steps.remember(session, SENDS, user, connection.store_id, connection.id, was, kind)


def kind_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> None:
    """Let the payloads be about what they were about before, inside write(). Raises CannotUndo."""
    connection = shop_connections.locked(session, step.about_id)
    mapping = mapping_of(connection)
    if {name: mapping.get(name) for name in step.after} != step.after:
        raise CannotUndo(CHANGED)
    _keep(session, connection, _without_none(mapping | step.before), user, now, None, step.before)


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _set(
    session: Session,
    connection: ShopConnection,
    mapping: dict[str, Any],
    paths: dict[str, Any],
    target: MappingTarget,
    user: User,
    now: dt.datetime,
) -> None:
    old, new = ((all_paths or {}).get(target.key) for all_paths in (mapping.get("paths"), paths))
    if old == new:
        return
    if target.key == "id" and old:
        mapping["ids_before"] = [old, *(mapping.get("ids_before") or [])][:_MOST_IDS]
    if target.key == "at":
        # Times of another value cannot be compared with those that were kept.
        ours = ShopRecord.connection_id == connection.id
        session.execute(sa.update(ShopRecord).where(ours).values(told_at=None))
    before, after = (json_paths.in_words(tuple(path)) if path else None for path in (old, new))
    _keep(session, connection, mapping | {"paths": paths}, user, now, before, after, target.label)


def _keep(
    session: Session,
    connection: ShopConnection,
    mapping: dict[str, Any],
    user: User,
    now: dt.datetime,
    before: Any,
    after: Any,
    label: str = "what it is",
) -> None:
    connection.options = {**connection.options, "mapping": mapping, "mapped_at": now.isoformat()}
    audit.note(
        session,
        action="mapped fields of",
        about=f"the connection “{connection.name}”: {label}",
        store_id=connection.store_id,
        user_id=user.id,
        before=before,
        after=after,
        at=now,
    )
