"""“Putting it together”, and the answers to the common questions."""

from __future__ import annotations

from dataclasses import replace

from automations.models.db.base import db
from automations.models.tables.automation import Automation as Row
from tests.kit.pages.by_hand import Automation, ask_to_publish
from tests.seeds.examples import CONFIRM_PAID_DELIVERIES, TOLD
from tests.seeds.store import ANNA, OpenStore

SENTENCE = (
    "Every time an order’s payment status changes, if its fulfilment method is Delivery "
    "and its payment status is Paid, email the customer."
)


def test_send_a_confirmation_email_when_a_delivery_order_is_paid(store: OpenStore) -> None:
    store.publish(CONFIRM_PAID_DELIVERIES)
    assert SENTENCE in store.rosa.words
    for number, method in (("D-1", "Delivery"), ("C-1", "Collection")):
        store.order(number, customer=ANNA, fulfilment_method=method, payment_status="Unpaid")
        store.order(number, payment_status="Partially Paid")
        store.order(number, payment_status="Paid")
    store.work()
    (email,) = store.emails
    assert (email["Subject"], email["To"]) == (
        "Your order D-1 is confirmed",
        "Anna Petrova <anna@grandhotel.example>",
    )
    assert "Hello Anna, thank you." in email.get_content()
    delivered, collected = store.log("D-1"), store.log("C-1")
    # It is evaluated every time the payment status changes, and runs its action once.
    assert "Payment status is Partially Paid, needs Paid Not applicable" in delivered
    assert "Email the customer sent to anna@grandhotel.example" in delivered
    assert "Fulfilment method is Collection, needs Delivery" in collected


def test_can_it_fire_for_one_specific_status_only(store: OpenStore) -> None:
    """“Use the status changed trigger combined with a condition that checks for the specific status.”"""
    only = [("Status", "equals", "Confirmed")]
    store.publish(Automation("Order is confirmed", "Status changed", only, [TOLD]))
    store.order(customer=ANNA, status="Unconfirmed")
    fired = [store.order(status=one)["fired"] for one in ("Picked", "Confirmed", "Fulfilled", "Confirmed")]
    assert fired == [0, 1, 0, 1]


def test_a_pos_sale_creates_an_order_and_triggers_order_created(store: OpenStore) -> None:
    store.publish(Automation("Thank you", "Created", actions=[TOLD]))
    roses = {"name": "Roses", "quantity": 1, "unit_price": "48.50"}
    assert store.order(source="Till", customer=ANNA, lines=[roses])["fired"] == 1
    store.work()
    assert [email["Subject"] for email in store.emails] == ["About 10482"]
    assert "Source Till" in store.log()


def test_every_automation_needs_a_trigger_and_conditions_cannot_fire_on_their_own(store: OpenStore) -> None:
    ask_to_publish(store.rosa, replace(CONFIRM_PAID_DELIVERIES, trigger=""))
    assert "Choose what starts it: nothing happens without a trigger." in store.rosa.words
    db.session.rollback()
    assert db.session.query(Row).one().active_version_id is None
    paid = store.order(customer=ANNA, fulfilment_method="Delivery", payment_status="Paid")
    assert (paid["fired"], store.runs) == (0, [])


def test_where_conditions_are_not_met_nothing_happens_and_it_is_not_applicable(store: OpenStore) -> None:
    store.publish(CONFIRM_PAID_DELIVERIES)
    store.order(customer=ANNA, fulfilment_method="Collection", payment_status="Unpaid")
    store.order(payment_status="Paid")
    store.work()
    assert (store.emails, store.runs) == ([], [])
    log = store.log()
    assert "Fulfilment method is Collection, needs Delivery" in log and "Not applicable" in log
    assert "Nothing needs you" in store.read("/needs-you")
