"""One fact of an occurrence: a key for its plain value, and the value as the judge reads it.

Reading goes through the judge's own code; the key only says when two occurrences must have the same value,
so that each plain value is read once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from automations.engine.fields.subject import (
    CHANGE_FIELDS,
    CHANGE_FROM,
    CHANGE_TO,
    LINE,
    NOW,
    Field,
    Subject,
)
from automations.engine.operators.value_types import Value
from automations.engine.rules.occurrence_facts import NO_CONTEXT, EvaluationContext, OccurrenceFacts
from automations.pipeline.evaluation.frequency_caps import customer_of
from automations.pipeline.records.evaluation_context import StoredContext

#: The pseudo fact with the names of the changed columns, which decides who listens.
CHANGED = "changed"
#: The pseudo fact with the id of the customer that a record is about.
CUSTOMER_ID = "customer_id"
#: Joins the fields of a group of conditions on one line into the key of one fact.
AND = "+"
#: Stands for something in the way to a value that holds no details.
_ODD = ("odd",)
#: A fact may be of any of these: the values of several fields of lines are a tuple.
Known = Value | None | tuple[Any, ...] | int
Raw = Callable[["PastOccurrence"], Hashable]


@dataclass(slots=True)
class PastOccurrence:
    """One row of the log, decoded as far as anything asks for it."""

    subject: str
    trigger: str
    at: dt.datetime
    from_value: str | None
    to_value: str | None
    changed_json: str | None
    moment_json: str | None
    snapshot: Any
    _context: EvaluationContext | None = None

    @property
    def context(self) -> EvaluationContext:
        """The context as it was kept."""
        if self._context is None:
            data = msgspec.json.decode(self.moment_json) if self.moment_json else None
            self._context = StoredContext.from_data(self.at, data) if data else NO_CONTEXT
        return self._context

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the changed columns."""
        return tuple(msgspec.json.decode(self.changed_json) or ()) if self.changed_json else ()

    def read(self, key: str, custom: Mapping[str, Field] | None) -> Known:
        """Return the fact as the judge reads it. Raises ValueError where it cannot."""
        if key == CHANGED:
            return self.changed
        if key == CUSTOMER_ID:
            return customer_of(self.subject, self.snapshot)
        row = (self.subject, self.trigger, self.snapshot, self.from_value, self.to_value, self.context)
        if is_of_lines(key):
            fields = fields_of_lines(key)
            facts = OccurrenceFacts(*row).read(fields, custom)
            return tuple(facts[field] for field in fields)
        return OccurrenceFacts(*row).read((key,), custom).get(key)


def key_of_lines(fields: set[str]) -> str:
    """Return the key of the fact that holds the values of these fields of all lines."""
    return AND.join(["", *sorted(fields)])


def is_of_lines(key: str) -> bool:
    return key.startswith(AND + LINE)


def fields_of_lines(key: str) -> list[str]:
    """Return the fields whose values the fact holds, in order."""
    return key.split(AND)[1:]


def raw_of(subject: Subject, key: str, custom: Mapping[str, Field] | None) -> Raw:
    """Return the function that gives an occurrence's key for this fact; None stands for a missing value."""
    if key in _OF_THE_CHANGE:
        return _OF_THE_CHANGE[key]
    if is_of_lines(key):
        return _of_lines([subject.line_fields[name].path for name in fields_of_lines(key)])
    base, _, derived = key.partition("@")
    field = {**subject.fields, **(custom or {})}.get(base)
    if field is None:
        return lambda row: None
    if key.startswith(NOW):
        return _OF_THE_MOMENT[field.type]
    plain = _plain(field.path)
    if not derived:
        return plain
    if derived == "days":
        return _days(plain)
    return _changed(plain, field.key)


def _plain(path: tuple[str, ...]) -> Raw:
    if len(path) == 1:
        (step,) = path
        return lambda row: _key(row.snapshot.get(step))

    def at_path(row: PastOccurrence) -> Hashable:
        value: Any = row.snapshot
        try:
            for step in path:
                value = value.get(step)
                if value is None:
                    return None
        except AttributeError:
            return _ODD
        return _key(value)

    return at_path


def _key(value: Any) -> Hashable:
    # Equal values of different types, such as 1 and true, are not the same; lists cannot be keys.
    return value if value is None or isinstance(value, str) else (repr(value),)


def _days(plain: Raw) -> Raw:
    def days(row: PastOccurrence) -> Hashable:
        now = row.context.now
        return plain(row), None if now is None else (now.date(), str(now.tzinfo))

    return days


def _changed(plain: Raw, key: str) -> Raw:
    def changed(row: PastOccurrence) -> Hashable:
        previous = row.context.previous
        if not previous or key not in previous:
            return None
        return _key(previous[key]), plain(row)

    return changed


def _weekday(row: PastOccurrence) -> Hashable:
    now = row.context.now
    return (None if now is None else now.weekday(),)


def _time(row: PastOccurrence) -> Hashable:
    now = row.context.now
    return (None,) if now is None else (now.hour, now.minute, now.second)


def _working(row: PastOccurrence) -> Hashable:
    return row.context.now is None, _key(row.context.working), True


def _of_lines(paths: list[tuple[str, ...]]) -> Raw:
    def of_lines(row: PastOccurrence) -> Hashable:
        lines = row.snapshot.get("lines")
        try:
            return repr([[_at(line, path) for path in paths] for line in lines or ()])
        except (AttributeError, TypeError):
            return (repr(lines),)

    return of_lines


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        value = value.get(step)
        if value is None:
            return None
    return value


_OF_THE_CHANGE: dict[str, Raw] = {
    CHANGE_FROM: lambda row: row.from_value,
    CHANGE_TO: lambda row: row.to_value,
    CHANGE_FIELDS: lambda row: tuple(row.context.previous) if row.context.previous else None,
    CHANGED: lambda row: row.changed_json,
    CUSTOMER_ID: lambda row: customer_of(row.subject, row.snapshot),
}
_OF_THE_MOMENT: dict[str, Raw] = {"choice": _weekday, "time": _time, "bool": _working}
