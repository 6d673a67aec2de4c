"""Undo gives a record what its form changed, the ordinary way, unless someone has changed it since."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from automations.features.merging import customer_merging
from automations.models.db.base import db, run_in_write, write
from automations.models.tables.customer import Account, Customer
from automations.models.tables.customer_merge import CustomerMerge
from automations.models.tables.event import Event
from automations.models.tables.order import Order
from automations.models.tables.people import Audit, User
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep
from tests.kit import shop
from tests.kit.own_fields import own_field
from tests.web.pages import text_of
from tests.web.records.forms import form_values
from tests.web.undo.test_undo import last_audit, undo_after, undo_in
from tests.world import NOW

#: What an undo does not set back: each change counts as one, and a status is entered anew.
OF_THE_CHANGE = {"revision", "updated_at", "status_since", "payment_status_since", "delivery_status_since"}


def edit(client: FlaskClient, url: str, **typed: str) -> str:
    """Save the form at `url` with some values typed, and return the address of the Undo."""
    return undo_in(saved(client, url, **typed))


def saved(client: FlaskClient, url: str, **typed: str) -> str:
    values = form_values(client.get(f"{url}/edit").text) | typed
    answer = client.post(url, data=values, follow_redirects=True)
    assert answer.status_code == 200, text_of(answer)
    return answer.text


def row_of(model: Any) -> dict[str, Any]:
    db.session.expire_all()
    row = db.session.query(model).order_by(model.id.desc()).first()
    names = {column.key for column in model.__table__.columns} - OF_THE_CHANGE
    return {name: getattr(row, name) for name in names}


def undone(client: FlaskClient, address: str) -> str:
    return text_of(client.post(address, follow_redirects=True))


def test_everything_the_form_of_an_order_changed_goes_back(as_rosa: FlaskClient) -> None:
    own_field("Ribbon")
    lines = [{"sku": "R1", "name": "Roses", "category": "", "quantity": 2, "unit_price": "30.00"}]
    parcels = [{"carrier": "DHL", "tracking_number": "D1", "status": None}]
    address = {"street": "1 Lane", "city": "Bath"}
    shop.place_order(lines=lines, parcels=parcels, delivery_address=address, custom={"ribbon": "red"})
    before = row_of(Order)
    typed = {
        "note": "Ring twice",
        "payment_status": "paid",
        "amount_paid": "80.50",
        "shipping": "5",
        "tags": "vip, gift",
        "delivery_date": "2026-12-24",
        "lines-0-quantity": "3",
        "parcels-0-tracking_number": "D2",
        "delivery_address-city": "Bristol",
        "own_ribbon": "blue",
    }
    address_of_undo = edit(as_rosa, "/orders/10482", **typed)
    after = row_of(Order)
    assert (after["total"], after["item_count"], after["custom"]) == (Decimal("95.00"), 3, {"ribbon": "blue"})
    assert "Undone. No automation fired." in undone(as_rosa, address_of_undo)
    assert row_of(Order) == before
    assert last_audit() == "undid a change of order 10482"
    assert "This was undone already." in undone(as_rosa, address_of_undo)


def test_a_given_total_and_one_that_is_added_up_go_back_as_what_they_were(as_rosa: FlaskClient) -> None:
    lines = [{"sku": "", "name": "Roses", "category": "", "quantity": 2, "unit_price": "30.00"}]
    shop.place_order(lines=lines)
    address = edit(as_rosa, "/orders/10482", total="50")
    assert row_of(Order)["total_given"]
    undone(as_rosa, address)
    assert (row_of(Order)["total"], row_of(Order)["total_given"]) == (Decimal("60.00"), False)
    edit(as_rosa, "/orders/10482", total="50")
    undone(as_rosa, edit(as_rosa, "/orders/10482", total=""))
    assert (row_of(Order)["total"], row_of(Order)["total_given"]) == (Decimal("50.00"), True)


def test_what_it_changes_back_may_fire_again(as_rosa: FlaskClient) -> None:
    shop.publish_automation("Tell them", "payment_status_changed", actions=[shop.email_to()])
    shop.place_order(payment_status="unpaid")
    page = saved(as_rosa, "/orders/10482", payment_status="paid")
    assert "Order 10482 is saved. One automation fired." in page
    address = undo_in(page)
    asked = undone(as_rosa, address)
    assert "Undo this change? The undo would change Order 10482 :" in asked
    assert (
        "Payment status now Paid then Unpaid" in asked
        and "It would set off: Tell them : 1 would fire" in asked
    )
    assert len(shop.runs()) == 1 and row_of(Order)["payment_status"] == "paid"
    sure = as_rosa.post(address, data={"sure": "yes"}, follow_redirects=True)
    assert "Undone. One automation fired." in text_of(sure)
    assert len(shop.runs()) == 2 and row_of(Order)["payment_status"] == "unpaid"
    assert "This was undone already." in text_of(as_rosa.get(address))


def test_the_page_says_of_which_record_it_is_and_each_value_before_and_after(as_rosa: FlaskClient) -> None:
    own_field("Ribbon")
    lines = [{"sku": "R1", "name": "Roses", "category": "", "quantity": 2, "unit_price": "30.00"}]
    shop.place_order(lines=lines, custom={"ribbon": "red"})
    typed = {
        "note": "Ring twice",
        "tags": "vip, gift",
        "shipping": "5",
        "delivery_date": "2026-12-24",
        "lines-0-quantity": "3",
        "delivery_address-city": "Bristol",
        "own_ribbon": "blue",
    }
    address = edit(as_rosa, "/orders/10482", **typed)
    page = as_rosa.get(address)
    words = text_of(page)
    assert 'href="/orders/10482">Order 10482</a>' in page.text
    for said in (
        "Note now Ring twice then nothing",
        "Tags now vip and gift then nothing",
        "Items now 3 × Roses then 2 × Roses",
        "Shipping now £5.00 then £0.00",
        "Delivery date now 24 Dec 2026 then nothing",
        "Delivery address now Bristol then nothing",
        "Ribbon now blue then red",
    ):
        assert said in words, said
    as_rosa.post("/orders/10482/statuses", data={"status": "picked"})
    shop.place_order(lines=lines, note="Left at the door")
    refused = text_of(as_rosa.get(address))
    assert "Nothing to undo Order 10482 : The " in refused and "in the meantime" in refused


def test_the_page_of_anything_else_says_what_would_be_done(as_rosa: FlaskClient) -> None:
    as_rosa.post("/segments", data={"name": "Everyone"})
    address = undo_in(as_rosa.post("/segments/1/removal", follow_redirects=True).text)
    page = text_of(as_rosa.get(address))
    assert "After the undo the audit says: “You put the segment “Everyone” back.”" in page


def test_it_asks_nothing_if_no_automation_would_send_anything(as_rosa: FlaskClient) -> None:
    unpaid = shop.condition("payment_status", "equals", "refunded")
    shop.publish_automation("Tell them", "payment_status_changed", unpaid, actions=[shop.email_to()])
    shop.place_order(payment_status="unpaid")
    page = saved(as_rosa, "/orders/10482", payment_status="paid")
    assert "Undone. No automation fired." in undone(as_rosa, undo_in(page))


def test_what_someone_else_changed_since_stays_and_the_rest_goes_back(as_rosa: FlaskClient) -> None:
    own_field("Ribbon")
    own_field("Paper")
    shop.place_order(note="Ring once")
    address = edit(as_rosa, "/orders/10482", note="Ring twice", own_ribbon="red")
    shop.place_order(tags=["vip"], custom={"paper": "silk"})
    assert "Undone." in undone(as_rosa, address)
    order = row_of(Order)
    assert (order["note"], order["tags"], order["custom"]) == ("Ring once", ["vip"], {"paper": "silk"})


def test_nothing_goes_back_if_one_of_its_values_was_changed_since(as_rosa: FlaskClient) -> None:
    own_field("Ribbon")
    shop.place_order(note="Ring once")
    address = edit(as_rosa, "/orders/10482", note="Ring twice", amount_paid="5", own_ribbon="red")
    shop.place_order(amount_paid=Decimal("7.00"), custom={"ribbon": "blue"})
    words = undone(as_rosa, address)
    assert "The amount paid and ribbon were changed in the meantime, so nothing was undone." in words
    assert row_of(Order)["note"] == "Ring twice"


def test_a_choice_that_left_its_list_does_not_come_back(as_rosa: FlaskClient) -> None:
    shop.place_order(order_type="funeral")
    address = edit(as_rosa, "/orders/10482", order_type="")
    with write() as session:
        session.execute(sa.text("DELETE FROM choice WHERE list_key = 'order_type' AND key = 'funeral'"))
    assert "“funeral” is no longer in its list, so nothing was undone." in undone(as_rosa, address)
    assert row_of(Order)["order_type"] is None


def test_events_and_customers_go_back_too(as_rosa: FlaskClient) -> None:
    shop.place_event(event_date=dt.date(2027, 5, 1), total=Decimal("900.00"))
    shop.place_customer(first_name="Anna", email="anna@example.com", phone="0117 496 0101")
    for model, url, typed in (
        (Event, "/events/E-7", {"event_date": "2027-06-01", "total": "950", "note": "Marquee"}),
        (Customer, "/customers/C-9", {"email": "a@example.com", "phone": "0117 496 0102", "tags": "vip"}),
    ):
        before = row_of(model)
        address = edit(as_rosa, url, **typed)
        assert row_of(model) != before
        assert "Undone. No automation fired." in undone(as_rosa, address)
        assert row_of(model) == before


def test_a_customer_who_was_added_with_the_order_stays_and_is_named(as_rosa: FlaskClient) -> None:
    shop.place_order()
    values = form_values(as_rosa.get("/orders/10482/edit").text)
    (first,) = [name for name in values if name.endswith("first_name")]
    address = edit(as_rosa, "/orders/10482", **{first: "Nadia"})
    customer = db.session.query(Customer).filter_by(first_name="Nadia").one()
    assert row_of(Order)["customer_id"] == customer.id
    assert f"{customer.name} stays a customer." in undone(as_rosa, address)
    assert row_of(Order)["customer_id"] is None


def test_an_order_goes_back_to_who_its_customer_is_now(
    as_rosa: FlaskClient, bloom: Store, rosa: User
) -> None:
    kept, other = (shop.place_customer(number, first_name="Anna").id for number in ("C-1", "C-2"))
    shop.place_order(customer_id=other)
    address = edit(as_rosa, "/orders/10482", customer="")
    store_id, user_id = bloom.id, rosa.id

    def merge(session: Session) -> CustomerMerge:
        store = session.get_one(Store, store_id)
        return customer_merging.merge(session, store, kept, other, user_id, NOW)

    run_in_write(merge)
    assert "Undone." in undone(as_rosa, address)
    assert row_of(Order)["customer_id"] == kept


def test_a_record_whose_customer_was_erased_says_so(as_ada: FlaskClient) -> None:
    customer_id = shop.place_customer(first_name="Anna", email="anna@example.com").id
    shop.place_order(customer_id=customer_id, note="Ask for Anna")
    addresses = [
        edit(as_ada, "/customers/C-9", email="a@example.com"),
        edit(as_ada, "/orders/10482", note="Ask for Bea"),
        # Since the order went to nobody, only what it was tells whose it had been.
        edit(as_ada, "/orders/10482", customer=""),
    ]
    as_ada.post("/customers/C-9/erasure", data={"number": "C-9"})
    for address in addresses:
        assert "What was there before was erased with its customer" in undone(as_ada, address)
    db.session.expire_all()
    assert {(step.before, step.after) for step in db.session.query(UndoStep)} == {(None, None)}


def test_a_form_without_changes_offers_no_undo(as_rosa: FlaskClient) -> None:
    shop.place_order()
    page = saved(as_rosa, "/orders/10482")
    assert "There were no changes to save." in page and "toast-undo" not in page


def test_an_account_is_called_again_as_it_was(as_rosa: FlaskClient) -> None:
    as_rosa.post("/accounts", data={"name": "Grand Hotel"})
    account = db.session.query(Account).one()
    url, id = f"/accounts/{account.id}", account.id
    address = undo_after(as_rosa, url, name="Grandhotel")
    assert "The account is called “Grand Hotel” again." in undone(as_rosa, address)
    assert db.session.get_one(Account, id, populate_existing=True).name == "Grand Hotel"
    assert last_audit() == "undid renaming account “Grandhotel”"
    address = undo_after(as_rosa, url, name="Grandhotel")
    as_rosa.post(url, data={"name": "Ritz"})
    assert "This account was renamed to “Ritz” in the meantime." in undone(as_rosa, address)
    address = undo_after(as_rosa, url, name="Savoy")
    as_rosa.post("/accounts", data={"name": "Ritz"})
    assert "another account is called “Ritz” now." in undone(as_rosa, address)
    rows = db.session.scalars(sa.select(Audit).where(Audit.about.contains("account")))
    assert len(list(rows)) == 6
