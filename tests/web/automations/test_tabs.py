"""The tabs that the pages of one automation share."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.kit import shop

#: The end of the address -> the tab that is current there.
PAGES = {
    "/overview": "Overview",
    "": "Rule",
    "/runs": "Runs",
    "/upcoming": "Coming up",
    "/versions": "Versions",
}


def current_tab(page: str) -> str:
    """Return the label of the tab that is marked as the current page."""
    (nav,) = re.findall(r'<nav class="tabs[^>]*aria-label="This automation".*?</nav>', page, re.DOTALL)
    (label,) = re.findall(r'aria-current="page">([^<]+)', nav)
    return str(label).strip()


@pytest.mark.parametrize("end", PAGES)
def test_every_page_of_an_automation_has_the_tabs_with_its_own_as_current(
    as_finn: FlaskClient, end: str
) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    page = as_finn.get(f"/automations/{automation_id}{end}").text
    assert current_tab(page) == PAGES[end]
    for other in PAGES:
        assert f'href="/automations/{automation_id}{other}"' in page, other


def test_the_number_of_versions_stands_beside_their_tab(as_finn: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    shop.publish_again(automation_id, "status_changed")
    page = as_finn.get(f"/automations/{automation_id}/upcoming").text
    assert re.search(r'Versions <span class="tab-count">2</span>', page)


def test_the_head_offers_what_can_be_done_to_those_who_may(
    as_rosa: FlaskClient, as_finn: FlaskClient
) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    address = f"/automations/{automation_id}/versions"
    managed, viewed = as_rosa.get(address).text, as_finn.get(address).text
    for end in ("manual-run", "archive", "copies"):
        assert f"/automations/{automation_id}/{end}" in managed
        assert f"/automations/{automation_id}/{end}" not in viewed
    assert "See the rule" in viewed
