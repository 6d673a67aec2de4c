"""The starter and the test for each sentence of the original requirements."""

from __future__ import annotations

import importlib

import pytest
from flask import Flask

from automations.features.starters.gallery import STARTERS
from tests.kit.pages import by_hand
from tests.kit.pages.plain_browser import PlainBrowser
from tests.web.pages import sign_in

#: Sentence -> the key of its starter, and its test as "module.function".
GENERAL = {
    "After a customer places a new order, an SMS is sent": (
        "sms_for_order",
        "external.test_after_a_customer_places_a_new_order_an_sms_is_sent",
    ),
    "An order sent by Royal Mail arrives at the depot": (
        "at_the_depot",
        "external.test_an_order_sent_by_royal_mail_arrives_at_the_depot",
    ),
    "The storage period for the parcel has expired": (
        "storage_expired",
        "external.test_the_storage_period_for_the_parcel_has_expired",
    ),
    "The order’s delivery type has changed to Courier delivery": (
        "courier_request",
        "external.test_the_delivery_type_has_changed_to_courier_delivery",
    ),
    "Automate marketing emails to different customer segments": (
        "marketing_email",
        "external.test_marketing_emails_and_sms_to_different_customer_segments",
    ),
    "Automate marketing SMS messages to different customer segments": (
        "marketing_sms",
        "external.test_a_trigger_sends_marketing_to_a_segment",
    ),
    "Automatically create tasks": ("task_for_changes", "internal.test_automatically_create_tasks"),
    "Send notifications to the manager in case of any changes": (
        "notify_changes",
        "internal.test_send_notifications_to_the_manager_in_case_of_any_changes",
    ),
    "Send notifications to the head of the store": (
        "head_of_store_changes",
        "internal.test_send_notifications_to_the_head_of_the_store",
    ),
    "Automatically change order data": ("change_order", "internal.test_automatically_change_order_data"),
    "Automatically change customer data": (
        "change_customer",
        "internal.test_automatically_change_customer_data",
    ),
}
ORDERS_AND_EVENTS = {
    "Only fire for funeral orders": (
        "funeral_orders",
        "conditions.test_an_example_automation_fires_only_for_matching_records",
    ),
    "Only fire for delivery orders": (
        "delivery_orders",
        "conditions.test_an_example_automation_fires_only_for_matching_records",
    ),
    "Only fire when the order is fully paid": (
        "fully_paid",
        "conditions.test_an_example_automation_fires_only_for_matching_records",
    ),
    "Only fire for orders from a specific trade account": (
        "trade_account",
        "conditions.test_an_example_automation_fires_only_for_matching_records",
    ),
    "Only fire when the event is confirmed": (
        "quote_accepted",
        "conditions.test_an_example_automation_fires_only_for_matching_records",
    ),
    "Only fire when a deposit has been received": (
        "deposit_received",
        "conditions.test_an_example_automation_fires_only_for_matching_records",
    ),
    "Only fire for a specific corporate client": (
        "corporate_client",
        "conditions.test_an_example_automation_fires_only_for_matching_records",
    ),
    "Only fire for wedding events": (
        "wedding_events",
        "conditions.test_an_example_automation_fires_only_for_matching_records",
    ),
    "Fire for delivery or collection orders": (
        "delivery_or_collection",
        "conditions.test_one_automation_can_combine_conditions_with_or",
    ),
    "Send a confirmation email when a delivery order is paid": (
        "confirm_paid_deliveries",
        "questions.test_send_a_confirmation_email_when_a_delivery_order_is_paid",
    ),
    "Status changed and status equals Confirmed": (
        "order_confirmed",
        "questions.test_can_it_fire_for_one_specific_status_only",
    ),
    "A POS sale creates an order": (
        "thank_for_order",
        "questions.test_a_pos_sale_creates_an_order_and_triggers_order_created",
    ),
}
SENTENCES = GENERAL | ORDERS_AND_EVENTS
#: These name an account, which every store has to choose for itself.
OF_AN_ACCOUNT = {"trade_account", "corporate_client"}


@pytest.mark.parametrize("examples", [GENERAL, ORDERS_AND_EVENTS], ids=["general", "orders and events"])
def test_each_example_is_one_click_in_the_gallery(app: Flask, examples: dict[str, tuple[str, str]]) -> None:
    rosa, ada = (PlainBrowser(sign_in(app.test_client(), name)) for name in ("rosa", "ada"))
    # The starter that calls the courier names its secret, without which nothing is published.
    ada.goto("/settings/connections/secrets")
    ada.put("Name", "courier")
    ada.put("Secret", "token of the courier")
    ada.press("Save")
    for starter, _ in examples.values():
        rosa.goto("/automations/new")
        rosa.follow(STARTERS[starter].title)
        if starter in OF_AN_ACCOUNT:
            rosa.put("Condition 1 value", "Grand Hotel")
        by_hand.publish_what_is_open(rosa)
        assert "Version 1 is published and live." in rosa.words, starter


@pytest.mark.parametrize("proof", sorted({proof for _, proof in SENTENCES.values()}))
def test_each_example_has_a_test(proof: str) -> None:
    module, function = proof.split(".")
    assert callable(getattr(importlib.import_module(f"tests.seeds.test_{module}"), function))
