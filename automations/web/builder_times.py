"""A condition's instant between the form, which has the store's clock, and the draft, which has UTC."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

from automations.engine.values import InvalidValue, parse


class Clock(Protocol):
    """What has to be known of a store: the words of a store know it."""

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone."""

    def local(self, moment: dt.datetime) -> dt.datetime:
        """The same instant in the zone."""


def local_text(value: str, clock: Clock) -> str | None:
    """The draft's UTC text by the store's clock, for the control; None where that would lose something.

    Seconds have no place in the control, and an hour that the clock shows twice would come back as the first.
    """
    moment = _moment(value)
    if moment is None or moment.second or moment.microsecond:
        return None
    text = _plain(clock.local(moment))
    return text if _moment(utc_text(text, clock)) == moment else None


def exact_text(value: str) -> str:
    """The draft's text with its zone, for a plain control: "2026-10-25T01:30Z"; unreadable as it is."""
    moment = _moment(value)
    return f"{_plain(moment)}Z" if moment else value


def utc_text(typed: str, clock: Clock) -> str:
    """What was typed as UTC text; without a zone it is the store's time, unreadable as it is."""
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
    """Whose time the control takes: "Europe/London time"."""
    zone = clock.zone.key.replace("_", " ")
    return zone if zone == "UTC" else f"{zone} time"


def _plain(moment: dt.datetime) -> str:
    """ "2026-11-24T09:30", as a control for date and time shows and sends it."""
    precision = "auto" if moment.second or moment.microsecond else "minutes"
    return moment.replace(tzinfo=None, fold=0).isoformat(timespec=precision)


def _moment(text: str) -> dt.datetime | None:
    try:
        found = parse("datetime", text)
    except InvalidValue:
        return None
    return found if isinstance(found, dt.datetime) else None
