"""Two customers made one on their page: found, compared, merged, led on to, and parted again."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.customer_merge import CustomerMerge
from automations.models.tables.order import Order
from automations.models.tables.people import Audit
from automations.pipeline.evaluation import consent
from tests.kit import shop
from tests.web.api.conftest import till_of
from tests.web.pages import text_of


def two(client: FlaskClient) -> int:
    """Place Ida twice, once with an order, and return the id of the second."""
    shop.place_customer("C-1001", first_name="Ida", last_name="Rook", email="ida@post.example", tags=["VIP"])
    shop.place_customer("C-1002", first_name="Ida", last_name="Rook", phone="020 7946 0958", tags=["Club"])
    ordered(client, "O-1")
    return id_of("C-1002")


def ordered(client: FlaskClient, number: str) -> None:
    """Let the till send an order of the second customer."""
    order = {"number": number, "customer": {"number": "C-1002"}}
    assert till_of(client.application).post("/api/orders", order).status_code == 201


def id_of(number: str) -> int:
    id: int = db.session.query(Customer.id).filter_by(number=number).scalar()
    return id


def merge_form(client: FlaskClient, address: str, other: int) -> dict[str, str]:
    """Return what the page with both side by side would send."""
    seen = re.search(r'name="seen" value="([0-9.]+)"', client.get(f"{address}?with={other}").text)
    assert seen
    return {"other": str(other), "seen": seen[1]}


def merged(client: FlaskClient, other: int) -> TestResponse:
    """Merge the second into the first, as the page does it."""
    address = "/customers/C-1001/merge"
    return client.post(address, data=merge_form(client, address, other), follow_redirects=True)


def test_the_page_of_a_customer_names_who_may_be_the_same_person(as_rosa: FlaskClient) -> None:
    two(as_rosa)
    page = text_of(as_rosa.get("/customers/C-1001"))
    assert "Possible duplicates Ida Rook C-1002, the same name" in page
    assert "Possible duplicates" in text_of(as_rosa.get("/customers/C-1001/merge"))


def test_both_are_shown_side_by_side_before_anything_is_merged(as_rosa: FlaskClient) -> None:
    other = two(as_rosa)
    page = text_of(as_rosa.get(f"/customers/C-1001/merge?with={other}"))
    assert (
        "Phone C-1001: − C-1002: 020 7946 0958 Afterwards: 020 7946 0958" in page
        and "Tags C-1001: VIP C-1002: Club Afterwards: VIP, Club" in page
    )
    assert "1 order, " in page and "of C-1002 will belong to C-1001." in page
    assert "Merge C-1002 into C-1001" in page
    assert db.session.query(CustomerMerge).count() == 0


def test_the_old_number_leads_on_and_an_undo_brings_it_back(as_rosa: FlaskClient) -> None:
    other = two(as_rosa)
    answer = merged(as_rosa, other)
    assert "Ida Rook (C-1002) is merged into Ida Rook (C-1001). You can undo it for 30 days." in text_of(
        answer
    )
    assert db.session.query(Order).one().customer_id == id_of("C-1001")
    for path in ("/customers/C-1002", f"/customers/~{other}"):
        led_on = as_rosa.get(path, follow_redirects=True)
        assert led_on.request.path == f"/customers/~{id_of('C-1001')}" and "C-1001" in text_of(led_on)
    again = as_rosa.post("/customers", data={"number": "C-1002", "first_name": "Mia"})
    assert again.status_code == 422 and "C-1002 was the number of a customer who is merged" in text_of(again)
    merge_id = db.session.query(CustomerMerge.id).scalar()
    parted = as_rosa.post(f"/customers/C-1001/merges/{merge_id}/undo", follow_redirects=True)
    assert "The merge is undone. Customer C-1002 is back." in text_of(parted)
    assert db.session.query(Order).one().customer_id == id_of("C-1002") == other
    again = as_rosa.post(f"/customers/C-1001/merges/{merge_id}/undo", follow_redirects=True)
    assert "This merge is undone already. Nothing was changed." in text_of(again)
    kinds = [entry.action for entry in db.session.query(Audit).order_by(Audit.id)]
    assert kinds[-2:] == ["merged", "parted"]


def test_a_second_press_is_told_that_nothing_is_left_to_merge(as_rosa: FlaskClient) -> None:
    other = two(as_rosa)
    sent = merge_form(as_rosa, "/customers/C-1001/merge", other)
    for told in ("is merged into", "The other customer is no longer there"):
        answer = as_rosa.post("/customers/C-1001/merge", data=sent, follow_redirects=True)
        assert told in text_of(answer)
    back = as_rosa.get(f"/customers/C-1001/merge?with={other}", follow_redirects=True)
    assert "The other customer is no longer there" in text_of(back)
    assert db.session.query(CustomerMerge).count() == 1


def test_who_changed_since_the_page_was_opened_is_shown_again(as_rosa: FlaskClient) -> None:
    other = two(as_rosa)
    sent = merge_form(as_rosa, "/customers/C-1001/merge", other)
    shop.place_customer("C-1002", first_name="Ira")
    answer = as_rosa.post("/customers/C-1001/merge", data=sent, follow_redirects=True)
    assert "One of the two has changed since you looked." in text_of(answer)
    assert "Merge Ira Rook (C-1002) into Ida Rook (C-1001)" in text_of(answer)
    assert db.session.query(CustomerMerge).count() == 0


@pytest.mark.parametrize("consents", [(True, True), (True, False), (False, True)])
def test_who_unsubscribes_while_two_are_one_stays_unsubscribed(
    as_rosa: FlaskClient, consents: tuple[bool, bool]
) -> None:
    other = two(as_rosa)
    for number, given in zip(("C-1001", "C-1002"), consents, strict=True):
        shop.place_customer(number, marketing_consent=given)
    link = f"/unsubscribe/{consent.token_for(1, other)}"
    merged(as_rosa, other)
    assert as_rosa.post(link).status_code == 200
    merge_id = db.session.query(CustomerMerge.id).scalar()
    as_rosa.post(f"/customers/C-1001/merges/{merge_id}/undo")
    rows = db.session.query(Customer.marketing_consent).filter(Customer.number.in_(("C-1001", "C-1002")))
    assert rows.all() == [(False,), (False,)]


def test_an_order_that_names_the_old_number_belongs_to_who_they_are_now(as_rosa: FlaskClient) -> None:
    other = two(as_rosa)
    merged(as_rosa, other)
    ordered(as_rosa, "O-2")
    owners = {order.number: order.customer_id for order in db.session.query(Order)}
    assert owners == {"O-1": id_of("C-1001"), "O-2": id_of("C-1001")}


def test_another_stores_customers_are_not_merged(as_rosa: FlaskClient, as_mallory: FlaskClient) -> None:
    other = two(as_rosa)
    assert as_mallory.get("/customers/C-1001/merge").status_code == 404
    assert as_mallory.post("/customers/C-1001/merge", data={"other": other}).status_code == 404
    assert db.session.query(CustomerMerge).count() == 0
