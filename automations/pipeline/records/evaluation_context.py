"""What an evaluation reads besides the record: the moment, and the values before the change. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from automations.engine.fields.order_delivery import ADDRESS, DELIVERY_ADDRESS
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.occurrence_facts import EvaluationContext
from automations.pipeline.records.snapshots import COMPUTED, FOLLOWS, instant

_KINDS = [kind for subject in SUBJECTS.values() for kind in subject.triggers.values()]
#: By trigger, the columns it watches.
WATCHED: Mapping[str, frozenset[str]] = {
    kind.key: frozenset(column for other in _KINDS if other.key == kind.key for column in other.watches)
    for kind in _KINDS
    if kind.watches
}
#: By trigger, the column whose change is kept as an occurrence of this name.
NAMED: Mapping[str, str] = {kind.key: kind.watches[0] for kind in _KINDS if kind.named}
#: The triggers of occurrences that are updates of a record.
UPDATES = ("changed", *NAMED)
#: The triggers that listen to every update, and those that listen to updates of the columns they watch.
_ALWAYS = tuple(dict.fromkeys(kind.key for kind in _KINDS if kind.needs_field))
_WATCHING = {key: columns for key, columns in WATCHED.items() if key not in NAMED}
#: By named trigger, the columns whose change an earlier named trigger has already counted as the update.
_EARLIER = {key: frozenset(list(NAMED.values())[:place]) for place, key in enumerate(NAMED)}
#: By subject, the keys of the fields that conditions ask about by the columns that hold them.
_FIELDS = {
    key: {column: entry.key for column, entry in subject.columns.items() if entry.key in subject.fields}
    for key, subject in SUBJECTS.items()
}
_NONE: frozenset[str] = frozenset()
#: By subject, the computed fields that conditions ask about, with the columns from which they follow.
_FOLLOWING = {
    key: {name: columns for name, columns in FOLLOWS.items() if name in subject.stored}
    for key, subject in SUBJECTS.items()
}


@dataclass(frozen=True, slots=True)
class StoredContext(EvaluationContext):
    """The context of an evaluation, as it is kept with the occurrence."""

    def to_data(self, zone: str) -> dict[str, Any]:
        """Return plain JSON for the occurrence; the instant is left out, which the occurrence has itself."""
        data: dict[str, Any] = {"zone": zone, "working": self.working}
        return data | {"previous": self.previous} if self.previous else data

    @classmethod
    def from_data(cls, at: dt.datetime, data: Mapping[str, Any] | None) -> StoredContext:
        """Return the context kept in `data`; an empty one if the occurrence has none, being too old."""
        if not data:
            return cls()
        return cls(at.astimezone(ZoneInfo(data["zone"])), data["working"], data.get("previous"))


def listening_triggers(trigger: str, changed: Collection[str] | None) -> tuple[str, ...]:
    """Return the triggers of the rules that listen to an occurrence of this trigger.

    Of the two occurrences of an update that changed both statuses, only the first counts as the update.
    """
    touched = frozenset(changed or ())
    if trigger not in UPDATES or touched & _EARLIER.get(trigger, _NONE):
        return (trigger,)
    watching = (key for key, columns in _WATCHING.items() if touched & columns)
    return (trigger, *_ALWAYS, *watching)


def occurrence_triggers(trigger: str) -> tuple[str, ...]:
    """Return the triggers of the occurrences that a rule with this trigger may listen to."""
    return UPDATES if trigger in _ALWAYS or trigger in _WATCHING else (trigger,)


def previous_of(
    subject: str, before: Mapping[str, Any], row: Mapping[str, Any], changed: Collection[str]
) -> dict[str, Any]:
    """Return the plain values before the change, by the key of each field that changed."""
    keys = _FIELDS[subject]
    previous = {keys[name]: plain(before[name]) for name in changed if name in keys}
    for key, columns in _FOLLOWING[subject].items():
        if not columns.isdisjoint(changed) and (old := COMPUTED[key](before)) != COMPUTED[key](row):
            previous[key] = old
    return previous | _address(before, row, changed) | _custom(before, row, changed)


def merged(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` with the custom values of `before` that they do not name; None empties one."""
    if not values.get("custom"):
        kept = dict(values)
        kept.pop("custom", None)
        return kept
    custom = {**(before.get("custom") or {}), **values["custom"]}
    entered = {key: value for key, value in custom.items() if value is not None}
    return {**values, "custom": entered or None}


def plain(value: Any) -> Any:
    """Return a typed value of a column as a snapshot holds it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _address(before: Mapping[str, Any], row: Mapping[str, Any], changed: Collection[str]) -> dict[str, Any]:
    """Return the parts of the delivery address before the change, of those that changed."""
    if DELIVERY_ADDRESS not in changed:
        return {}
    old, new = before[DELIVERY_ADDRESS] or {}, row[DELIVERY_ADDRESS] or {}
    return {f"{DELIVERY_ADDRESS}.{key}": old.get(key) for key in ADDRESS if old.get(key) != new.get(key)}


def _custom(before: Mapping[str, Any], row: Mapping[str, Any], changed: Collection[str]) -> dict[str, Any]:
    if "custom" not in changed:
        return {}
    old, new = before["custom"] or {}, row["custom"] or {}
    keys = sorted(old.keys() | new.keys())
    return {f"custom.{key}": old.get(key) for key in keys if old.get(key) != new.get(key)}
