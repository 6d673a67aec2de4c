"""Texts that compare by what they mean: a date by the store's day, a choice by any of its names."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from operator import ge, gt, le, lt
from typing import Any

from automations.messages import date_formats

_Order = Callable[[Any, Any], bool]


class ComparedText(str):
    """A text of a record that a condition compares in its own way; it is shown as it is."""

    __slots__ = ()


class DateText(ComparedText):
    """A date or a moment as ISO text. Conditions see the day and the time that the store's clock shows."""

    __slots__ = ("_zone",)

    _zone: str

    def __new__(cls, text: str, zone: str) -> DateText:
        """Return `text`, which is compared in the time zone `zone`."""
        made = super().__new__(cls, text)
        made._zone = zone
        return made

    @property
    def _local(self) -> datetime | None:
        # Few dates of a record are compared.
        return date_formats.moment(str(self), self._zone)

    __hash__ = ComparedText.__hash__

    def __eq__(self, other: object) -> bool:
        pair = self._pair(other)
        return str.__eq__(self, other) is True if pair is None else pair[0] == pair[1]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: str) -> bool:
        return self._ordered(lt, other)

    def __le__(self, other: str) -> bool:
        return self._ordered(le, other)

    def __gt__(self, other: str) -> bool:
        return self._ordered(gt, other)

    def __ge__(self, other: str) -> bool:
        return self._ordered(ge, other)

    def __contains__(self, part: object) -> bool:
        local = self._local
        shown = self if local is None or date_formats.is_day(self) else local.isoformat()
        return str(part) in str(shown)

    def _ordered(self, order: _Order, other: str) -> bool:
        pair = self._pair(other)
        return order(str(self), str(other)) if pair is None else order(*pair)

    def _pair(self, other: object) -> tuple[date, date] | None:
        """Return both as days, or as times if both have one; None if one of them is not a date."""
        ours = self._local
        if ours is None or not isinstance(other, str):
            return None
        zone = str(ours.tzinfo or "UTC")
        theirs = other._local if isinstance(other, DateText) else date_formats.moment(other, zone)
        if theirs is None:
            return None
        if date_formats.is_day(self) or date_formats.is_day(other):
            return ours.date(), theirs.date()
        if ours.tzinfo and theirs.tzinfo:
            # Two times of one zone would be compared by the clock, which shows an hour in autumn twice.
            return ours.astimezone(UTC), theirs.astimezone(UTC)
        return ours.replace(tzinfo=None), theirs.replace(tzinfo=None)


class ChoiceText(ComparedText):
    """The label of a choice, which equals each name the choice has or had, in upper or lower case."""

    __slots__ = ("_key", "_labels", "_list")

    _list: str
    _key: str
    _labels: tuple[str, ...]

    def __new__(cls, label: str, list_key: str, key: str, former: Collection[str] = ()) -> ChoiceText:
        """Return `label` for the choice `key` of a list; `former` are the labels it had before."""
        made = super().__new__(cls, label)
        made._list, made._key, made._labels = list_key, key, (label, *former)
        return made

    __hash__ = ComparedText.__hash__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ChoiceText) and other._list == self._list:
            return other._key == self._key
        name = other.strip().casefold() if isinstance(other, str) else None
        return name in {word.casefold() for word in (self._key, *self._labels)}

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __contains__(self, part: object) -> bool:
        return any(str(part) in label for label in self._labels)
