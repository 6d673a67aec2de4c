"""The facts that rules are evaluated on: fields of a snapshot, values derived from them, and the time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from automations.engine.fields.shared_fields import WEEKDAYS
from automations.engine.fields.subject import NOW, Field, UnreadableFact
from automations.engine.operators.distances import MEASURES, is_distance
from automations.engine.operators.operators import fact_key
from automations.engine.operators.value_types import InvalidValue, Lines, Value, read

#: Derivation of a fact that holds the values of all lines together. See `operators.fact_key`.
ANY_LINE = "any"
_WEEKDAYS = tuple(WEEKDAYS)


@dataclass(frozen=True, slots=True)
class Reading:
    """A snapshot and its context."""

    fields: Mapping[str, Field]
    line_fields: Mapping[str, Field]
    snapshot: Mapping[str, object]
    #: The moment of evaluation as an aware datetime in the store's zone.
    now: datetime | None = None
    #: Whether the store is open at `now`.
    working: bool | None = None
    #: The plain values before the change, by the key of each changed field.
    previous: Mapping[str, object] | None = None

    def facts(self, only: Collection[str] | None) -> dict[str, Value | None]:
        """Return the typed facts by key: those of `only` that exist, or all that can be known.

        Raises UnreadableFact for a value that does not fit, and for one of `only` that needs `now`.
        """
        known: dict[str, Value | None] = {}
        fields, snapshot = self.fields, self.snapshot
        for key in self._all() if only is None else only:
            field = fields.get(key)
            if field is not None and not key.startswith(NOW):
                known[key] = field.value(snapshot)
            else:
                self._special(key, known)
        return known

    def _special(self, key: str, known: dict[str, Value | None]) -> None:
        base, _, derived = key.partition("@")
        if base in self.line_fields:
            known[key] = self._of_lines(self.line_fields[base], derived)
        elif base in self.fields:
            known[key] = self._derived(self.fields[base], derived, key)

    def _derived(self, field: Field, derived: str, key: str) -> Value | None:
        if derived in MEASURES:
            return self._distance(field, key, derived)
        if derived:
            return self._changed(field, derived)
        return self._moment(field)

    def _moment(self, field: Field) -> Value:
        if self.now is None or (field.type == "bool" and self.working is None):
            raise unknown_moment(field)
        if field.type == "bool":
            return "yes" if self.working else "no"
        if field.type == "time":
            return time(self.now.hour, self.now.minute, self.now.second)
        return _WEEKDAYS[self.now.weekday()]

    def _distance(self, field: Field, key: str, measure: str) -> Value | None:
        if self.now is None:
            raise unknown_moment(field, key)
        value = field.value(self.snapshot)
        if isinstance(value, datetime):
            value = _local_day(value, self.now)
        return MEASURES[measure](value, self.now.date()) if isinstance(value, date) else None

    def _changed(self, field: Field, side: str) -> Value | None:
        if not self.previous or field.key not in self.previous:
            return None
        try:
            before = read(field.type, self.previous[field.key])
        except InvalidValue as problem:
            raise UnreadableFact(field, problem) from None
        after = field.value(self.snapshot)
        if before == after:
            return None
        return before if side == "from" else after

    def _of_lines(self, field: Field, derived: str) -> Value | None:
        lines, snapshot = self._lines(field), self.snapshot
        values = Lines(field.in_its_currency(field.value(line), snapshot) for line in lines)
        if derived != ANY_LINE:
            return values
        return frozenset(str(value) for value in values if value is not None) or None

    def _lines(self, field: Field) -> Iterator[Mapping[str, object]]:
        lines = self.snapshot.get("lines") or ()
        if not isinstance(lines, Sequence) or isinstance(lines, str):
            raise UnreadableFact(field, "is where the record holds no list of items")
        for line in lines:
            if not isinstance(line, Mapping):
                raise UnreadableFact(field, "is where the item holds no details")
            yield line

    def _all(self) -> Iterable[str]:
        """Yield the key of every fact that can be known."""
        for key, field in self.fields.items():
            if not key.startswith(NOW) or (self.now and (field.type != "bool" or self.working is not None)):
                yield key
            if self.now and field.type in ("date", "datetime"):
                yield from (fact_key(key, measure) for measure in MEASURES)
            if self.previous and key in self.previous:
                yield from (f"{key}@from", f"{key}@to")
        yield from self.line_fields


def needs_the_moment(key: str) -> bool:
    """Whether a fact depends on the moment of evaluation."""
    return key.startswith(NOW) or is_distance(key)


def unknown_moment(field: Field, key: str = "") -> UnreadableFact:
    """Return the error for a fact that depends on an unknown moment."""
    return UnreadableFact(field, "can’t be checked without the time in the store", key)


def _local_day(moment: datetime, now: datetime) -> date:
    try:
        return moment.astimezone(now.tzinfo).date()
    except OverflowError:
        return moment.date()
