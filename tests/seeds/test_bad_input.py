"""Invalid input, and refusals from outside services."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automations.connectors import egress
from tests.kit.pages.by_hand import Action, Automation, ask_to_publish
from tests.seeds.examples import (
    BOOK_THE_COURIER,
    CONFIRM_PAID_ORDERS,
    THANK_BY_SMS,
    THANKS,
    change_to_text,
    email,
    sms,
)
from tests.seeds.store import ANNA, OpenStore


@pytest.mark.parametrize(
    ("country", "typed", "read"),
    [
        ("GB (+44)", "020 7946 0958", "+442079460958"),
        ("RU (+7)", "8-800-000-00-60", "+78000000060"),
        ("GB (+44)", "+7 800 000 00 60", "+78000000060"),
    ],
)
def test_a_phone_number_without_country_code_is_read_by_the_region_of_the_store(
    store: OpenStore, country: str, typed: str, read: str
) -> None:
    store.use_text_gateway()
    store.live_in(country)
    store.publish(THANK_BY_SMS)
    store.order(customer={"first_name": "Mia", "phone": typed})
    store.work()
    assert store.texts == [(read, THANKS)]


def test_a_number_invalid_in_the_stores_region_is_skipped_with_its_reason(store: OpenStore) -> None:
    store.use_text_gateway()
    store.publish(THANK_BY_SMS)
    store.order(customer={"first_name": "Mia", "phone": "8-800-000-00-60"})
    store.work()
    assert store.texts == []
    assert "“8-800-000-00-60” is not a valid phone number." in store.log()


def test_a_gateway_refusal_is_shown_in_the_gateways_words(store: OpenStore) -> None:
    store.use_text_gateway({"code": "77", "error": "this number said STOP"}, 422)
    store.publish(THANK_BY_SMS)
    store.order(customer=ANNA)
    store.work()
    assert "Failed, needs you" in store.read("/activity").replace("failed", "Failed")
    assert "The gateway said 77 this number said STOP." in store.log()
    assert "this number said STOP" in store.read("/needs-you")


def test_a_courier_refusal_is_shown_in_the_couriers_words(store: OpenStore) -> None:
    answer = {"message": "No van in this postcode"}
    store.web.expect_request("/deliveries").respond_with_json(answer, status=409)
    store.keep_secret("courier", "token of the courier")
    store.publish(calling(store.web.url_for("/deliveries")))
    store.order(customer=ANNA, delivery_type="Courier delivery")
    store.order(delivery_type="Own van")
    store.order(delivery_type="Courier delivery")
    store.work()
    log = store.log()
    assert "localhost answered 409" in log and "No van in this postcode" in log


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://10.0.0.5/deliveries", "“10.0.0.5” is not a public address, so it is not called."),
        ("ftp://api.courier.example/", "Enter a URL that starts with https:// and a host"),
        ("https://user:pass@api.courier.example/", "Take the user name and password out of the URL"),
    ],
)
def test_a_disallowed_url_is_refused_on_publishing(store: OpenStore, url: str, sentence: str) -> None:
    ask_to_publish(store.rosa, calling(url))
    assert "it cannot be published yet" in store.rosa.words and sentence in store.rosa.words
    store.order(customer=ANNA, delivery_type="Own van")
    assert store.order(delivery_type="Courier delivery")["fired"] == 0


def test_a_url_no_longer_allowed_is_refused_when_the_request_is_sent(store: OpenStore) -> None:
    store.web.expect_request("/deliveries").respond_with_json({})
    store.keep_secret("courier", "token of the courier")
    store.publish(calling(store.web.url_for("/deliveries")))
    store.order(customer=ANNA, delivery_type="Own van")
    assert store.order(delivery_type="Courier delivery")["fired"] == 1
    egress.allow(["127.0.0.1"])
    store.work()
    assert store.calls("/deliveries") == []
    assert "“localhost” is not a public address, so it is not called." in store.log()


@pytest.mark.parametrize(
    "action",
    [
        sms("{{ order.note }}"),
        email("About {{ order.number }}", "{% if order.note %}{{ order.note }}{% endif %}"),
    ],
    ids=["text message", "email"],
)
def test_a_message_that_would_be_empty_for_a_record_says_so_in_the_preview(
    store: OpenStore, action: Action
) -> None:
    empty = "Skipped: The message is empty for this record, so there is nothing to send."
    store.publish(Automation("Pass the note on", "Created", actions=[action]))
    assert empty in store.rosa.words
    store.order(customer=ANNA, note="Ring twice")
    store.rosa.put("Or the number of another order", "10482")
    store.rosa.press("Test")
    assert empty not in store.rosa.words and "Ring twice" in store.rosa.words


def test_an_unknown_status_is_refused_on_publishing(store: OpenStore) -> None:
    ask_to_publish(store.rosa, replace(CONFIRM_PAID_ORDERS, actions=[change_to_text("Status", "Blessed")]))
    assert "it cannot be published yet" in store.rosa.words
    assert "There is no status “Blessed”. Choose one from the list." in store.rosa.words
    store.order(customer=ANNA)
    assert store.order(payment_status="Paid")["fired"] == 0


def test_a_status_removed_later_fails_the_run_and_leaves_the_sale_unchanged(
    store: OpenStore,
) -> None:
    store.publish(replace(CONFIRM_PAID_ORDERS, actions=[change_to_text("Status", "{{ order.note }}")]))
    store.order(customer=ANNA, status="Unconfirmed", note="With Courier", total="86.50")
    assert store.order(payment_status="Paid")["fired"] == 1
    store.remove("order_status", "With Courier")
    store.work()
    sentence = "There is no status “With Courier” any more. Choose another one in the automation."
    assert [(run.state, run.reason) for run in store.runs] == [("failed", sentence)]
    log = store.log()
    assert sentence in log and "Order 10482 Unconfirmed Paid" in log and "£86.50" in log
    assert sentence in store.read("/needs-you")


def test_a_status_that_an_action_sets_cannot_be_removed(store: OpenStore) -> None:
    store.publish(CONFIRM_PAID_ORDERS)
    store.remove("order_status", "Confirmed")
    assert "“Confirmed” is in use, so it stays." in store.rosa.words
    assert "Confirm paid orders" in store.rosa.words


def calling(url: str) -> Automation:
    """Return the automation that books the courier, calling `url` instead."""
    (request,) = BOOK_THE_COURIER.actions
    return replace(BOOK_THE_COURIER, actions=[Action(request.kind, {**request.fields, "URL": url})])
