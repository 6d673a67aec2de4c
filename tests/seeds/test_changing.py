"""“Changing trigger conditions” and “Deleting a trigger”."""

from __future__ import annotations

from dataclasses import replace

from tests.kit.pages import by_hand
from tests.kit.pages.by_hand import Action
from tests.seeds.examples import AT_THE_DEPOT, DEPOT, THANK_BY_SMS
from tests.seeds.store import ANNA, OpenStore


def test_triggers_that_send_a_track_number_follow_a_renamed_status(store: OpenStore) -> None:
    store.use_text_gateway()
    store.publish(AT_THE_DEPOT)
    store.rename("delivery_status", "At the depot", "Waits at the Post office")
    assert "to Waits at the Post office" in store.read("/automations")
    parcel = {"delivery_type": "Royal Mail", "tracking_number": "AB123456789GB"}
    store.order(customer=ANNA, **parcel, delivery_status="In transit")
    assert store.order(delivery_status="Waits at the Post office")["fired"] == 1
    # A till that was never told goes on with the old name.
    assert store.order("10483", customer=ANNA, **parcel)["fired"] == 0
    assert store.order("10483", delivery_status="At the depot")["fired"] == 1
    store.work()
    assert [text for _, text in store.texts] == [f"{DEPOT} AB123456789GB. Best regards, Bloom & Wild St"] * 2


def test_triggers_that_send_a_track_number_can_be_changed(store: OpenStore) -> None:
    store.use_text_gateway()
    store.publish(AT_THE_DEPOT)
    store.rosa.put("To", "Delivered", "When")
    store.rosa.put("Condition 1 value", "Courier delivery")
    # Without JavaScript the page learns of a change when it is saved.
    store.rosa.press("Save")
    by_hand.publish_what_is_open(store.rosa)
    parcel = {"delivery_type": "Courier delivery", "tracking_number": "AB123456789GB"}
    store.order(customer=ANNA, **parcel)
    assert [store.order(delivery_status=one)["fired"] for one in ("At the depot", "Delivered")] == [0, 1]


def test_deleting_a_trigger_cancels_waiting_runs_and_keeps_the_history(store: OpenStore) -> None:
    (text,) = THANK_BY_SMS.actions
    later = Action(text.kind, text.fields, timing={"when it follows": "After some time", "how many": "2"})
    store.publish(replace(THANK_BY_SMS, actions=[text, later]))
    store.order(customer=ANNA)
    store.work()
    store.rosa.goto("/automations/1/archive")
    assert "1 waiting action is cancelled" in store.rosa.words
    store.rosa.press("Archive it and cancel 1 action")
    assert store.order("10483", customer=ANNA)["fired"] == 0
    assert [run.state for run in store.runs] == ["succeeded", "cancelled"]
    log = store.log()
    assert "kept here for +442079460958" in log
    assert "Cancelled: the automation was archived by Rosa Lind" in log
    assert "Thank you by text message" in store.read("/automations/archived")
    store.rosa.press("Restore")
    assert "is restored and switched off" in store.rosa.words
