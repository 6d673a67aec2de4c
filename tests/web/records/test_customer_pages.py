"""The pages of customers and their accounts."""

from __future__ import annotations

from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.customer import Account, Customer
from tests.kit import shop
from tests.web.pages import assert_fragment, text_of

HTMX = {"HX-Request": "true"}


def customer(number: str) -> Customer:
    db.session.expire_all()
    return db.session.query(Customer).filter_by(number=number).one()


def test_customers_are_listed_with_their_contact_details(as_finn: FlaskClient) -> None:
    words = text_of(as_finn.get("/customers"))
    assert "Anna Petrova C-1 anna@grandhotel.example +44 20 7946 0958 Grand Hotel" in words


def test_customers_are_found_by_the_start_of_their_name_or_email(as_rosa: FlaskClient) -> None:
    for text in ("petr", "ANNA@", "c-1", "Anna P"):
        answer = as_rosa.get("/customers", query_string={"q": text}, headers=HTMX)
        assert_fragment(answer, "#records")
        assert "Anna Petrova" in answer.text and "Bob Marsh" not in answer.text


def test_wildcards_in_a_search_are_literal(as_rosa: FlaskClient) -> None:
    assert "Nothing matches" in as_rosa.get("/customers", query_string={"q": "%a"}).text


def test_a_customer_is_created_and_edited_by_hand(as_rosa: FlaskClient) -> None:
    created = {"number": "C-7", "first_name": "Cleo", "email": "not an address", "account": "Grand Hotel"}
    as_rosa.post("/customers", data=created)
    assert (customer("C-7").name, customer("C-7").account.name) == ("Cleo", "Grand Hotel")
    changed = {"revision": "1", "first_name": "Cleo", "last_name": "Ash", "email": "", "account": ""}
    as_rosa.post("/customers/C-7", data=changed)
    assert (customer("C-7").name, customer("C-7").email, customer("C-7").account) == ("Cleo Ash", "", None)
    assert [occurrence.trigger for occurrence in shop.occurrences()] == ["created", "changed"]


def test_a_customers_page_shows_what_changed_and_their_orders(as_rosa: FlaskClient) -> None:
    anna = shop.place_customer("C-1", phone="1")
    shop.place_order("10482", customer_id=anna.id)
    words = text_of(as_rosa.get("/customers/C-1"))
    assert "Anna Petrova" in words and "Changed Phone" in words and "Order 10482" in words


def test_a_customer_of_another_store_is_not_found(as_mallory: FlaskClient) -> None:
    assert as_mallory.get("/customers/C-1").status_code == 404
    assert "C-1" not in as_mallory.get("/options/customers?customer=").text


def test_an_account_is_added_once(as_rosa: FlaskClient) -> None:
    as_rosa.post("/accounts", data={"name": "Hill House"})
    answer = as_rosa.post("/accounts", data={"name": "Hill House"})
    assert answer.status_code == 422
    assert "There is already an account “Hill House”." in text_of(answer)
    assert db.session.query(Account).filter_by(name="Hill House").count() == 1


def test_an_account_without_a_name_is_refused(as_rosa: FlaskClient) -> None:
    assert "Enter the account’s name." in text_of(as_rosa.post("/accounts", data={"name": "  "}))


def test_a_customer_without_any_name_is_refused(as_rosa: FlaskClient) -> None:
    answer = as_rosa.post("/customers", data={"note": "Likes peonies"})
    assert answer.status_code == 422
    assert "Enter a name, an email or a phone number." in text_of(answer)
