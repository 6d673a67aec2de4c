"""A log that is drawn again keeps the entries whole that its reader unfolded."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.kit import shop
from tests.web.pages import text_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def occurrence(app: object) -> int:
    """An order on which nothing applied of five automations; the id of its occurrence."""
    for place in range(5):
        shop.publish_automation(f"Rule {place}", "created", shop.condition("total", "greater_than", "4000"))
    shop.place_order("7")
    return shop.occurrences()[0].id


def test_the_unfolded_entry_comes_whole_and_the_others_folded(as_finn: FlaskClient, occurrence: int) -> None:
    folded = text_of(as_finn.get("/orders/7", headers=HTMX))
    whole = as_finn.get("/orders/7", headers=HTMX | {"X-Whole": str(occurrence)})
    assert "Show why" in folded and "Rule 4" not in folded
    assert "Show why" not in text_of(whole) and "Rule 4" in text_of(whole)
    assert f'id="occurrence-{occurrence}" data-whole' in whole.text


@pytest.mark.parametrize("asked", ["x", "-1", "9" * 40, "٣", ""])
def test_what_is_no_entry_of_the_page_is_left_out(as_finn: FlaskClient, occurrence: int, asked: str) -> None:
    asked = asked.encode().decode("latin-1")
    answer = as_finn.get("/orders/7", headers=HTMX | {"X-Whole": asked})
    assert answer.status_code == 200 and "data-whole" not in answer.text


def test_an_entry_of_another_record_is_not_shown(as_finn: FlaskClient, occurrence: int) -> None:
    shop.place_order("8")
    answer = as_finn.get("/orders/8", headers=HTMX | {"X-Whole": str(occurrence)})
    assert "data-whole" not in answer.text
