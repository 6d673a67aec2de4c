"""What pages show only at times: without a mail server, with many who would get it, with parts of a past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ANY
from tests.kit import shop

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Looks = Callable[..., list[str]]


def test_a_mailbox_without_a_mail_server_leads_an_admin_to_it(
    page: Page, live: str, enter: Enter, all_looks: Looks
) -> None:
    shop.publish_automation("Thanks", "created", actions=[shop.email_to()])
    shop.place_order()
    shop.keep_here(shop.runs()[-1].id)
    enter(page, "ada")
    for address in ("/mailbox", "/mailbox/1"):
        page.goto(f"{live}{address}")
        link = page.get_by_role("link", name="Set a mail server")
        expect(link).to_have_css("text-decoration-line", "underline")
        assert all_looks(page, ANY) == []


def test_a_review_with_more_than_it_lists_leads_to_all(
    page: Page, live: str, enter: Enter, all_looks: Looks
) -> None:
    draft = shop.draft_automation("Thanks", "created", actions=[shop.email_to()])
    now = dt.datetime.now(dt.UTC)
    for number in range(8):
        shop.place_order(str(number), now=now)
    enter(page, "rosa")
    page.goto(f"{live}/automations/{draft}/publish")
    expect(page.get_by_role("button", name="See all 8")).to_be_visible()
    assert all_looks(page, ANY) == []
