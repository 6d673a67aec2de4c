"""Conditions compare dates by the day of the store."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.messages.message_context import context_from
from automations.messages.render import render
from automations.messages.template_check import check
from tests.messages.samples import ORDER, label

#: 11:30 in the evening of 21 June in UTC, half past midnight on 22 June in London.
AT_NIGHT = "2026-06-21T23:30:00Z"
ZONES = st.sampled_from(["Europe/London", "America/Vancouver", "Pacific/Auckland", "Asia/Kathmandu", "UTC"])
MOMENTS = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2040, 1, 1)).map(
    lambda at: at.replace(microsecond=0)
)


def holds(condition: str, zone: str = "Europe/London", **order: object) -> bool:
    text = f"{{% if {condition} %}}yes{{% endif %}}"
    assert check(text, "order") == []
    return render(text, context_from("order", {**ORDER, **order}, label, zone)) == "yes"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("order.placed_at == '2026-06-22'", True),
        ("order.placed_at == '2026-06-21'", False),
        ("order.placed_at != '2026-06-22'", False),
        ("order.placed_at >= '2026-06-22'", True),
        ("'2026-06-22' <= order.placed_at", True),
        ("order.placed_at < '2026-06-22'", False),
        ("order.placed_at > '2026-06-22T00:29'", True),
        ("order.placed_at > '2026-06-22T00:30'", False),
        ("order.placed_at contains '2026-06-22'", True),
        ("order.placed_at contains '2026-06-21'", False),
        ("order.placed_at == order.delivery_date", True),
        ("order.delivery_date <= order.placed_at", True),
        ("order.delivery_date == '2026-06-22'", True),
        ("order.delivery_date > '2026-06-21'", True),
    ],
)
def test_a_moment_is_compared_on_the_clock_of_the_store(condition: str, expected: bool) -> None:
    assert holds(condition, placed_at=AT_NIGHT, delivery_date="2026-06-22") is expected


def test_a_case_asks_for_the_day_of_the_store() -> None:
    text = "{% case order.placed_at %}{% when '2026-06-22' %}today{% else %}another day{% endcase %}"
    assert (
        render(text, context_from("order", {**ORDER, "placed_at": AT_NIGHT}, label, "Europe/London"))
        == "today"
    )


def test_a_missing_date_is_no_day() -> None:
    assert not holds("order.delivery_date == '2026-06-22'", delivery_date=None)
    assert not holds("order.delivery_date > '2026-06-22'", delivery_date=None)


def test_a_moment_is_still_written_and_formatted_as_before() -> None:
    context = context_from("order", {**ORDER, "placed_at": AT_NIGHT}, label, "Europe/London")
    assert (
        render('{{ order.placed_at }} {{ order.placed_at | date: "%-d %B" }}', context)
        == f"{AT_NIGHT} 22 June"
    )


@given(MOMENTS, st.dates(dt.date(2000, 1, 1), dt.date(2040, 1, 1)), ZONES)
def test_the_order_of_a_moment_and_a_day_is_that_of_the_calendar_of_the_store(
    moment: dt.datetime, day: dt.date, zone: str
) -> None:
    local = moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).date()
    for operator, expected in (("<", local < day), ("==", local == day), (">=", local >= day)):
        placed = f"{moment.isoformat()}Z"
        assert holds(f"order.placed_at {operator} '{day}'", zone, placed_at=placed) is expected
