"""The chart above the activity log: its numbers in words, and the automation filter."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient

from automations.features.history.daily_counts import DayCounts
from automations.web.log.activity_chart import HEIGHT, Chart, chart
from tests.kit import shop
from tests.web.pages import assert_fragment, text_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def fired(app: object) -> int:
    """Two automations that just fired, one of them with its action skipped; the id of the other."""
    now = dt.datetime.now(dt.UTC)
    thanks = shop.publish_automation("Thanks", "created", now=now)
    shop.publish_automation("Courier", "created", now=now)
    shop.place_order(now=now)
    shop.set_run(shop.runs()[1].id, state="skipped", reason="No address.")
    return thanks


def drawn(*days: tuple[int, int, int]) -> Chart:
    start = dt.date(2026, 11, 1)
    kinds = ("sent", "skipped", "wrong")
    dated = ((start + dt.timedelta(days=place), counts) for place, counts in enumerate(days))
    return chart([DayCounts(day, dict(zip(kinds, counts, strict=True))) for day, counts in dated])


def test_the_chart_states_its_numbers_in_words(as_finn: FlaskClient, fired: int) -> None:
    page = as_finn.get("/activity")
    assert "Sent 0 Waiting 1 Skipped 1 Went wrong 0" in text_of(page)
    name = "What automations did in the last 30 days: sent 0, waiting 1, skipped 1, went wrong 0."
    assert f'role="img" aria-label="{name} At most 2 a day."' in page.text
    assert len(re.findall(r"<g><title>", page.text)) == 30


def test_the_chart_follows_the_automation_filter(as_finn: FlaskClient, fired: int) -> None:
    answer = as_finn.get("/activity", query_string={"automation": fired}, headers=HTMX)
    assert_fragment(answer, "#activity-chart")
    assert_fragment(answer, "#activity")
    assert "Sent 0 Waiting 1 Skipped 0 Went wrong 0" in text_of(answer)
    assert 'hx-select-oob="#activity-chart,#saved-filters"' in as_finn.get("/activity").text


def test_a_store_where_nothing_fired_shows_no_chart(as_finn: FlaskClient) -> None:
    page = as_finn.get("/activity").text
    assert 'id="activity-chart"' in page and 'class="day-chart"' not in page


def test_the_chart_says_when_an_automation_has_not_fired(as_finn: FlaskClient, fired: int) -> None:
    quiet = shop.publish_automation("Quiet", "status_changed")
    assert "Nothing fired in this period" in text_of(as_finn.get(f"/activity?automation={quiet}"))


def test_one_failure_among_thousands_is_still_visible() -> None:
    (bar, empty) = drawn((10_000, 1, 1), (0, 0, 0)).bars
    assert [piece.kind for piece in bar.pieces] == ["sent", "skipped", "wrong"]
    assert min(piece.height for piece in bar.pieces) >= 2
    assert min(piece.y for piece in bar.pieces) >= 0
    assert [piece.kind for piece in empty.pieces] == ["none"]


def test_the_pieces_of_a_bar_are_stacked() -> None:
    (bar, _) = drawn((3, 2, 1), (12, 0, 0)).bars
    ends = [HEIGHT, *(piece.y for piece in bar.pieces)]
    assert ends[:-1] == pytest.approx([piece.y + piece.height for piece in bar.pieces], abs=0.02)
