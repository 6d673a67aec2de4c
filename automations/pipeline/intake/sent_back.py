"""What a program reads here it may send back: a value that the record has already is no change.

A refused body is looked at once more without the values that are answered for the record today: its id and
times, its account as an object, a choice that has left its list, an amount from before the currency changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from automations.pipeline.intake.field_types import InvalidInput

Known = Callable[[str], Mapping[str, Any] | None]
_UNKNOWN = "There is no field"
_OURS = "Cannot be changed. Leave it out, or send it back as it was answered."


def forgiving(read: Callable[[Any], Any], known: Known, number: str | None = None) -> Callable[[Any], Any]:
    """Return `read` made to pass over refused values that the record has already.

    `known` returns the record of a number as the API answers it; `number` is that of the changed record,
    where the request says so beside the data.
    """

    def again(data: Any) -> Any:
        try:
            return read(data)
        except InvalidInput as error:
            record = _record(data, known, number)
            if record is None:
                raise
            paths = [path.split(".") for path, _ in error.problems]
            try:
                return read(_without(data, record, paths))
            except InvalidInput as left:
                raise InvalidInput(*_said(left.problems, record)) from None

    return again


def _record(data: Any, known: Known, number: str | None) -> Mapping[str, Any] | None:
    name = number or data.get("number") if isinstance(data, dict) else None
    return known(name) if isinstance(name, str) and "\0" not in name else None


def _without(data: Any, record: Mapping[str, Any], paths: Iterable[list[str]]) -> Any:
    for path in paths:
        data = _dropped(data, record, path)
    return data


def _dropped(data: Any, record: Mapping[str, Any], path: list[str]) -> Any:
    """Return `data` without the value at `path`, or the whole around it, if the record has the same."""
    name, *rest = path
    if name not in data or name not in record:
        return data
    others = {key: value for key, value in data.items() if key != name}
    value, present = data[name], record[name]
    if value == present:
        return others
    if rest and isinstance(value, dict) and isinstance(present, Mapping):
        inner = _dropped(value, present, rest)
        return {**others, name: inner} if inner else others
    return data


def _said(problems: Iterable[tuple[str, str]], record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say of what is answered and never taken that it cannot be changed, not that there is no such field."""
    return [
        (path, _OURS if sentence.startswith(_UNKNOWN) and _answered(record, path) else sentence)
        for path, sentence in problems
    ]


def _answered(record: Any, path: str) -> bool:
    for name in path.split("."):
        if not isinstance(record, Mapping) or name not in record:
            return False
        record = record[name]
    return True
