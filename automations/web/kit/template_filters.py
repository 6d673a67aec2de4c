"""Template filters that format values: times in the store's zone, money with its currency."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import Flask, g, has_app_context

from automations.messages.locale_formats import BRITISH
from automations.messages.store_formats import StoreFormats, formats_of
from automations.web.kit.typed_amounts import typed_amount

#: The order matters: the user agents of Edge and Chrome contain the names of other browsers too.
BROWSERS = (
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def when(value: dt.datetime | None, now: dt.datetime | None = None) -> str:
    """Return an instant as people say it: today 14:02, tomorrow 09:00, 21 Nov 14:02, 3 Jan 2025 09:00.

    None gives "".
    """
    if value is None:
        return ""
    local, today = value.astimezone(zone()), (now or dt.datetime.now(dt.UTC)).astimezone(zone())
    if local.date() == today.date():
        return f"today {formats().clock(local)}"
    if local.date() == today.date() + dt.timedelta(days=1):
        return f"tomorrow {formats().clock(local)}"
    day = formats().short_date(local) if local.year == today.year else formats().date(local)
    return formats().together(day, formats().clock(local))


def exactly(value: dt.datetime | None) -> str:
    """Return an instant in full, for tooltips: Sunday 22 Nov 2026, 14:02:31 (Europe/London)."""
    if value is None:
        return ""
    local = value.astimezone(zone())
    return f"{formats().full_date(local)}, {formats().seconds(local)} ({zone().key})"


def day(value: dt.date | None) -> str:
    """Return a day as 24 Nov 2026; an instant is formatted as its day in the store's zone."""
    if value is None:
        return ""
    local = value.astimezone(zone()) if isinstance(value, dt.datetime) else value
    return formats().date(local)


def short_day(value: dt.date | None, now: dt.datetime | None = None) -> str:
    """Return a day without its year if it is this one: 4 Dec, 3 Jan 2027."""
    if value is None:
        return ""
    local = value.astimezone(zone()) if isinstance(value, dt.datetime) else value
    this_year = (now or dt.datetime.now(dt.UTC)).astimezone(zone()).year
    return day(value) if local.year != this_year else formats().short_date(local)


def day_heading(value: dt.date, now: dt.datetime | None = None) -> str:
    """Return a day of the store's calendar as a heading: Today, Yesterday, Tuesday 24 Nov 2026."""
    today = (now or dt.datetime.now(dt.UTC)).astimezone(zone()).date()
    near = {today: "Today", today - dt.timedelta(days=1): "Yesterday"}
    return near.get(value) or formats().full_date(value)


def long_day(value: dt.date) -> str:
    """Return a day of this week or so in full: Tuesday 24 November."""
    return formats().weekday_date(value)


def clock(value: dt.datetime) -> str:
    """Return the time of the day in the store's zone: 14:02."""
    return formats().clock(value.astimezone(zone()))


def counted(value: int) -> str:
    """Return a number with the store's separators: 1,200."""
    return formats().number(value)


def typed(plain: str) -> str:
    """Return an amount as people type it in the store's country: 54.00, or 54,00 in a German store."""
    return typed_amount(plain, formats().language)


def money(value: Decimal | None, currency: str = "") -> str:
    """Return an amount such as £86.50, in `currency` or the store's."""
    return "" if value is None else formats().money(value, currency or g.store.currency)


def initials(name: str) -> str:
    """Return at most two initials: AQ for Ada Quill."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"


def browser(user_agent: str) -> str:
    """Name the browser and system of a user agent as far as it tells: Firefox on Linux."""
    name = next((name for token, name in BROWSERS if token in user_agent), "A browser")
    system = next((name for token, name in SYSTEMS if token in user_agent), "")
    return f"{name} on {system}" if system else name


def formats() -> StoreFormats:
    """Return how the store writes, or the British way if no store is known."""
    store = g.get("store") if has_app_context() else None
    return formats_of(store.language if store else BRITISH)


def zone() -> ZoneInfo:
    """Return the store's time zone, or UTC if no store is known."""
    store = g.get("store")
    return ZoneInfo(store.timezone if store else "UTC")


def register(app: Flask) -> None:
    """Register the filters with the templates."""
    named = {"when": when, "exactly": exactly, "day": day, "money": money, "initials": initials}
    app.jinja_env.filters.update(named, browser=browser, short_day=short_day)
    app.jinja_env.filters.update(
        day_heading=day_heading, long_day=long_day, clock=clock, counted=counted, typed=typed
    )
