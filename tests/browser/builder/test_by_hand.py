"""The examples of the seeds in Chromium: from the gallery and by hand, with the same rule in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.secret import Secret
from tests.browser.screen import LIMIT, Chromium
from tests.kit.pages import by_hand
from tests.seeds import examples
from tests.world import NOW

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
#: The starters fire on every entry of the lists that their titles speak of; the seeds name one.
STORAGE_EXPIRED = replace(
    examples.STORAGE_EXPIRED, conditions=[("Status", "is none of", ("Fulfilled", "Cancelled"))]
)
CONFIRM_PAID_ORDERS = replace(
    examples.CONFIRM_PAID_ORDERS,
    conditions=[("Payment status", "is one of", ("Paid", "Over Paid")), ("Status", "equals", "Unconfirmed")],
    when={},
)
#: The request of the starter, the same by hand, and what the page says it would do.
EXTERNAL = [
    ("Text a thank-you for every new order", examples.THANK_BY_SMS, examples.THANKS),
    ("Text the customer when their Royal", examples.AT_THE_DEPOT, "has arrived at the Post office"),
    ("Email the customer when their parcel", STORAGE_EXPIRED, "has been returned"),
    ("Book the courier when", examples.BOOK_THE_COURIER, f"POST {examples.COURIER}"),
]
INTERNAL = [
    ("Create a task when a delivery date changes", examples.PLAN_AGAIN, "Plan order SAMPLE-1"),
    ("Notify the managers of every change", examples.TELL_MANAGERS, "Order SAMPLE-1 has changed"),
    ("Confirm an order as soon as it is paid", CONFIRM_PAID_ORDERS, "Status: Confirmed"),
]


@pytest.mark.parametrize("some", [EXTERNAL, INTERNAL], ids=["external", "internal"])
def test_each_example_is_identical_from_the_gallery_and_by_hand(
    page: Page, live: str, enter: Enter, some: list[tuple[str, by_hand.Automation, str]]
) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    # A request that names its secret is not published before there is one.
    with write() as session:
        session.add(Secret(store_id=1, name="courier", value="x", changed_at=NOW, created_at=NOW))
    enter(page, "rosa")
    screen = Chromium(page, live)
    for starter, wanted, would_do in some:
        screen.goto("/automations/new")
        screen.follow(starter)
        from_gallery = _published(screen, would_do)
        by_hand.build(screen, replace(wanted, name=f"{wanted.name}, by hand"))
        assert _published(screen, would_do, from_gallery) == from_gallery
    assert errors == []
    db.session.rollback()
    made = db.session.query(Automation).all()
    assert len(made) == 2 * len(some) and all(one.active_version_id for one in made)


def _published(screen: Chromium, would_do: str, words: str = "") -> str:
    """Publish what is open once it is ready; its rule in words."""
    page = screen.page
    expect(page.get_by_text("Ready to publish.")).to_be_visible(timeout=LIMIT)
    if words:
        expect(page.get_by_role("region", name="In words")).to_contain_text(words, timeout=LIMIT)
    expect(page.get_by_role("region", name="Try it")).to_contain_text(would_do, timeout=LIMIT)
    by_hand.publish_what_is_open(screen)
    expect(page.get_by_text("Version 1 is published and live.")).to_be_visible(timeout=LIMIT)
    return screen.in_words()
