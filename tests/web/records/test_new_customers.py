"""A customer added in the form of an order or event, in one transaction, and matched against those known."""

from __future__ import annotations

import re
from threading import Thread

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.order import Order
from tests.kit import shop
from tests.kit.rows import all_rows
from tests.web.pages import text_of

ORDER = {"status": "unconfirmed", "payment_status": "unpaid"}
EVENT = {"status": "draft", "payment_status": "unpaid"}
JO = {
    "new_customer-first_name": "Jo",
    "new_customer-last_name": "Bloggs",
    "new_customer-email": "jo@shop.example",
    "new_customer-phone": "020 7946 0958",
}


def _count() -> int:
    return db.session.query(Customer).count()


def _order(number: str) -> Order:
    db.session.rollback()
    return db.session.query(Order).filter_by(number=number).one()


def test_a_new_customer_is_saved_with_the_order(as_rosa: FlaskClient) -> None:
    welcome = shop.publish_automation("Welcome", "created", subject="customer", actions=[shop.email_to()])
    answer = as_rosa.post("/orders", data=ORDER | {"number": "N-1", **JO})
    assert answer.status_code == 303, answer.text
    customer = _order("N-1").customer
    assert customer and customer.number.startswith("C-")
    assert (customer.name, customer.email, customer.phone) == (
        "Jo Bloggs",
        "jo@shop.example",
        "020 7946 0958",
    )
    words = text_of(as_rosa.get("/orders/N-1"))
    assert "Order N-1 is saved. One automation fired." in words and "Jo Bloggs" in words
    assert welcome and "Welcome" in text_of(as_rosa.get(f"/customers/{customer.number}"))


def test_an_event_takes_one_too(as_rosa: FlaskClient) -> None:
    assert as_rosa.post("/events", data=EVENT | {"number": "E-9", **JO}).status_code == 303
    event = db.session.query(Event).filter_by(number="E-9").one()
    assert event.customer and event.customer.name == "Jo Bloggs"


def test_a_refused_order_leaves_no_customer(as_rosa: FlaskClient) -> None:
    shop.place_order("N-1")
    before = all_rows()
    answer = as_rosa.post("/orders", data=ORDER | {"number": "N-1", **JO})
    assert answer.status_code == 422
    assert all_rows() == before
    assert 'value="jo@shop.example"' in answer.text and 'id="new-customer" open' in answer.text


@pytest.mark.parametrize(
    ("known", "shares"),
    [
        ({"email": "JO@shop.example"}, "email"),
        ({"phone": "+44 20 79460958", "email": "x@y.example"}, "phone"),
    ],
)
def test_someone_with_the_same_email_or_phone_is_offered(
    as_rosa: FlaskClient, known: dict[str, str], shares: str
) -> None:
    other = shop.place_customer("C-70", first_name="Joanna", last_name="Bloggs", **known)
    count = _count()
    answer = as_rosa.post("/orders", data=ORDER | {"number": "N-1", **JO})
    words = text_of(answer)
    assert answer.status_code == 422
    assert f"Someone with this {shares} is already here. Choose who it is." in words
    assert "It is C-70 · Joanna Bloggs" in words and "It is someone else: add a new customer" in words
    assert _count() == count
    chosen = as_rosa.post("/orders", data=ORDER | {"number": "N-1", **JO, "new_customer-who": str(other.id)})
    assert chosen.status_code == 303 and _order("N-1").customer_id == other.id
    assert _count() == count
    added = as_rosa.post("/orders", data=ORDER | {"number": "N-2", **JO, "new_customer-who": "new"})
    assert added.status_code == 303 and _count() == count + 1
    assert _order("N-2").customer_id != other.id


def test_the_id_of_someone_else_is_no_answer(as_rosa: FlaskClient) -> None:
    shop.place_customer("C-70", email="jo@shop.example", phone="")
    stranger = shop.place_customer("C-71", email="else@shop.example", phone="")
    answer = as_rosa.post(
        "/orders", data=ORDER | {"number": "N-1", **JO, "new_customer-who": str(stranger.id)}
    )
    assert answer.status_code == 422 and "Choose who it is." in text_of(answer)


