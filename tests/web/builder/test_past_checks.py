"""The Checks card: what is known at once comes with the page, what the past says is asked for after it."""

from __future__ import annotations

import datetime as dt
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.shop import condition, draft_automation, place_order, publish_automation
from tests.web.building import HTMX, opened, send
from tests.web.pages import assert_fragment, signed_in
from tests.web.pages import text_of as words_of

RULE = (condition("fulfilment_method", "equals", "delivery"), condition("payment_status", "equals", "paid"))
OVERLAP = "Overlaps with Confirm paid deliveries: 4 orders in 90 days would have got two emails"


def text_of(page: TestResponse) -> str:
    """Return the words of a page; no space stands between a link and what follows it."""
    return re.sub(r" (?=[:,.;])", "", words_of(page))


def four_paid_deliveries() -> None:
    publish_automation("Confirm paid deliveries", "payment_status_changed", *RULE)
    now = dt.datetime.now(dt.UTC)
    for number in ("1", "2", "3", "4"):
        place_order(number, customer_id=1, fulfilment_method="delivery", now=now)
        place_order(number, payment_status="paid", now=now)


def test_the_same_automation_again_is_warned_of_with_the_orders(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    four_paid_deliveries()
    again = draft_automation("Another one", "payment_status_changed", *RULE[::-1])
    page = signed_in(client, "rosa").get(f"/automations/{again}")
    duplicate = "Duplicate of Confirm paid deliveries: it fires for the same orders; both email the customer."
    assert duplicate in text_of(page) and OVERLAP not in text_of(page)
    assert "The last 90 days have not been checked yet." in text_of(page)
    form = opened(client, again)
    card = client.post(f"/automations/{again}/past-checks", data=form.values, headers=HTMX)
    assert_fragment(card, f"#automation-{again}-checks")
    said = text_of(card)
    assert duplicate in said and OVERLAP in said and "As #4, #3, #2" in said and "and 1 more" in said
    assert "No contradiction: an order can meet both conditions, #4 does." in said
    assert "have not been checked yet" not in said and card.text.count('href="/orders/~') == 5


def test_without_javascript_the_past_comes_with_the_next_submit(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    four_paid_deliveries()
    again = draft_automation("Another one", "payment_status_changed", *RULE)
    signed_in(client, "rosa")
    for path in ("draft-form", "past-checks"):
        page = send(client, f"/automations/{again}/{path}", opened(client, again))
        assert OVERLAP in text_of(page) and "<html" in page.text


def test_who_may_only_look_gets_all_checks_with_the_page(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    four_paid_deliveries()
    again = draft_automation("Another one", "payment_status_changed", *RULE)
    page = signed_in(client, "finn").get(f"/automations/{again}")
    assert OVERLAP in text_of(page) and "have not been checked yet" not in text_of(page)


def test_the_head_counts_the_worst(client: FlaskClient, bloom: Store, rosa: User) -> None:
    statuses = [condition("status", "equals", key) for key in ("picked", "cancelled")]
    id = draft_automation("Never", "payment_status_changed", *statuses)
    signed_in(client, "rosa")
    page = client.get(f"/automations/{id}")
    said = text_of(page)
    assert "Checks 1 stops publishing" in said and "“its status is Cancelled” exclude each other" in said
    assert 'href="#conditions-0-field"' in page.text and "Ready to publish." not in said
    redraw = f"/automations/{id}/draft-form"
    mended = send(client, redraw, opened(client, id), **{"conditions-0-value": "cancelled"})
    # Of the two one is that no mail server is set up.
    assert "Checks 2 warnings" in text_of(mended) and "Ready to publish." in text_of(mended)
    form = send(client, redraw, opened(client, id), **{"conditions-0-value": ""})
    assert "Checks 1 stops publishing" in text_of(form) and "Ready to publish." not in text_of(form)


def test_the_record_that_was_made_up_can_be_tried(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = draft_automation("Rare", "payment_status_changed", *RULE, condition("total", "at_least", "70"))
    signed_in(client, "rosa")
    card = send(client, f"/automations/{id}/past-checks", opened(client, id))
    assert "None did so far. Such an order, made up:" in text_of(card) and "Total £70.00" in text_of(card)
    tried = send(client, f"/automations/{id}/test-fires", opened(client, id), example="yes")
    assert "The made-up order of the checks" in text_of(tried) and "would fire" in text_of(tried).lower()
    values = {"record": "sample:constructed", "conditions-2-value": "90"}
    again = send(client, f"/automations/{id}/draft-form", opened(client, id), **values)
    assert 'value="sample:constructed" selected' in again.text and "£90.00" in text_of(again)
