"""Files that Shopify exports: an order is on several rows, and only the first says what is of the order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.order import Order
from tests.features.csv_import.uploads import FIRST, SECOND, SHOPIFY, take, text_of
from tests.kit import shop

pytestmark = pytest.mark.usefixtures("app")


def test_an_order_comes_in_with_all_that_its_rows_say() -> None:
    done = take(text_of(SHOPIFY, [FIRST, SECOND]))
    assert (done.state, done.figures) == ("done", {"create": 1, "taken": {"create": 1}})
    order = db.session.query(Order).one()
    assert (order.number, order.status, order.payment_status) == ("1001", "fulfilled", "paid")
    assert (order.total, order.amount_paid, order.shipping) == (
        Decimal("64.95"),
        Decimal("64.95"),
        Decimal("4.95"),
    )
    assert (order.source, order.fulfilment_method, order.tags) == ("web", "delivery", ["vip", "wedding"])
    assert order.placed_at == dt.datetime(2026, 10, 7, 7, 50, 26, tzinfo=dt.UTC)
    assert (order.recipient, order.note) == ("Anna Petrova", "Ring,\ntwice")
    assert order.delivery_address == {"street": "1 Mill Lane\nFlat 2", "city": "Bath", "postcode": "01234"}
    assert [(line["name"], line["quantity"], line["unit_price"]) for line in order.lines] == [
        ("Roses", 2, "20.00"),
        ("Vase", 1, "20.00"),
    ]
    customer = db.session.get_one(Customer, order.customer_id)
    assert (customer.first_name, customer.last_name, customer.email) == (
        "Ivy Rose",
        "Cole",
        "ivy@example.com",
    )
    assert (customer.phone, customer.marketing_consent) == ("+442079460124", False)


def test_rows_of_an_order_that_stand_apart_are_one_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automations.features.csv_import.file_checking.CHUNK", 2)
    others = [{**FIRST, "Name": f"#20{place}", "Email": f"a{place}@example.com"} for place in range(5)]
    done = take(text_of(SHOPIFY, [FIRST, *others, SECOND]))
    assert done.figures["taken"] == {"create": 6}
    order = db.session.query(Order).filter_by(number="1001").one()
    assert [line["name"] for line in order.lines] == ["Roses", "Vase"]


def test_the_same_file_again_changes_nothing() -> None:
    content = text_of(SHOPIFY, [FIRST, SECOND, {**FIRST, "Name": "#1002", "Total": "1.00"}])
    take(content)
    again = take(content)
    assert again.figures == {"same": 2}
    changed = take(text_of(SHOPIFY, [{**FIRST, "Notes": "Ring once"}, SECOND]))
    assert changed.figures == {"change": 1, "taken": {"change": 1}}
    assert db.session.query(Order).count() == 2
    assert db.session.query(Customer).filter_by(email="ivy@example.com").count() == 1


def test_known_orders_can_be_left_alone() -> None:
    take(text_of(SHOPIFY, [FIRST]))
    changed = text_of(SHOPIFY, [{**FIRST, "Notes": "Other"}, {**FIRST, "Name": "#1002"}])
    done = take(changed, known="leave")
    assert done.figures == {"change": 1, "create": 1, "taken": {"create": 1}}
    assert db.session.query(Order).filter_by(number="1001").one().note == "Ring,\ntwice"


def test_nothing_fires_unless_it_is_asked_for() -> None:
    shop.publish_automation("Thank you", "created", actions=[shop.email_to()])
    take(text_of(SHOPIFY, [FIRST]))
    assert db.session.query(Evaluation).count() == 0
    take(text_of(SHOPIFY, [{**FIRST, "Name": "#1002"}]), fires=True)
    assert db.session.query(Evaluation).count() == 1
    causes = [occurrence.cause for occurrence in shop.occurrences() if occurrence.subject == "order"]
    assert causes == ["import of “orders.csv”"] * 2


@pytest.mark.parametrize(
    ("financial", "outstanding", "paid", "status"),
    [
        ("pending", "64.95", "0.00", "unpaid"),
        ("authorized", "64.95", "0.00", "unpaid"),
        ("partially_paid", "40.00", "24.95", "partially_paid"),
        ("refunded", "0.00", "64.95", "refunded"),
        ("voided", "0.00", "0.00", "void"),
    ],
)
def test_only_what_came_in_is_paid(financial: str, outstanding: str, paid: str, status: str) -> None:
    take(text_of(SHOPIFY, [{**FIRST, "Financial Status": financial, "Outstanding Balance": outstanding}]))
    order = db.session.query(Order).one()
    assert (order.amount_paid, order.payment_status) == (Decimal(paid), status)


def test_a_cancelled_order_is_cancelled() -> None:
    take(text_of(SHOPIFY, [{**FIRST, "Cancelled at": "2026-10-08 10:00:00 +0200"}]))
    assert db.session.query(Order).one().status == "cancelled"
