"""The stretches of a record's past in which it had one date, or was in one status."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from automations.engine.fields.subject import CUSTOM, Field, UnreadableFact
from automations.engine.operators.value_types import InvalidValue, read
from automations.engine.rules.calendar import Anchor
from automations.engine.rules.trigger_schedule import DateReached, StaysInStatus
from automations.features.past.timelines import END, Entry, Timeline
from automations.pipeline.records.custom_date_index import day_of


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when a record is known to have had the date or the status that is counted from."""

    anchor: Anchor
    begun: dt.datetime
    ended: dt.datetime = END
    #: Whether it was set when the stretch begins, not only found to be so.
    set_then: bool = True
    #: Whether entries of the log say what the record was then.
    recorded: bool = True
    #: Whether `anchor` is only the latest that it can have been.
    at_latest: bool = False


@dataclass(frozen=True, slots=True)
class DateWatch:
    """The stretches of one date field."""

    schedule: DateReached
    field: Field
    #: Since when nothing of the log is deleted.
    complete_since: dt.datetime

    @property
    def counted(self) -> DateReached:
        return self.schedule

    @property
    def columns(self) -> Sequence[str]:
        """The columns of a record that it asks about."""
        return ("custom",) if self._own else (self.field.column,)

    def stretches(self, timeline: Timeline) -> Iterator[Stretch]:
        """Yield the stretches of a record, oldest first."""
        current: Stretch | None = None
        known: dt.date | None = None
        before: Entry | None = None
        for entry in timeline.entries:
            if before and before.revision == entry.revision:
                before = entry
                continue
            value = self._value(entry.snapshot, timeline.row)
            found = entry.after_hole or (before is None and entry.trigger != "created")
            if found or value != known:
                if current:
                    yield replace(current, ended=before.until if before and found else entry.at)
                if found:
                    yield from self._in_hole(timeline, before, entry, value)
                set_then = not found or self._sets(entry)
                current = None if value is None else Stretch(value, entry.at, set_then=set_then)
            known, before = value, entry
        if current and timeline.entries:
            yield replace(current, ended=timeline.entries[-1].until)

    def _in_hole(
        self, timeline: Timeline, before: Entry | None, entry: Entry, value: dt.date | None
    ) -> Iterator[Stretch]:
        """Yield what it was from when the log is complete until `entry`."""
        earlier = self._earlier(entry, value, timeline.row)
        begun = max(self.complete_since, before.at if before else timeline.row["created_at"])
        if earlier is not None and begun < entry.at:
            yield Stretch(earlier, begun, entry.at, recorded=False)

    def _sets(self, entry: Entry) -> bool:
        return entry.trigger == "created" or self.field.key in entry.previous

    def _earlier(self, entry: Entry, value: dt.date | None, row: Mapping[str, Any]) -> dt.date | None:
        if not self._sets(entry):
            return value
        return self._read(entry.previous.get(self.field.key), row)

    @property
    def _own(self) -> bool:
        return self.field.key.startswith(CUSTOM)

    def _of_row(self, row: Mapping[str, Any]) -> dt.date | None:
        value: dt.date | None = (
            day_of(dict(row), self.field.key.removeprefix(CUSTOM)) if self._own else row[self.field.column]
        )
        return value

    def _value(self, snapshot: Mapping[str, Any], row: Mapping[str, Any]) -> dt.date | None:
        try:
            return self._exact(self.field.value(snapshot), row)
        except UnreadableFact:
            return None

    def _read(self, plain: object, row: Mapping[str, Any]) -> dt.date | None:
        try:
            return self._exact(read(self.field.type, plain), row)
        except InvalidValue:
            return None

    def _exact(self, value: object, row: Mapping[str, Any]) -> dt.date | None:
        if isinstance(value, dt.datetime):
            # A snapshot keeps whole seconds only.
            now = self._of_row(row)
            same = isinstance(now, dt.datetime) and now.replace(microsecond=0) == value
            return now if same else value
        return value if isinstance(value, dt.date) else None


@dataclass(frozen=True, slots=True)
class StatusWatch:
    """The stretches in one status."""

    schedule: StaysInStatus
    complete_since: dt.datetime

    @property
    def counted(self) -> DateReached:
        return self.schedule.counted

    @property
    def columns(self) -> Sequence[str]:
        """The columns of a record that it asks about."""
        return self.schedule.status_field, f"{self.schedule.status_field}_since"

    def stretches(self, timeline: Timeline) -> Iterator[Stretch]:
        """Yield the stretches of a record, oldest first."""
        current: Stretch | None = None
        before: Entry | None = None
        for entry in timeline.entries:
            if before and before.revision == entry.revision:
                before = entry
                continue
            is_in = entry.snapshot.get(self.schedule.status_field) == self.schedule.status
            found = entry.after_hole or (before is None and entry.trigger != "created")
            if current and (found or not is_in):
                yield replace(current, ended=before.until if before and found else entry.at)
                current = None
            if found:
                was = is_in if not self._sets(entry) else self._earlier(entry)
                begun = max(self.complete_since, before.at if before else timeline.row["created_at"])
                entered = self._entered(timeline, entry) if was else None
                if was and begun < entry.at:
                    # Whenever it was entered, it was before the log is complete.
                    anchor = entered or begun
                    yield Stretch(anchor, begun, entry.at, False, recorded=False, at_latest=entered is None)
                if is_in and was and entered is None:
                    latest = min(begun, entry.at)
                    current = Stretch(latest, entry.at, set_then=False, recorded=False, at_latest=True)
                elif is_in:
                    current = Stretch(entered or entry.at, entry.at, set_then=not was)
            elif is_in and current is None:
                current = Stretch(entry.at, entry.at)
            before = entry
        if current and timeline.entries:
            yield replace(current, ended=timeline.entries[-1].until)

    def _sets(self, entry: Entry) -> bool:
        return entry.trigger == "created" or self.schedule.status_field in entry.changed

    def _earlier(self, entry: Entry) -> bool:
        return entry.previous.get(self.schedule.status_field) == self.schedule.status

    def _entered(self, timeline: Timeline, entry: Entry) -> dt.datetime | None:
        """Return when a record entered the status in which an entry after a hole finds it."""
        if entry.revision == 1:
            made: dt.datetime = timeline.row["created_at"]
            return made
        name = self.schedule.status_field
        since = f"{name}_since"
        still = timeline.row[name] == self.schedule.status and timeline.row[since]
        return timeline.row[since] if still and timeline.row[since] <= entry.at else None


Watch = DateWatch | StatusWatch
