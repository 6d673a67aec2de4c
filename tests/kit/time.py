"""Automations with time triggers, and instants of a clock that tests move by hand."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from automations.features.authoring import drafts, publish
from automations.features.scheduling import scan
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.schedule_progress import Due
from automations.models.tables.store import Store
from tests.kit.shop import email_to
from tests.world import NOW

LONDON = ZoneInfo("Europe/London")

Instants = Counter[tuple[str, dt.datetime]]


def at(text: str) -> dt.datetime:
    """Return the instant of a UTC text: "2026-11-22 09:00"."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def london(day: dt.date, time: str = "09:00") -> dt.datetime:
    """Return the instant of a local time in the shop of the tests."""
    local = dt.datetime.combine(day, dt.time.fromisoformat(time), LONDON)
    return local.astimezone(dt.UTC)


def timed(
    name: str,
    key: str,
    schedule: dict[str, Any],
    *conditions: dict[str, Any],
    subject: str = "order",
    actions: list[dict[str, Any]] | None = None,
    now: dt.datetime = NOW,
) -> int:
    """Publish an automation with a time trigger; return its id."""
    data = {
        "subject": subject,
        "trigger": {"key": key, "from": None, "to": None, "schedule": schedule},
        "conditions": list(conditions),
        "actions": actions if actions is not None else [email_to()],
    }
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        automation = drafts.create(session, store, name, data, rosa, now)
        publish.publish(session, automation, rosa, now)
        return automation.id


def publish_schedule(automation_id: int, schedule: dict[str, Any], now: dt.datetime) -> None:
    """Publish a new version of an automation with another schedule."""
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        trigger = automation.draft["trigger"] | {"schedule": schedule}
        automation.draft = automation.draft | {"trigger": trigger}
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        publish.publish(session, automation, rosa, now)


def reached(
    field: str, direction: str, amount: int, unit: str = "days", time: str | None = "09:00", **repeat: Any
) -> dict[str, Any]:
    """Return the schedule of a "date reached" trigger."""
    start = {"field": field, "direction": direction, "amount": str(amount), "unit": unit, "time": time}
    return start | {"repeat_every": None, "repeat_unit": None, "repeat_times": None} | repeat


def scan_through(start: dt.datetime, end: dt.datetime, step: dt.timedelta) -> int:
    """Scan every `step` from `start` to `end`; return the number of occurrences written."""
    written, now = 0, start
    while now <= end:
        written += scan.scan(now)
        now += step
    return written


def dues(automation_id: int) -> list[tuple[int, dt.datetime]]:
    """Return (record id, instant) of the due rows, in order."""
    db.session.rollback()
    rows = db.session.query(Due).filter_by(automation_id=automation_id).order_by(Due.due_at, Due.record_id)
    return [(row.record_id, row.due_at) for row in rows]