def test_an_unknown_name_moves_to_where_they_can_be_added(as_rosa: FlaskClient) -> None:
    for typed, field in (
        ("Zoë Unheard", ("first_name", "Zoë")),
        ("zoe@new.example", ("email", "zoe@new.example")),
        ("07911 123456", ("phone", "07911 123456")),
    ):
        answer = as_rosa.post("/orders", data=ORDER | {"number": "N-1", "customer": typed})
        assert answer.status_code == 422
        assert f"There is no customer “{typed}”. Choose one from the list, or add them below." in text_of(
            answer
        )
        control = re.search(rf'<input[^>]*name="new_customer-{field[0]}"[^>]*>', answer.text)
        assert control and f'value="{field[1]}"' in control[0]
    assert as_rosa.post("/orders", data=ORDER | {"number": "N-1", **JO, "customer": ""}).status_code == 303


def test_a_chosen_and_a_new_customer_are_not_both_taken(as_rosa: FlaskClient) -> None:
    shop.place_customer("C-70", first_name="Joanna", email="a@b.example", phone="")
    answer = as_rosa.post("/orders", data=ORDER | {"number": "N-1", "customer": "C-70", **JO})
    assert answer.status_code == 422
    assert "Choose a customer, or add a new one: empty one of the two." in text_of(answer)


def test_an_order_sent_twice_adds_its_customer_once(as_rosa: FlaskClient) -> None:
    count = _count()
    for _ in range(2):
        assert as_rosa.post("/orders", data=ORDER | {"once": "a" * 24, **JO}).status_code == 303
    assert _count() == count + 1


def test_an_edited_order_takes_a_new_customer(as_rosa: FlaskClient) -> None:
    anna = shop.place_customer("C-70", first_name="Joanna", email="a@b.example", phone="")
    order = shop.place_order("N-1", customer_id=anna.id)
    sent = ORDER | {"revision": str(order.revision), "customer": "", **JO}
    assert as_rosa.post("/orders/N-1", data=sent).status_code == 303
    customer = _order("N-1").customer
    assert customer and customer.name == "Jo Bloggs"
    count, stale = _count(), {**sent, "new_customer-email": "other@shop.example", "new_customer-phone": ""}
    assert as_rosa.post("/orders/N-1", data=stale).status_code == 409
    assert _count() == count


def test_adding_one_waits_for_no_customer_who_is_known(as_rosa: FlaskClient) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # it locks as a whole
    shop.place_customer("C-70", email="jo@shop.example", phone="")
    with db.engine.connect() as other:
        other.execute(sa.select(Customer.id).with_for_update())
        sent = ORDER | {"number": "N-1", **JO, "new_customer-who": "new"}
        adding = Thread(target=as_rosa.post, args=("/orders",), kwargs={"data": sent})
        adding.start()
        adding.join(30)
        waits = adding.is_alive()
    adding.join()
    assert not waits
    assert _order("N-1").customer_id


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_a_refusal_keeps_the_number_of_item_rows(as_rosa: FlaskClient, rows: int) -> None:
    sent = {f"lines-{place}-{part}": "" for place in range(rows) for part in ("sku", "name", "quantity")}
    for _ in range(3):
        answer = as_rosa.post(
            "/orders", data=ORDER | {**sent, "lines-0-name": "Roses", "lines-0-quantity": "many"}
        )
        assert answer.status_code == 422
        assert len(re.findall(r'aria-label="Item \d+"', answer.text)) == rows
        assert 'value="Roses"' in answer.text and 'value="many"' in answer.text
    more = as_rosa.post("/orders", data={**sent, "more_lines": "1"})
    assert len(re.findall(r'aria-label="Item \d+"', more.text)) == rows + 5
