"""What becomes of a time that is over, chosen in the builder as a manager does it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.shop import email_to
from tests.web.building import an_automation, automation

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]
REACHED = {"field": "delivery_date", "direction": "before", "amount": "1", "unit": "days", "time": "09:00"}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_trigger_and_an_action_say_how_late_they_may_be(
    page: Page, live: str, enter: Enter, axe: Axe, bloom: Store, rosa: User, width: int, scheme: str
) -> None:
    trigger = {"key": "date_reached", "from": None, "to": None, "schedule": REACHED}
    later = email_to() | {"timing": {"when": "date", **REACHED, "recheck": True}}
    id = an_automation(bloom, rosa, trigger=trigger, actions=[later])
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    enter(page, "rosa")
    page.goto(f"{live}/automations/{id}")
    page.get_by_label("If that is over already", exact=True).select_option(label="send at once")
    page.get_by_label("How late at most", exact=True).fill("6")
    page.get_by_label("Unit of how late", exact=True).select_option(label="hours late")
    page.get_by_label("Action 1: If that is over already", exact=True).select_option(label="skip it")
    expect(page.get_by_role("region", name="In words")).to_contain_text("at once if at most 6 hours late")
    assert axe(page) == []
    overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert page.evaluate(overflow) is False
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved").first).to_be_visible()
    saved = automation(id).draft
    assert saved["trigger"]["schedule"]["late"] == "send"
    assert saved["actions"][0]["timing"]["late"] == "skip"
