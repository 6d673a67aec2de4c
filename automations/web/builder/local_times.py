"""Convert a condition's instant between the form, in the store's time, and the draft, in UTC."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

from automations.engine.operators.value_types import InvalidValue, parse


class Clock(Protocol):
    """What is needed of a store; StoreWords provides it."""

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone."""

    def local(self, moment: dt.datetime) -> dt.datetime:
        """The same instant in the zone."""


def local_text(value: str, clock: Clock) -> str | None:
    """Return the draft's UTC text in the store's time, or None if the control could not send it back exactly.

    The control has no seconds, and a local hour that occurs twice would come back as the first one.
    """
    moment = _moment(value)
    if moment is None or moment.second or moment.microsecond:
        return None
    text = _plain(clock.local(moment))
    return text if _moment(utc_text(text, clock)) == moment else None


def exact_text(value: str) -> str:
    """Return the draft's text with its zone ("2026-10-25T01:30Z"); unreadable text unchanged."""
    moment = _moment(value)
    return f"{_plain(moment)}Z" if moment else value


def utc_text(typed: str, clock: Clock) -> str:
    """Return the typed text in UTC, read in the store's zone if it has none; unreadable text unchanged."""
    if _moment(typed) is None:
        return typed
    moment = dt.datetime.fromisoformat(typed.strip())
    if moment.tzinfo:
        return typed
    try:
        utc = moment.replace(tzinfo=clock.zone).astimezone(dt.UTC)
    except OverflowError:
        return typed
    return _plain(utc)


def clock_words(clock: Clock) -> str:
    """Name the time zone the control uses: "Europe/London time"."""
    zone = clock.zone.key.replace("_", " ")
    return zone if zone == "UTC" else f"{zone} time"


def _plain(moment: dt.datetime) -> str:
    """Return "2026-11-24T09:30", the format of a datetime-local input."""
    precision = "auto" if moment.second or moment.microsecond else "minutes"
    return moment.replace(tzinfo=None, fold=0).isoformat(timespec=precision)


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = parse("datetime", text)
    except InvalidValue:
        return None
    return moment if isinstance(moment, dt.datetime) else None
