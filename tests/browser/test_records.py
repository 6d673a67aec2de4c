"""A record and its log in a browser: read, filtered, changed, on a wide page and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from automations.models.db.base import write
from automations.models.tables.customer import Account, Customer
from automations.models.tables.run import Attempt, Message
from automations.models.tables.store import Store
from tests.kit import shop
from tests.world import NOW

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

PAGES = (
    "/orders",
    "/orders/10482",
    "/orders/10482/edit",
    "/orders/new",
    "/events",
    "/customers",
    "/activity",
)
MORE_PAGES = (
    "/customers/C-1",
    "/accounts",
    "/accounts/1",
    "/accounts/1/edit",
    "/mailbox",
    "/mailbox/1",
    "/needs-you",
    "/search?q=anna",
)
Enter = Callable[[Page, str], None]
Axe = Callable[[Page], list[str]]


@pytest.fixture
def a_busy_order(live: str, bloom: Store) -> None:
    """Order 10482, paid: one automation sent its email, one is failing, some did not apply."""
    is_delivery = shop.condition("fulfilment_method", "equals", "delivery")
    over_40 = shop.condition("total", "greater_than", "40.00")
    paid = "payment_status_changed"
    shop.publish_automation("Confirm paid deliveries", paid, is_delivery, over_40)
    shop.publish_automation("Tell the courier", paid, is_delivery, actions=[shop.email_to("manager")])
    shop.publish_automation(
        "Relay handover", paid, shop.condition("fulfilment_method", "equals", "relay"), after="paid"
    )
    for place in range(5):
        shop.publish_automation(f"Refund notice {place}", paid, over_40, after="refunded")
    shop.publish_automation("Thank you for your order", "created")
    with write() as session:
        customer = session.query(Customer.id).filter_by(number="C-1").scalar()
        account = session.query(Account.id).scalar()
    shop.place_order(
        customer_id=customer,
        account_id=account,
        order_type="corporate",
        fulfilment_method="delivery",
        total=Decimal("86.50"),
        lines=[{"sku": "R", "name": "Roses", "category": "Flowers", "quantity": 3, "unit_price": "12.50"}],
    )
    shop.place_order(payment_status="paid", status="confirmed")
    thanks, confirm, courier = (run.id for run in shop.runs())
    shop.set_run(thanks, state="skipped", reason="“0207” is not a valid email address.", finished_at=NOW)
    shop.set_run(confirm, state="succeeded", finished_at=NOW, tries=1)
    shop.set_run(courier, state="failed", reason="550 No such user here", finished_at=NOW, tries=1)
    prepared = {"to": "rosa@bloom.example", "to_name": "", "subject": "Courier", "body": "Please come."}
    letter = {"channel": "email", "connector": "mailbox", "to": "anna@grandhotel.example"}
    letter |= {"to_name": "Anna Petrova", "subject": "Your order 10482", "body": "Dear Anna,\n\nthank you."}
    with write() as session:
        session.add(Message(store_id=bloom.id, run_id=confirm, at=NOW, **letter))
        tried = {"result": "refused", "detail": "550 No such user here", "prepared": prepared}
        session.add(Attempt(run_id=courier, number=1, started_at=NOW, finished_at=NOW, **tried))


@pytest.mark.usefixtures("a_busy_order")
def test_a_manager_reads_the_log_and_asks_why(page: Page, live: str, enter: Enter) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/orders/10482")
    log = page.locator("#log")
    expect(log).to_contain_text("Total £86.50 is over £40.00")
    page.get_by_role("link", name="Show why").first.click()
    expect(log).to_contain_text("Refund notice 4")
    log.get_by_role("link", name="Skipped").click()
    expect(page).to_have_url(f"{live}/orders/10482?outcome=skipped")
    expect(log).not_to_contain_text("Refund notice")
    page.get_by_label("Why didn’t … run?").select_option(label="Relay handover")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#why-not")).to_contain_text("fulfilment method is Delivery, needs Relay")


@pytest.mark.usefixtures("a_busy_order")
def test_a_manager_tries_a_failed_action_again_and_saves_a_status(
    page: Page, live: str, enter: Enter
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/orders/10482")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#notices")).to_contain_text("It will be tried again in a moment.")
    page.get_by_label("Status", exact=True).select_option(label="Picked")
    page.get_by_role("button", name="Save status").click()
    expect(page.locator("#log")).to_contain_text("Confirmed → Picked")


def test_a_manager_finds_the_customer_while_typing_a_new_order(page: Page, live: str, enter: Enter) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/orders/new")
    page.get_by_label("Customer", exact=True).press_sequentially("Ann")
    expect(page.locator("#customer-options option")).to_have_count(1)
    page.get_by_label("Customer", exact=True).fill("C-1 · Anna Petrova")
    page.get_by_label("Number", exact=True).fill("77")
    page.get_by_role("button", name="Save order").click()
    expect(page.get_by_role("heading", name="Order 77")).to_be_visible()


@pytest.mark.parametrize("address", ["orders", "events", "customers"])
def test_typed_form_text_survives_an_expired_session(
    page: Page, live: str, enter: Enter, address: str
) -> None:
    enter(page, "rosa")
    page.goto(f"{live}/{address}/new")
    page.get_by_label("Note").fill("Ring twice")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("You are signed out, and nothing was changed.")).to_be_in_viewport()
    expect(page.get_by_label("Note")).to_have_value("Ring twice")


def test_the_list_filters_while_typing_and_the_url_keeps_the_filter(
    page: Page, live: str, enter: Enter
) -> None:
    shop.place_order("111", status="picked")
    shop.place_order("222", status="confirmed")
    enter(page, "rosa")
    page.goto(f"{live}/orders")
    page.get_by_label("Search orders").press_sequentially("11")
    expect(page.locator("#records")).not_to_contain_text("222")
    expect(page).to_have_url(re.compile("q=11"))
    page.get_by_label("Search orders").fill("")
    page.get_by_label("Status", exact=True).select_option(label="Confirmed")
    expect(page.locator("#records")).not_to_contain_text("111")
    page.reload()
    expect(page.get_by_label("Status", exact=True)).to_have_value("confirmed")


@pytest.mark.usefixtures("a_busy_order")
def test_every_record_page_is_accessible_and_fits_the_screen(
    page: Page, live: str, enter: Enter, all_looks: Axe
) -> None:
    enter(page, "rosa")
    for address in PAGES + MORE_PAGES:
        page.goto(f"{live}{address}")
        assert all_looks(page) == [], address
