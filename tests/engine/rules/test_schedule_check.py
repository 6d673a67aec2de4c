"""Each setting of a schedule that does not fit is named by its own path."""

from __future__ import annotations

from typing import Any

import pytest

from automations.engine.rules.rule_check import check

DATE = {"field": "placed_at", "direction": "after", "amount": "3", "unit": "days", "time": "09:00"}
AGAIN = {"repeat_every": "2", "repeat_unit": "days", "repeat_times": "5"}
STAYS = {"status_field": "status", "status": "confirmed", "amount": "20", "unit": "days"}
DAILY = {"every": "day", "weekday": None, "day": None, "time": "08:00"}


def wrong(key: str, schedule: Any, subject: str = "order") -> set[str]:
    """Return the paths of the problems, without the part that they share."""
    data = {"subject": subject, "trigger": {"key": key, "schedule": schedule}, "conditions": []}
    problems = check(data, lambda list_key: ["confirmed"], lambda kind, id: (kind, id) == ("segment", "7"))
    assert all(problem.path.startswith("trigger.schedule.") for problem in problems)
    return {problem.path.removeprefix("trigger.schedule.") for problem in problems}


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({}, set()),
        ({"field": "total"}, {"field"}),
        ({"direction": "near"}, {"direction"}),
        ({"amount": "0"}, set()),
        ({"amount": "-1"}, {"amount"}),
        ({"amount": "10000"}, set()),
        ({"amount": "10001"}, {"amount"}),
        ({"unit": "fortnights"}, {"unit"}),
        ({"unit": "weeks", "amount": "1400"}, set()),
        ({"unit": "weeks", "amount": "1401"}, {"amount"}),
        ({"unit": "months"}, set()),
        ({"unit": "years", "amount": "101"}, {"amount"}),
        ({"yearly": "yes"}, {"yearly"}),
        ({"yearly": "yes", "field": "delivery_date"}, set()),
        ({"yearly": "no"}, set()),
        ({"yearly": "always", "field": "delivery_date"}, {"yearly"}),
        (AGAIN | {"yearly": "yes", "field": "delivery_date"}, {"repeat_every"}),
        (AGAIN | {"repeat_unit": "years", "repeat_every": "101"}, {"repeat_every"}),
        ({"unit": "hours"}, {"time"}),
        ({"unit": "minutes"}, {"time"}),
        ({"unit": "hours", "time": None}, set()),
        ({"unit": "hours", "field": "delivery_date"}, set()),
        ({"time": "25:00"}, {"time"}),
        ({"time": None}, set()),
        ({"time": 9}, {"time"}),
        (AGAIN, set()),
        (AGAIN | {"repeat_every": "0"}, {"repeat_every"}),
        (AGAIN | {"repeat_every": "1"}, set()),
        (AGAIN | {"repeat_unit": None}, {"repeat_unit"}),
        (AGAIN | {"repeat_times": "0"}, {"repeat_times"}),
        (AGAIN | {"repeat_times": "1"}, set()),
        (AGAIN | {"repeat_times": "10000"}, set()),
        (AGAIN | {"repeat_times": "10001"}, {"repeat_times"}),
        ({"repeat_every": "", "repeat_times": "many"}, set()),
    ],
)
def test_a_schedule_that_counts_from_a_date(changed: dict[str, Any], paths: set[str]) -> None:
    assert wrong("date_reached", DATE | changed) == paths


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({}, set()),
        ({"status_field": "total"}, {"status_field"}),
        ({"status": "lost"}, {"status"}),
        ({"status": None}, {"status"}),
        ({"amount": "0"}, {"amount"}),
        ({"unit": "fortnights"}, {"unit"}),
    ],
)
def test_a_schedule_that_waits_in_a_status(changed: dict[str, Any], paths: set[str]) -> None:
    assert wrong("stays_in_status", STAYS | changed) == paths


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({}, set()),
        ({"every": "year"}, {"every"}),
        ({"time": None}, {"time"}),
        ({"time": ""}, {"time"}),
        ({"every": "month", "nth": "second"}, {"weekday"}),
        ({"every": "month", "nth": "last", "weekday": "friday"}, set()),
        ({"every": "month", "nth": "fifth", "weekday": "friday"}, {"nth"}),
        ({"every": "month", "nth": 2, "weekday": "friday"}, {"nth"}),
        ({"every": "month", "nth": ""}, {"day"}),
        ({"every": "week"}, {"weekday"}),
        ({"every": "week", "weekday": "someday"}, {"weekday"}),
        ({"every": "week", "weekday": "sunday"}, set()),
        ({"every": "month"}, {"day"}),
        ({"every": "month", "day": "0"}, {"day"}),
        ({"every": "month", "day": "1"}, set()),
        ({"every": "month", "day": "31"}, set()),
        ({"every": "month", "day": "32"}, {"day"}),
        ({"segment": "7"}, {"segment"}),
    ],
)
def test_a_schedule_of_days_weeks_or_months(changed: dict[str, Any], paths: set[str]) -> None:
    assert wrong("scheduled", DAILY | changed) == paths


@pytest.mark.parametrize(
    ("segment", "paths"), [("7", set()), ("8", {"segment"}), (7, {"segment"}), ("", set()), (None, set())]
)
def test_a_schedule_for_customers_may_name_a_segment(segment: Any, paths: set[str]) -> None:
    assert wrong("scheduled", DAILY | {"segment": segment}, "customer") == paths


@pytest.mark.parametrize("key", ["date_reached", "stays_in_status", "scheduled"])
@pytest.mark.parametrize("schedule", [None, "daily", [], 7])
def test_a_trigger_of_time_needs_its_schedule(key: str, schedule: Any) -> None:
    assert wrong(key, schedule) != set()
