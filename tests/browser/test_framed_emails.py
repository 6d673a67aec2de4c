"""Emails with the store's look, framed in a backtest and in the review, under the policy of the page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from automations.models.db.base import db, write
from automations.models.settings.email_looks import NEW
from automations.models.tables.store import Store
from tests.features.backtest import story
from tests.features.backtest.story import DELIVERY, over
from tests.kit import shop

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


def test_the_email_of_a_chosen_row_and_of_a_review_is_seen_as_it_looks(
    page: Page, bloom: Store, live: str, enter: Enter, axe: Axe
) -> None:
    with write() as session:
        session.get_one(Store, bloom.id).email_look = {**NEW, "address": "1 Wild St"}
    customer = shop.place_customer("C-9", first_name="Bram", last_name="Hollis", email="bram@mail.example")
    story.pay_the_orders(customer.id)
    automation_id = story.live_and_draft(DELIVERY, over("40"))
    begun = story.begun(bloom, automation_id).id
    db.session.rollback()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    enter(page, "rosa")
    page.goto(f"{live}/automations/{automation_id}/backtests/{begun}")
    chosen = page.get_by_role("complementary", name="What the chosen order would have got")
    light = chosen.frame_locator("iframe[title='Email 1 in light colours']")
    expect(light.get_by_text("Hello Anna.").last).to_be_visible()
    # The next row is put into the page, whose policy has to let its email in.
    page.get_by_role("link", name=re.compile("^#1049")).press("ArrowDown")
    expect(chosen.get_by_role("heading", name="What #1045 would have got")).to_be_visible()
    expect(light.get_by_text("Hello Anna.").last).to_be_visible()
    chosen.get_by_text("Dark", exact=True).click()
    ground = chosen.frame_locator("iframe[title='Email 1 in dark colours']").locator("body")
    expect(ground).to_have_css("background-color", "rgb(22, 26, 25)")
    assert axe(page) == []
    page.goto(f"{live}/automations/{automation_id}/publish")
    looks = page.get_by_role("definition").filter(has_text="the newest of them, would get it")
    seen = looks.frame_locator("iframe[title='Email 1 in light colours']")
    expect(seen.get_by_text("Hello Anna.").last).to_be_visible()
    looks.get_by_text("The text part").press("Enter")
    expect(looks.get_by_role("region", name="Send email, action 1, text 1")).to_contain_text("1 Wild St")
    assert axe(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert errors == []
