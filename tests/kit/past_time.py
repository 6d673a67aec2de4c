"""Time triggers asked about the recorded past."""

from __future__ import annotations

import datetime as dt
from typing import Any

from automations.engine.rules.rule import Rule, rule_from
from automations.features.past.period import Period
from automations.features.past.time_moments import DuePast, due_moments, time_matches
from automations.models.db.base import db
from automations.models.tables.store import Store


def stays(field: str, status: str, amount: int, unit: str = "days", **repeat: Any) -> dict[str, Any]:
    """Return the schedule of a "stays in a status" trigger."""
    start = {"status_field": field, "status": status, "amount": str(amount), "unit": unit}
    return start | {"repeat_every": None, "repeat_unit": None, "repeat_times": None} | repeat


def every(period: str, time: str = "08:30", **on: Any) -> dict[str, Any]:
    """Return the schedule of a daily, weekly or monthly trigger."""
    return {"every": period, "weekday": None, "day": None, "time": time, "segment": None} | on


def time_rule(
    key: str, schedule: dict[str, Any], *conditions: dict[str, Any], subject: str = "order"
) -> Rule:
    """Return the rule of a draft with a time trigger."""
    trigger = {"key": key, "from": None, "to": None, "schedule": schedule}
    return rule_from(0, {"subject": subject, "trigger": trigger, "conditions": list(conditions)})


def past_due(rule: Rule, since: dt.datetime, now: dt.datetime) -> DuePast:
    """Return when records of the shop were due."""
    return due_moments(db.session(), _bloom(), rule, Period(since, now + dt.timedelta(days=1), None), now)


def past_matches(rule: Rule, since: dt.datetime, now: dt.datetime) -> list[tuple[int, dt.datetime]]:
    """Return (record id, moment) at which a rule would have fired."""
    period = Period(since, now + dt.timedelta(days=1), None)
    return [
        (moment.record_id, moment.at) for moment in time_matches(db.session(), _bloom(), rule, period, now)
    ]


def _bloom() -> Store:
    db.session.rollback()
    return db.session.query(Store).filter_by(name="Bloom & Wild St").one()
