"""Every starter fires on all entries of the store's lists that its title speaks of, and on no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from automations.connectors.sms_parts import GSM, segments
from automations.features.starters.gallery import STARTERS
from automations.features.trial import trial
from automations.features.trial.trial_records import SAMPLES, sample_snapshot
from automations.models.db.base import db
from automations.models.settings.choices import DEFAULTS, StoreWords, key_of
from automations.models.tables.run import Message
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.doing import perform_all

ORDER_STATUSES = {key_of(label) for label in DEFAULTS["order_status"]}
EVENT_STATUSES = {key_of(label) for label in DEFAULTS["event_status"]}
AGREED = {"quote_accepted", "order_finalisation", "order_created"}
#: Starter, the list, the field, and the entries with which it fires.
FIRES = [
    ("order_refunded", "payment_status", "payment_status", {"refunded", "partially_refunded"}),
    ("fully_paid", "payment_status", "payment_status", {"paid", "over_paid"}),
    ("change_order", "payment_status", "payment_status", {"paid", "over_paid"}),
    ("change_customer", "payment_status", "payment_status", {"paid", "over_paid"}),
    ("deposit_received", "payment_status", "payment_status", {"partially_paid"}),
    ("confirm_paid_deliveries", "payment_status", "payment_status", {"paid"}),
    ("order_confirmed", "order_status", "status", {"confirmed"}),
    ("change_order", "order_status", "status", {"unconfirmed"}),
    ("ready_to_collect", "order_status", "status", {"ready_for_fulfilment"}),
    ("storage_expired", "order_status", "status", ORDER_STATUSES - {"fulfilled", "cancelled"}),
    ("quote_accepted", "event_status", "status", {"quote_accepted"}),
    ("before_event", "event_status", "status", AGREED),
    ("still_unpaid", "event_status", "status", EVENT_STATUSES - {"cancelled", "archived"}),
    ("funeral_orders", "order_type", "order_type", {"funeral"}),
    ("wedding_events", "event_type", "event_type", {"wedding"}),
    ("delivery_orders", "fulfilment_method", "fulfilment_method", {"delivery"}),
    ("ready_to_collect", "fulfilment_method", "fulfilment_method", {"collection"}),
    ("confirm_paid_deliveries", "fulfilment_method", "fulfilment_method", {"delivery"}),
    ("delivery_or_collection", "fulfilment_method", "fulfilment_method", {"delivery", "collection"}),
    ("courier_request", "delivery_type", "delivery_type", {"courier_delivery"}),
    ("at_the_depot", "delivery_type", "delivery_type", {"royal_mail"}),
    ("at_the_depot", "delivery_status", "delivery_status", {"at_the_depot"}),
]
#: What else has to be so for a starter to fire.
ELSE: Mapping[str, Mapping[str, Any]] = {
    "confirm_paid_deliveries": {"payment_status": "paid", "fulfilment_method": "delivery"},
    "change_order": {"payment_status": "paid", "status": "unconfirmed"},
    "change_customer": {"total": "320.00"},
    "ready_to_collect": {"status": "ready_for_fulfilment", "fulfilment_method": "collection"},
    "still_unpaid": {"payment_status": "unpaid"},
    "at_the_depot": {"delivery_type": "royal_mail", "delivery_status": "at_the_depot"},
}


@pytest.mark.parametrize(("key", "list_key", "field", "fires"), FIRES)
def test_a_starter_fires_on_the_entries_its_title_speaks_of(
    bloom: Store, key: str, list_key: str, field: str, fires: set[str]
) -> None:
    data, words = STARTERS[key].data, StoreWords(db.session(), bloom)
    sample = sample_snapshot(bloom, data["subject"], SAMPLES[data["subject"]][0].key)
    assert sample
    found = set()
    for entry in words.choices(list_key):
        record = sample | ELSE.get(key, {}) | {field: entry}
        if trial.test_fire(db.session(), bloom, words, data, record).fires:
            found.add(entry)
    assert found == fires


def test_every_starter_that_names_an_entry_of_a_list_is_read_here() -> None:
    named = {
        key
        for key, starter in STARTERS.items()
        if starter.data["trigger"].get("to")
        or any(
            str(row.get("field")) in {field for _, _, field, _ in FIRES}
            for row in starter.data["conditions"]
            for row in (row, *row.get("conditions", ()))
        )
    }
    assert named == {key for key, *_ in FIRES}


@pytest.mark.parametrize("status", ["refunded", "partially_refunded"])
def test_the_head_of_the_store_hears_of_every_refund(bloom: Store, status: str) -> None:
    data = STARTERS["order_refunded"].data
    shop.publish_automation("Refunds", "payment_status_changed", *data["conditions"], actions=data["actions"])
    shop.place_order(payment_status="paid")
    shop.place_order(payment_status=status)
    perform_all()
    (message,) = db.session.query(Message)
    assert message.to == "ada@bloom.example" and message.subject == "Refund for order 10482"
    label = StoreWords(db.session(), bloom).choice("payment_status", status)
    assert message.body.startswith(f"The payment status is now {label}.")


@pytest.mark.parametrize("key", list(STARTERS))
def test_a_text_message_of_a_starter_takes_one_part(bloom: Store, key: str) -> None:
    data = STARTERS[key].data
    for action in data["actions"]:
        if action["kind"] == "send_sms" or action["settings"].get("channel") == "sms":
            template = action["settings"]["message"]
            assert segments(template).alphabet == GSM, template
            assert segments(template).count == 1, template
