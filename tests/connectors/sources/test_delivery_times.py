"""The time of a delivery, as apps and plugins of shops write it."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.connectors.sources.delivery_times import is_delivery_time, times_of

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("written", "times"),
    [
        ("10:00 - 12:00", ("10:00", "12:00")),
        ("10:00–12:00", ("10:00", "12:00")),
        ("10:00:00 to 12:00:00", ("10:00", "12:00")),
        ("9:00 AM - 11:30 AM", ("09:00", "11:30")),
        ("8 a.m. - 12 p.m.", ("08:00", "12:00")),
        ("1-3pm", ("13:00", "15:00")),
        ("1:30 - 3 pm", ("13:30", "15:00")),
        ("11-1pm", ("11:00", "13:00")),
        ("12am-1am", ("00:00", "01:00")),
        ("Between 9:00 and 11:00", ("09:00", "11:00")),
        ("zwischen 10 und 12 Uhr", ("10:00", "12:00")),
        ("10.30-12.00", ("10:30", "12:00")),
        ("10h30 à 12h00", ("10:30", "12:00")),
        ("10-12", ("10:00", "12:00")),
        ("Slot 2: 10:00-12:00", ("10:00", "12:00")),
        ("Morning (8am - 12pm)", ("08:00", "12:00")),
        ("2026-11-24 10:00 - 12:00", ("10:00", "12:00")),
        ("24.11. 10-12 Uhr", ("10:00", "12:00")),
        ("24 November 2026, 10:00 - 12:00", ("10:00", "12:00")),
        ("2026-07-24T10:00:00+00:00", ("11:00", "")),
        ("2026-07-24T10:00:00", ("10:00", "")),
        ("after 2 pm", ("14:00", "")),
        ("before 12:00", ("", "12:00")),
    ],
)
def test_a_time_is_read_as_shops_write_it(written: str, times: tuple[str, str]) -> None:
    assert times_of(written, LONDON) == times


@pytest.mark.parametrize(
    "written",
    ["", "Morning", "7", "5 days", "25:00", "13 pm", "12:00-10:00", "30-40", "09:00-12:00, 14:00-16:00"],
)
def test_what_is_no_time_is_not_guessed(written: str) -> None:
    assert times_of(written, LONDON) is None


@given(st.text(alphabet="0123456789:.- apmhto", max_size=30) | st.text(max_size=100))
def test_whatever_is_written_is_a_time_of_day_or_none(written: str) -> None:
    found = times_of(written, LONDON)
    if found is not None:
        begin, end = found
        assert begin or end
        assert all(re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", time) for time in found if time)
        assert not (begin and end) or begin <= end


@pytest.mark.parametrize("name", ["Delivery-Time", "delivery_time_slot", "Pickup Time", "_orddd_time_slot"])
def test_names_of_delivery_times_are_known_in_any_spelling(name: str) -> None:
    assert is_delivery_time(name) and not is_delivery_time(f"{name} note")
