"""Verdicts where some values are lost: true or false only where the lost ones cannot matter."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from automations.engine.explain.explanation import GroupVerdict, TreeVerdict
from automations.engine.fields.subject import CHANGE_FROM, CHANGE_TO, Field, Subject
from automations.engine.operators.operators import EMPTINESS
from automations.engine.rules.rule import Condition, LineGroup
from automations.models.tables.customer import ERASED
from automations.models.tables.example import Example
from automations.models.tables.occurrence import Occurrence

#: Plain data of one moment: {"snapshot", "moment", "from_value", "to_value"}.
Moment = Mapping[str, Any]
_WORD = re.compile(rf"(?<!\w){ERASED}(?!\w)")


def certain(verdicts: Sequence[TreeVerdict], lost: Collection[str]) -> bool | None:
    """Return whether all verdicts hold; None if that depends on a field of which the value is lost."""
    return _all([_certain(verdict, lost) for verdict in verdicts])


def asked_in_vain(verdicts: Sequence[TreeVerdict], lost: Collection[str]) -> list[str]:
    """Return the keys of the lost fields that the conditions ask about, in order."""
    keys = (key for verdict in verdicts for key in _keys(verdict))
    return list(dict.fromkeys(key for key in keys if key in lost))


def changed_keys(subject: Subject, before: Moment, after: Moment) -> list[str]:
    """Return the keys of the fields whose plain values differ between two states of one moment."""
    now = _plain(subject, after)
    return [key for key, values in _plain(subject, before).items() if values != now.get(key)]


def redacted_keys(subject: Subject, moment: Moment) -> list[str]:
    """Return the keys of the fields in which erasing a customer left its word, or emptied an own value."""
    values = _plain(subject, moment)
    keys = [key for key in values if any(map(_is_redacted, values[key]))]
    own = moment["snapshot"].get("custom") or {}
    emptied = [key for key, field in subject.custom.items() if own.get(field.path[-1], "") is None]
    return list(dict.fromkeys([*keys, *emptied]))


def moment_of(row: Example | Occurrence) -> Moment:
    """Return what an example or an occurrence keeps of its moment."""
    return {name: getattr(row, name) for name in ("snapshot", "moment", "from_value", "to_value")}


def _certain(verdict: TreeVerdict, lost: Collection[str]) -> bool | None:
    if isinstance(verdict, GroupVerdict):
        inner = [_certain(member, lost) for member in verdict.verdicts]
        if verdict.group.match == "all":
            return _all(inner)
        some = _not(_all([_not(value) for value in inner]))
        return some if verdict.group.match == "any" else _not(some)
    part = verdict.condition
    # What was erased was there, and something still stands in its place.
    if isinstance(part, Condition) and part.operator in EMPTINESS and verdict.actual is not None:
        return verdict.holds
    return None if any(key in lost for key in _keys(verdict)) else verdict.holds


def _keys(verdict: TreeVerdict) -> Iterator[str]:
    if isinstance(verdict, GroupVerdict):
        for member in verdict.verdicts:
            yield from _keys(member)
    elif isinstance(verdict.condition, LineGroup):
        yield from (condition.field for condition in verdict.condition.conditions)
    else:
        yield verdict.condition.field.partition("@")[0]


def _all(values: Sequence[bool | None]) -> bool | None:
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _plain(subject: Subject, moment: Moment) -> dict[str, list[Any]]:
    """Return the plain values of a moment by field key: the present one, and the one before the change."""
    snapshot, previous = moment["snapshot"], (moment["moment"] or {}).get("previous") or {}
    values = {
        key: [_value(field, snapshot), previous.get(key)]
        for key, field in subject.fields.items()
        if field.path
    }
    lines = snapshot.get("lines") or ()
    values |= {
        key: [_value(field, line) for line in lines] for key, field in subject.line_fields.items() if lines
    }
    return values | {CHANGE_FROM: [moment["from_value"]], CHANGE_TO: [moment["to_value"]]}


def _value(field: Field, snapshot: Any) -> Any:
    for step in field.path:
        snapshot = snapshot.get(step) if isinstance(snapshot, Mapping) else None
    return snapshot


def _is_redacted(value: Any) -> bool:
    texts = value if isinstance(value, list) else [value]
    return any(_WORD.search(text) for text in texts if isinstance(text, str))
