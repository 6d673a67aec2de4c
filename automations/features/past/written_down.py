"""Since when the store's own fields are written down: before that, a row about one knows nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from automations.engine.fields.subject import Field
from automations.engine.rules.typed_rule import TypedNode
from automations.features.past.arrays import Ints, Mask, np
from automations.features.past.due_table import DueTable
from automations.features.past.judge_columns import facts_of
from automations.features.past.matches import moment_of
from automations.features.past.occurrence_table import OccurrenceTable

#: A field that is seldom filled in is named if so many of those before would have had it.
_EXPECTED = 3


@dataclass(frozen=True, slots=True)
class WrittenSince:
    """A field that nothing before an instant has; None if nothing that was counted has it."""

    label: str
    since: dt.datetime | None


class WrittenDown:
    """Looks up when the own fields that some conditions ask about are first written down."""

    def __init__(self, nodes: Iterable[TypedNode], own: Mapping[str, Field]) -> None:
        asked = facts_of(nodes)
        self._fields = [field for key, field in own.items() if key in asked]
        self._first: dict[str, int] = {}
        self._came: list[Ints] = []
        self._filled: dict[str, list[Ints]] = {field.key: [] for field in self._fields}

    def add(self, table: OccurrenceTable | DueTable, came: Mask) -> None:
        """Look through what came to the draft, and for the first value through the whole table."""
        if not self._fields:
            return
        self._came.append(table.ats[came])
        for field in self._fields:
            filled = table.columns[field.key].is_there()
            self._filled[field.key].append(table.ats[came & filled])
            first = table.first(filled)
            if first is not None:
                self._first[field.key] = min(first, self._first.get(field.key, first))

    def told(self) -> tuple[WrittenSince, ...]:
        """Return the fields that are not written down from the beginning on."""
        return tuple(filter(None, map(self._told, self._fields)))

    def _told(self, field: Field) -> WrittenSince | None:
        came, first = np.concatenate([np.empty(0, np.int64), *self._came]), self._first.get(field.key)
        if first is None:
            return WrittenSince(field.label, None) if len(came) else None
        before = int(np.count_nonzero(came < first))
        filled = sum(map(len, self._filled[field.key]))
        if before * filled < _EXPECTED * max(len(came) - before, 1):
            return None
        return WrittenSince(field.label, moment_of(first))
