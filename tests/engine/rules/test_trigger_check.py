"""Triggers that wait for a field, a segment or a time are validated."""

from __future__ import annotations

from typing import Any

import pytest

from automations.engine.fields.shared_fields import custom_field
from automations.engine.rules.rule import rule_from
from automations.engine.rules.rule_check import Problem, check

_LISTS = {"order_status": ["confirmed"], "event_status": ["draft"], "delivery_type": ["courier"]}
_BIRTHDAY = custom_field("birthday", "Birthday", "date", subject="event")

_DATE = {"field": "event_date", "direction": "before", "amount": "3", "unit": "days", "time": "09:00"}
_STAYS = {"status_field": "status", "status": "draft", "amount": "20", "unit": "days"}
_WEEKLY = {"every": "week", "weekday": "monday", "day": None, "time": "08:00"}


def _check(subject: str, key: str, **trigger: Any) -> list[Problem]:
    data = {"subject": subject, "trigger": {"key": key, **trigger}, "conditions": []}
    custom = {_BIRTHDAY.key: _BIRTHDAY}
    found = check(data, lambda list_key: _LISTS.get(list_key, ()), lambda kind, id: id == "7", custom)
    if not found:
        rule_from(1, data)
    return found


def _event(key: str, schedule: Any, **changed: Any) -> list[Problem]:
    return _check("event", key, schedule={**schedule, **changed})


@pytest.mark.parametrize(
    "problems",
    [
        _check("order", "field_changed"),
        _check("order", "field_changed", field="delivery_type", to="courier"),
        _check("order", "carrier_changed", **{"from": "", "to": None}),
        _check("customer", "segment_entered", to="7"),
        _check("customer", "segment_left", **{"from": "7"}),
        _check("order", "manual"),
        _event("date_reached", _DATE),
        _event("date_reached", _DATE, amount="0", time=None),
        _event("date_reached", _DATE, field="custom.birthday"),
        _event("date_reached", _DATE, late="skip", late_within="left over"),
        _event("date_reached", _DATE, late="send", late_within="31", late_unit="days"),
        _event("date_reached", _DATE, repeat_every="1", repeat_unit="days", repeat_times="5"),
        _event("stays_in_status", _STAYS),
        _event("stays_in_status", _STAYS, repeat_every="20", repeat_unit="days", repeat_times="4"),
        _event("scheduled", _WEEKLY),
        _event("scheduled", _WEEKLY, every="month", day="31"),
        _event("scheduled", _WEEKLY, every="day", weekday=None),
        _check("customer", "scheduled", schedule={**_WEEKLY, "segment": "7"}),
        _check("order", "created", schedule=None),
    ],
)
def test_sound_triggers_have_no_problem(problems: list[Problem]) -> None:
    assert problems == []


