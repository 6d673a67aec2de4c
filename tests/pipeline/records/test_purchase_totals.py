"""What a customer bought: cancelled, void and expired orders are no purchases, wherever it is asked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.features.audience import segment_edits
from automations.features.audience.match_count import count_matches
from automations.features.audience.nightly_segments import refresh_due
from automations.models.db.base import db, write
from automations.models.settings.choices import DEFAULTS, key_of
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from automations.models.tables.segment import SegmentMember
from automations.models.tables.store import Choice, Store
from automations.pipeline.records import current_records
from automations.pipeline.records.purchase_totals import NOT_BOUGHT
from tests.kit import shop
from tests.web.api.conftest import till_of
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
STATUSES = [key_of(label) for label in DEFAULTS["order_status"]]
PAYMENTS = [key_of(label) for label in DEFAULTS["payment_status"]]


def totals_of(store: Store, customer_id: int) -> tuple[int, str, str | None]:
    db.session.rollback()
    rows = current_records.rows_of(db.session(), "customer", store.id, [customer_id])
    (snapshot,) = current_records.snapshots(db.session(), "customer", store, rows)
    return snapshot["order_count"], snapshot["total_spent"], snapshot["last_order_date"]


def anna() -> int:
    return db.session.query(Customer).filter_by(number="C-1").one().id


def test_one_order_and_two_cancelled_ones_make_one_order(app: Any, bloom: Store) -> None:
    till, who = till_of(app), {"customer": {"number": "C-1"}, "amount_paid": "10.00"}
    till.post("/api/orders", who | {"number": "1", "placed_at": "2026-11-01T10:00:00Z"})
    till.post("/api/orders", who | {"number": "2", "status": "Cancelled"})
    till.post("/api/orders", who | {"number": "3"})
    till.patch("/api/orders/3", {"status": "Cancelled"})
    customer = till.get("/api/customers/C-1").json["record"]
    assert (customer["order_count"], customer["total_spent"]) == (1, "10.00")
    assert customer["last_order_date"] == "2026-11-01"


@pytest.mark.parametrize(
    "values", [{"status": "cancelled"}, {"payment_status": "void"}, {"payment_status": "expired"}]
)
def test_a_customer_whose_only_order_is_no_purchase_bought_nothing(
    bloom: Store, values: dict[str, str]
) -> None:
    shop.place_order(customer_id=anna(), amount_paid=Decimal("10.00"), **values)
    assert totals_of(bloom, anna()) == (0, "0.00", None)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(
    orders=st.lists(
        st.tuples(st.sampled_from(STATUSES), st.sampled_from(PAYMENTS), st.integers(0, 5000)),
        min_size=1,
        max_size=5,
    )
)
def test_the_totals_are_those_of_the_orders_that_count(
    bloom: Store, orders: list[tuple[str, str, int]]
) -> None:
    customer = shop.place_customer(f"H-{db.session.query(Customer).count()}").id
    first = db.session.query(Order).count()
    for place, (status, payment, cents) in enumerate(orders):
        shop.place_order(
            f"H-{first + place}",
            customer_id=customer,
            status=status,
            payment_status=payment,
            amount_paid=Decimal(cents) / 100,
            placed_at=NOW - dt.timedelta(days=place),
        )
    bought = [
        (Decimal(cents) / 100, place)
        for place, (status, payment, cents) in enumerate(orders)
        if status != "cancelled" and payment not in ("void", "expired")
    ]
    count, spent, last = totals_of(bloom, customer)
    assert (count, Decimal(spent)) == (len(bought), sum(amount for amount, _ in bought))
    newest = NOW.date() - dt.timedelta(days=min(place for _, place in bought)) if bought else None
    assert last == (newest.isoformat() if newest else None)


def test_the_rule_goes_by_keys_that_every_new_store_has_and_no_renaming_changes(bloom: Store) -> None:
    lists = {"status": STATUSES, "payment_status": PAYMENTS}
    assert all(keys <= set(lists[name]) for name, keys in NOT_BOUGHT.items())
    with write() as session:
        called = {"store_id": bloom.id, "list_key": "order_status", "key": "cancelled"}
        row = session.query(Choice).filter_by(**called).one()
        row.label = "Called off"
    shop.place_order(customer_id=anna(), status="cancelled")
    assert totals_of(bloom, anna())[0] == 0


def test_a_cancelled_order_takes_its_customer_out_of_the_segment(bloom: Store) -> None:
    segment = make_segment(shop.condition("order_count", "at_least", "2"))
    for number in ("1", "2", "3"):
        shop.place_order(number, customer_id=anna())
    shop.place_order("1", status="cancelled")
    assert members(segment) == [anna()]
    shop.place_order("2", payment_status="void")
    assert members(segment) == []
    shop.place_order("2", payment_status="paid")
    assert members(segment) == [anna()]


def test_the_count_shown_while_a_segment_is_edited_is_the_same(bloom: Store) -> None:
    shop.place_order("1", customer_id=anna(), status="cancelled")
    conditions = [shop.condition("order_count", "at_least", "1")]
    assert count_matches(db.session(), bloom, conditions, NOW).count == 0


def test_members_from_before_the_rule_are_put_right_in_the_next_night(bloom: Store) -> None:
    segment = make_segment(shop.condition("order_count", "at_least", "1"))
    shop.place_order("1", customer_id=anna())
    assert members(segment) == [anna()]
    with write() as session:
        # Written without `receive`, as orders were before cancelled ones stopped counting.
        session.query(Order).one().status = "cancelled"
    assert refresh_due(NOW + dt.timedelta(days=1)) == 1
    assert members(segment) == []


def test_an_automation_for_customers_asks_for_what_they_bought(bloom: Store) -> None:
    shop.place_order("1", customer_id=anna(), status="cancelled")
    bought = shop.condition("order_count", "at_least", "1")
    shop.publish_automation("Regulars", "field_changed", bought, subject="customer", field="note")
    assert shop.place_customer("C-1", note="a").fired == 0
    shop.place_order("2", customer_id=anna())
    assert shop.place_customer("C-1", note="b").fired == 1


def make_segment(*conditions: dict[str, Any]) -> int:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        return segment_edits.save(session, store, shop._manager(), None, "Buyers", conditions, NOW).id


def members(segment: int) -> list[int]:
    db.session.rollback()
    return [row.customer_id for row in db.session.query(SegmentMember).filter_by(segment_id=segment)]
