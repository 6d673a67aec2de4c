"""A batch of occurrences as the database returns them: their JSON is decoded only where something asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Hashable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from automations.engine.rules.occurrence_facts import NO_CONTEXT, OccurrenceFacts
from automations.features.past.matches import moment_of
from automations.features.past.pieces import LINES, NULL, Path, Pieces
from automations.pipeline.records.evaluation_context import StoredContext
from automations.pipeline.records.snapshots import in_currency_of

#: Stands for a value inside of something that holds no values.
_ODD = b"odd"
#: Zones change their offset at whole quarters of an hour only.
_QUARTER = 900_000_000
#: From, to, the JSON of the changed columns, of the moment and of the snapshot.
Row = tuple[str | None, str | None, str | None, str | None, str]
_decode = msgspec.json.Decoder().decode


class Moment(msgspec.Struct, frozen=True):
    """The context of an occurrence, with the previous values as JSON."""

    zone: Any = None
    working: Any = None
    previous: dict[str, msgspec.Raw] | None = None

    def before(self) -> dict[str, bytes]:
        """Return the previous values by the key of their field."""
        return {key: bytes(value) for key, value in (self.previous or {}).items()}


class Batch:
    """Occurrences of one subject and trigger, in parallel lists; `ats` in microseconds since 1970."""

    def __init__(
        self,
        subject: str,
        trigger: str,
        rows: Sequence[Row],
        ats: Sequence[int],
        paths: Collection[Path],
        currency: str,
    ) -> None:
        """`currency` is what the store's amounts are in now."""
        self._subject = subject
        self._trigger = trigger
        self._ats = ats
        self.currency = currency
        columns = list(zip(*rows, strict=True))
        self.from_values, self.to_values, self.changed_texts, self._moment_texts, self._texts = columns
        self._pieces = Pieces(paths)
        self._parts, self._odd = self._pieces.of(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def facts(self, place: int) -> OccurrenceFacts:
        """Return one occurrence as the judge takes it."""
        data = _decode(self._moment_texts[place] or "null")
        context = StoredContext.from_data(moment_of(self._ats[place]), data) if data else NO_CONTEXT
        change = (self.from_values[place], self.to_values[place], context)
        snapshot = in_currency_of(self._snapshot(place), self.currency)
        return OccurrenceFacts(self._subject, self._trigger, snapshot, *change)

    def changed(self, place: int) -> tuple[str, ...]:
        """Return the names of the columns that one occurrence changed."""
        return tuple(_decode(self.changed_texts[place] or "null") or ())

    def plain(self, path: Path) -> list[bytes]:
        """Return the JSON of the value at this path, `null` where there is none."""
        values = self._pieces.plain(path, self._parts)
        if values is None:
            return [_at(self._snapshot(place), path) for place in range(len(self))]
        for place in self._odd:
            values[place] = _at(self._snapshot(place), path)
        return values

    def lines(self, paths: Sequence[Path]) -> list[Hashable]:
        """Return the JSON of the values at these paths of all lines."""
        get = attrgetter(*(self._pieces.line_names[path] for path in paths))
        single = len(paths) == 1
        values: list[Hashable] = [
            tuple(bytes(get(line)) if single else tuple(map(bytes, get(line))) for line in part.lines or ())
            for part in self._parts
        ]
        for place in self._odd:
            values[place] = _ODD, msgspec.json.encode(self._snapshot(place).get(LINES))
        return values

    def moments(self) -> list[Moment]:
        """Return the context of each."""
        return list(map(_moment, self._moment_texts))

    def before(self) -> list[dict[str, bytes]]:
        """Return the previous values of each, as JSON by the key of their field."""
        return list(map(_before, self._moment_texts))

    def local_days(self) -> list[tuple[str | None, int | None]]:
        """Return the zone and the ordinal of the local day of each; None where they are not known."""
        return [
            _local_day(moment.zone, at // _QUARTER)
            for moment, at in zip(self.moments(), self._ats, strict=True)
        ]

    def local_times(self) -> list[dt.datetime | None]:
        """Return the local time of each; None where it is not known."""
        return [
            moment_of(at).astimezone(ZoneInfo(moment.zone)) if moment.zone else None
            for moment, at in zip(self.moments(), self._ats, strict=True)
        ]

    def _snapshot(self, place: int) -> Any:
        return _decode(self._texts[place])


_moments = msgspec.json.Decoder(Moment).decode
_UNKNOWN = Moment()


@lru_cache(8_192)
def _moment(text: str | None) -> Moment:
    return _moments(text) if text and text != "null" else _UNKNOWN


@lru_cache(8_192)
def _before(text: str | None) -> dict[str, bytes]:
    return _moment(text).before()


@lru_cache(65_536)
def _local_day(zone: str | None, quarter: int) -> tuple[str | None, int | None]:
    if zone is None:
        return None, None
    return zone, moment_of(quarter * _QUARTER).astimezone(ZoneInfo(zone)).toordinal()


def _at(value: Any, path: Path) -> bytes:
    try:
        for step in path:
            value = value.get(step)
            if value is None:
                return NULL
    except AttributeError:
        return _ODD
    return msgspec.json.encode(value)