@pytest.mark.parametrize(
    ("problems", "path", "sentence"),
    [
        (
            _check("order", "field_changed", field="now.time"),
            "field",
            "Orders have no field “now.time” that changes; pick one from the list.",
        ),
        (
            _check("order", "created", field="status"),
            "field",
            "Created can’t be narrowed to one field; leave it empty.",
        ),
        (
            _check("order", "field_changed", to="courier"),
            "to",
            "Field changed can’t be narrowed by “to”; leave it empty.",
        ),
        (
            _check("order", "field_changed", field="delivery_type", to="van"),
            "to",
            "Delivery type to “van”: there is no such choice; pick one from the list.",
        ),
        (_check("customer", "segment_entered"), "to", "Choose the segment."),
        (
            _check("customer", "segment_left", **{"from": "8"}),
            "from",
            "There is no segment “8”; pick one from the list.",
        ),
        (
            _check("event", "date_reached", schedule={**_DATE, "field": "guests"}),
            "schedule.field",
            "Choose the date to count from: event date or birthday.",
        ),
        (
            _event("date_reached", _DATE, direction="around"),
            "schedule.direction",
            "Choose whether it is before or after the date.",
        ),
        (
            _event("date_reached", _DATE, amount="10001"),
            "schedule.amount",
            "Enter a whole number from 0 to 10,000, not “10001”.",
        ),
        (
            _event("date_reached", _DATE, amount=""),
            "schedule.amount",
            "Enter a whole number from 0 to 10,000.",
        ),
        (
            _event("date_reached", _DATE, unit="fortnights"),
            "schedule.unit",
            "Choose minutes, hours, days, weeks, months or years.",
        ),
        (
            _event("date_reached", _DATE, time="25:00"),
            "schedule.time",
            "The time needs a time such as 09:30, not “25:00”.",
        ),
        (
            _event("date_reached", _DATE, repeat_every="0", repeat_unit="days", repeat_times="5"),
            "schedule.repeat_every",
            "Enter a whole number from 1 to 10,000, not “0”.",
        ),
        (
            _event("date_reached", _DATE, repeat_every="1", repeat_unit="days"),
            "schedule.repeat_times",
            "Enter how many more times, as a whole number from 1 to 10,000.",
        ),
        (
            _event("stays_in_status", _STAYS, status_field="event_type"),
            "schedule.status_field",
            "Choose which status is meant: status or payment status.",
        ),
        (
            _event("stays_in_status", _STAYS, status="gone"),
            "schedule.status",
            "Status has no choice “gone”; pick one from the list.",
        ),
        (
            _event("stays_in_status", _STAYS, amount="0"),
            "schedule.amount",
            "Enter a whole number from 1 to 10,000, not “0”.",
        ),
        (
            _event("stays_in_status", _STAYS, repeat_every="20", repeat_unit="days"),
            "schedule.repeat_times",
            "Enter how many more times, as a whole number from 1 to 10,000.",
        ),
        (
            _event("stays_in_status", _STAYS, repeat_unit="fortnights", repeat_every="20", repeat_times="4"),
            "schedule.repeat_unit",
            "Choose minutes, hours, days, weeks, months or years.",
        ),
        (
            _event("date_reached", _DATE, late="later"),
            "schedule.late",
            "Choose what becomes of it when it is over already: skip it, or send it at once.",
        ),
        (
            _event("date_reached", _DATE, late="send", late_within="32", late_unit="days"),
            "schedule.late_within",
            "Enter how late it may still be sent, as a whole number from 1 to 31.",
        ),
        (
            _event("date_reached", _DATE, late="send", late_within="1"),
            "schedule.late_unit",
            "Choose minutes, hours, days or weeks.",
        ),
        (
            _event("stays_in_status", _STAYS, late="skip"),
            "schedule.late",
            "There is no setting “late” here; leave it out.",
        ),
        (
            _event("date_reached", _DATE, repeat_evry="2"),
            "schedule.repeat_evry",
            "There is no setting “repeat_evry” here; leave it out.",
        ),
        (
            _event("stays_in_status", _STAYS, direction="after"),
            "schedule.direction",
            "There is no setting “direction” here; leave it out.",
        ),
        (
            _event("scheduled", _WEEKLY, repeat_every="2"),
            "schedule.repeat_every",
            "There is no setting “repeat_every” here; leave it out.",
        ),
        (
            _check("order", "created", once="true"),
            "once",
            "There is no setting “once” here; leave it out.",
        ),
        (
            _check("order", "created", schedule=_WEEKLY),
            "schedule",
            "Created waits for no time; leave the schedule out.",
        ),
        (
            _event("scheduled", _WEEKLY, every="hour"),
            "schedule.every",
            "Choose whether it runs every day, every week or every month.",
        ),
        (_event("scheduled", _WEEKLY, weekday="moonday"), "schedule.weekday", "Choose the day of the week."),
        (
            _event("scheduled", _WEEKLY, every="month", day="32"),
            "schedule.day",
            "Enter the day of the month as a whole number from 1 to 31.",
        ),
        (_event("scheduled", _WEEKLY, time=None), "schedule.time", "Enter the time of day, such as 09:00."),
        (
            _event("scheduled", _WEEKLY, segment="7"),
            "schedule.segment",
            "Events have no segments; leave it empty.",
        ),
    ],
)
def test_each_problem_is_reported_with_its_path(problems: list[Problem], path: str, sentence: str) -> None:
    assert problems == [Problem(f"trigger.{path}", sentence)]


def test_a_time_of_day_is_refused_when_hours_are_counted_from_a_datetime() -> None:
    schedule = {**_DATE, "field": "placed_at", "unit": "hours"}
    (problem,) = _check("order", "date_reached", schedule=schedule)
    assert (
        problem.sentence == "Placed at has a time of its own: leave the time empty when you count in hours."
    )


@pytest.mark.parametrize(
    "schedule", [None, "daily", [], {"every": ["day"]}, {"amount": 10**400, "every": {}}]
)
@pytest.mark.parametrize("key", ["date_reached", "stays_in_status", "scheduled"])
def test_checking_a_schedule_never_raises(key: str, schedule: Any) -> None:
    found = _check("order", key, schedule=schedule)
    assert found and all(one.sentence.endswith(".") for one in found)
