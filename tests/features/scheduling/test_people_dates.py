"""Birthdays, months and nth weekdays: what the scan writes, what the past says, what holds later."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.run import CANCELLED, SUCCEEDED
from tests.kit.doing import perform_due
from tests.kit.own_fields import own_field
from tests.kit.past_time import every, past_matches, time_rule
from tests.kit.shop import condition, email_to, place_customer, place_event, place_order, runs
from tests.kit.time import at, dues, reached, scan_through, timed
from tests.world import NOW

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
#: By number of the customer.
BIRTHDAYS = {"C-11": "1984-02-29", "C-12": "1990-02-28", "C-13": "1975-03-01", "C-14": "2001-01-05"}


@pytest.fixture
def birthday(app: Flask) -> str:
    """Return the key of a field of customers with a birthday each."""
    return own_field("Birthday", "date", "customer")


def born(birthday: str) -> dict[str, int]:
    """Place the customers; return the id of each."""
    key = birthday.removeprefix("custom.")
    return {number: place_customer(number, custom={key: day}).id for number, day in BIRTHDAYS.items()}


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (0, {"C-14": ["01-05"], "C-11": ["02-28"], "C-12": ["02-28"], "C-13": ["03-01"]}),
        (7, {"C-14": ["12-29"], "C-11": ["02-21"], "C-12": ["02-21"], "C-13": ["02-22"]}),
    ],
)
def test_a_birthday_comes_every_year_and_the_leap_day_on_the_28th(
    birthday: str, amount: int, expected: dict[str, list[str]]
) -> None:
    schedule = reached(birthday, "before", amount) | {"yearly": "yes"}
    id = timed("Congratulate", "date_reached", schedule, subject="customer")
    ids = born(birthday)
    # From late November to the middle of March.
    scan_through(NOW, at("2027-03-15 00:00"), 11 * HOUR)
    found = {number: [f"{due:%m-%d}" for id, due in dues(id) if id == ids[number]] for number in ids}
    assert found == expected
    assert {due.hour for _, due in dues(id)} == {9}
    rule = time_rule("date_reached", schedule, subject="customer")
    past = past_matches(rule, NOW, at("2027-03-15 00:00"))
    assert sorted(past) == sorted(dues(id))


def test_in_a_leap_year_the_leap_day_is_itself(birthday: str) -> None:
    schedule = reached(birthday, "before", 0) | {"yearly": "yes"}
    id = timed("Congratulate", "date_reached", schedule, subject="customer")
    leap = born(birthday)["C-11"]
    scan_through(at("2028-02-20 00:00"), at("2028-03-03 00:00"), 12 * HOUR)
    assert [due for record, due in dues(id) if record == leap and due.year == 2028] == [
        at("2028-02-29 09:00")
    ]


def test_a_birthday_that_was_corrected_before_the_action_left_is_not_congratulated(birthday: str) -> None:
    schedule = reached(birthday, "before", 0) | {"yearly": "yes"}
    later = email_to() | {"timing": {"when": "after", "amount": "2", "unit": "days", "recheck": True}}
    timed("Congratulate", "date_reached", schedule, subject="customer", actions=[later])
    key = birthday.removeprefix("custom.")
    for number in ("C-14", "C-15"):
        place_customer(number, custom={key: "2001-01-05"}, email=f"{number}@bloom.example")
    scan_through(at("2027-01-04 00:00"), at("2027-01-06 00:00"), 6 * HOUR)
    place_customer("C-14", custom={key: "2001-06-05"}, now=at("2027-01-06 01:00"))
    perform_due(max(run.due_at for run in runs()))
    db.session.rollback()
    assert sorted(run.state for run in runs()) == sorted([CANCELLED, SUCCEEDED])
    (reason,) = [run.reason for run in runs() if run.state == CANCELLED]
    assert reason and reason.endswith("Birthday is 5 Jun 2001 now, and that is still to come.")


def test_a_month_after_the_last_of_a_month_is_the_last_of_the_next(app: Flask) -> None:
    schedule = reached(
        "event_date", "after", 1, "months", repeat_every="1", repeat_unit="months", repeat_times="1"
    )
    id = timed("Ask how it was", "date_reached", schedule, subject="event")
    event = place_event(event_date=dt.date(2027, 1, 31)).id
    scan_through(NOW, at("2027-04-05 00:00"), 12 * HOUR)
    # In summer time nine o'clock is eight.
    assert dues(id) == [(event, at("2027-02-28 09:00")), (event, at("2027-03-31 08:00"))]
    rule = time_rule("date_reached", schedule, subject="event")
    assert past_matches(rule, NOW, at("2027-04-05 00:00")) == dues(id)


def test_the_nth_weekday_is_for_every_record(app: Flask) -> None:
    last_friday = every("month", "09:00", nth="last", weekday="friday")
    id = timed("Report", "scheduled", last_friday)
    order = place_order("1").id
    scan_through(NOW, at("2027-02-01 00:00"), 12 * HOUR)
    expected = [(order, at(f"{day} 09:00")) for day in ("2026-11-27", "2026-12-25", "2027-01-29")]
    assert dues(id) == expected
    assert past_matches(time_rule("scheduled", last_friday), NOW, at("2027-02-01 00:00")) == expected


def test_a_condition_with_months_is_judged_in_the_past_as_it_was_then(app: Flask) -> None:
    daily, soon = every("day", "08:30"), condition("delivery_date", "in_exactly", "1 month")
    id = timed("Plan", "scheduled", daily, soon)
    order = place_order("1", delivery_date=dt.date(2027, 1, 31)).id
    scan_through(NOW, at("2027-01-20 00:00"), 12 * HOUR)
    assert dues(id) == [(order, at("2026-12-31 08:30"))]
    assert past_matches(time_rule("scheduled", daily, soon), NOW, at("2027-01-20 00:00")) == dues(id)
