"""Facts of a batch of occurrences: a key for each plain value, and the value as the judge reads it.

Reading goes through the judge's own code; a key only says when two occurrences must have the same value, so
that each plain value is read once. Keys are pieces of the snapshot's JSON, so nothing else of it is decoded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping, Sequence
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
from automations.engine.operators.distances import MEASURES
from automations.engine.operators.value_types import STORE_CURRENCY, ForeignAmount, Value
from automations.features.past.batch import Batch
from automations.features.past.pieces import LINES, NULL, Path
from automations.pipeline.evaluation.frequency_caps import customer_of

#: The pseudo fact with the names of the changed columns, which decides who listens.
CHANGED = "changed"
#: The pseudo fact with the id of the customer that a record is about.
CUSTOMER_ID = "customer_id"
#: Where a snapshot says in which currency its amounts are, and that the store's was another.
_CURRENCIES: list[Path] = [("currency",), (STORE_CURRENCY,)]
#: Joins the fields of a group of conditions on one line into the key of one fact.
AND = "+"
#: A fact may be any of these: the values of several fields of lines are a tuple.
Known = Value | None | tuple[Any, ...] | int
#: Returns a key for each occurrence of a batch; None and `null` stand for a missing value.
Keys = Callable[[Batch], Sequence[Hashable]]


def read(batch: Batch, place: int, key: str, custom: Mapping[str, Field] | None) -> Known:
    """Return a fact of one occurrence as the judge reads it. Raises ValueError where it cannot."""
    if key == CHANGED:
        return batch.changed(place)
    facts = batch.facts(place)
    if key == CUSTOMER_ID:
        return customer_of(facts.subject, facts.snapshot)
    if is_of_lines(key):
        fields = fields_of_lines(key)
        known = facts.read(fields, custom)
        return tuple(known[field] for field in fields)
    return facts.read((key,), custom).get(key)


def is_foreign(value: Known) -> bool:
    """Whether an amount in another currency than the store's is, or is among, this value."""
    return isinstance(value, ForeignAmount) or (isinstance(value, tuple) and any(map(is_foreign, value)))


def key_of_lines(fields: set[str]) -> str:
    """Return the key of the fact that holds the values of these fields of all lines."""
    return AND.join(["", *sorted(fields)])


def is_of_lines(key: str) -> bool:
    return key.startswith(AND + LINE)


def fields_of_lines(key: str) -> list[str]:
    """Return the fields whose values the fact holds, in order."""
    return key.split(AND)[1:]


def paths_of(subject: Subject, key: str, custom: Mapping[str, Field] | None) -> list[Path]:
    """Return the paths in the snapshot on which a fact depends."""
    if key == CUSTOMER_ID:
        return [("id",) if subject.key == "customer" else ("customer", "id")]
    if is_of_lines(key):
        fields = [subject.line_fields[name] for name in fields_of_lines(key)]
        in_currency = any(field.is_amount_of_record for field in fields)
        return [(LINES, *field.path) for field in fields] + (_CURRENCIES if in_currency else [])
    field = field_of(subject, key, custom)
    if field is None or key.startswith(NOW):
        return []
    return [field.path, *(_CURRENCIES if field.is_amount_of_record else [])]


def field_of(subject: Subject, key: str, custom: Mapping[str, Field] | None) -> Field | None:
    """Return the field a fact is about; None for facts of the change, of lines, and of no field at all."""
    base = key.partition("@")[0]
    return (custom or {}).get(base) or subject.fields.get(base)


def keys_of(subject: Subject, key: str, custom: Mapping[str, Field] | None) -> Keys:
    """Return the function that gives the keys of a fact."""
    if key in _OF_THE_CHANGE:
        return _OF_THE_CHANGE[key]
    paths = paths_of(subject, key, custom)
    if is_of_lines(key):
        of_lines = [path for path in paths if path not in _CURRENCIES]
        if len(of_lines) < len(paths):
            return lambda batch: _in_currency(batch, batch.lines(of_lines))
        return lambda batch: batch.lines(of_lines)
    if key.startswith(NOW):
        field = field_of(subject, key, custom)
        return _OF_THE_MOMENT[field.type] if field else _nothing
    if not paths:
        return _nothing
    path, (base, _, derived) = paths[0], key.partition("@")
    if derived in MEASURES:
        return lambda batch: _days(batch, path)
    if derived:
        return lambda batch: _changed(batch, path, base)
    if len(paths) > 1:
        return lambda batch: _in_currency(batch, batch.plain(path))
    return lambda batch: batch.plain(path)


def _in_currency(batch: Batch, keys: Sequence[Hashable]) -> Sequence[Hashable]:
    """Return the keys, of amounts in another currency than the store's with both currencies."""
    own, stores = (batch.plain(path) for path in _CURRENCIES)
    present = msgspec.json.encode(batch.currency)
    return [
        key if currency == present or (currency, store) == (NULL, NULL) else (key, currency, store)
        for key, currency, store in zip(keys, own, stores, strict=True)
    ]


def _nothing(batch: Batch) -> Sequence[Hashable]:
    return [None] * len(batch)


def _days(batch: Batch, path: Path) -> Sequence[Hashable]:
    return list(zip(batch.plain(path), batch.local_days(), strict=True))


def _changed(batch: Batch, path: Path, base: str) -> Sequence[Hashable]:
    return [
        (before[base], plain) if base in before else None
        for before, plain in zip(batch.before(), batch.plain(path), strict=True)
    ]


def _weekdays(batch: Batch) -> Sequence[Hashable]:
    return [(day[1] and dt.date.fromordinal(day[1]).weekday(),) for day in batch.local_days()]


def _times(batch: Batch) -> Sequence[Hashable]:
    return [(now and (now.hour, now.minute, now.second),) for now in batch.local_times()]


def _working(batch: Batch) -> Sequence[Hashable]:
    return [(moment.zone is None, moment.working) for moment in batch.moments()]


def _changed_fields(batch: Batch) -> Sequence[Hashable]:
    return [tuple(before) or None for before in batch.before()]


_OF_THE_CHANGE: dict[str, Keys] = {
    CHANGE_FROM: lambda batch: batch.from_values,
    CHANGE_TO: lambda batch: batch.to_values,
    CHANGE_FIELDS: _changed_fields,
    CHANGED: lambda batch: batch.changed_texts,
}
_OF_THE_MOMENT: dict[str, Keys] = {"choice": _weekdays, "time": _times, "bool": _working}
