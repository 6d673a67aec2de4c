"""The search for records from any page."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import write
from automations.models.tables.customer import Account
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.statements import recorded_statements
from tests.kit.words_caught_up import words_caught_up
from tests.web.pages import sign_in, text_of
from tests.world import NOW

NAMES = ("Émile Dupont", "Özlem Çelik", "Œuvre Ølgaard", "Żaneta Łuczak", "Ольга Ёлкина")
LISTS = ("/search?q={}", "/customers?q={}", "/orders?q={}", "/events?q={}", "/options/customers?customer={}")


def test_an_exact_number_opens_its_record(as_finn: FlaskClient) -> None:
    shop.place_order("10482")
    assert as_finn.get("/search?q=10482").headers["Location"] == "/orders/10482"


@pytest.mark.parametrize("typed", ["#10482", "# 10482", "#0010482", " # 010482"])
def test_a_number_is_found_as_shops_write_it(as_finn: FlaskClient, typed: str) -> None:
    shop.place_order("10482")
    page = as_finn.get(f"/search?q={quote(typed)}", follow_redirects=True)
    assert "10482" in text_of(page) and "Nothing found" not in text_of(page)
    assert "/orders/10482" in as_finn.get(f"/orders?q={quote(typed)}").text


def test_the_start_of_a_name_finds_customers_and_what_they_ordered(as_finn: FlaskClient) -> None:
    anna = shop.place_customer("C-1", phone="1")
    shop.place_order("10482", customer_id=anna.id)
    shop.place_event("E-7", customer_id=anna.id)
    words = text_of(as_finn.get("/search?q=petro"))
    for name in ("Order 10482", "Event E-7", "Anna Petrova"):
        assert name in words


@pytest.mark.parametrize("typed", ["10482 petro", "petrova 10482", "Anna 104 Petrova"])
def test_a_number_and_a_name_together_find_what_the_customer_ordered(
    as_finn: FlaskClient, typed: str
) -> None:
    anna = shop.place_customer("C-91", first_name="Anna", last_name="Petrova")
    bob = shop.place_customer("C-92", first_name="Bob", last_name="Marsh")
    for number, customer in (("10482", anna), ("10483", bob), ("20482", anna)):
        shop.place_order(number, customer_id=customer.id)
    asked = quote(typed)
    for address in ("/search?q=", "/search/hits?q=", "/orders?q=", "/orders?sort=-total&q="):
        page = as_finn.get(address + asked).text
        assert "/orders/10482" in page
        assert "/orders/20482" not in page and "/orders/10483" not in page
    assert "/orders/10482" not in as_finn.get("/orders?q=10482+marsh").text


def test_nothing_found_says_what_can_be_searched_for(as_finn: FlaskClient) -> None:
    assert "Nothing found" in text_of(as_finn.get("/search?q=zzz"))
    assert "What are you looking for?" in text_of(as_finn.get("/search"))


def test_markup_in_a_search_is_shown_as_text(as_finn: FlaskClient) -> None:
    answer = as_finn.get("/search", query_string={"q": "<script>alert(1)</script>"})
    assert "<script>alert" not in answer.text


def test_another_stores_records_are_not_found(as_mallory: FlaskClient) -> None:
    shop.place_order("10482")
    assert "Nothing found" in text_of(as_mallory.get("/search?q=10482"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("address", LISTS)
def test_small_letters_and_capitals_find_a_customer_of_any_language(
    as_rosa: FlaskClient, address: str, name: str
) -> None:
    first, last = name.split()
    person = shop.place_customer("C-77", first_name=first, last_name=last)
    shop.place_order("10482", customer_id=person.id)
    shop.place_event("E-7", customer_id=person.id)
    shop.place_customer("C-78", first_name="Nobody", last_name="Else")
    for part in (first, last, name):
        for typed in (part.lower(), part.upper()):
            words = _unmarked(as_rosa.get(address.format(quote(typed))).text)
            assert name in words and "Nobody" not in words, typed


def test_an_email_is_found_whatever_its_case(as_finn: FlaskClient) -> None:
    shop.place_customer("C-77", first_name="Mo", email="Mo.Éclair@Shop.example")
    assert "C-77" in as_finn.get("/customers", query_string={"q": "mo.éclair@SHOP"}).text


def test_a_number_is_found_whatever_its_case(as_finn: FlaskClient) -> None:
    shop.place_order("Web-1042")
    shop.place_order("web-2001")
    for typed in ("web-1042", "WEB-1042"):
        assert "Web-1042" in as_finn.get("/orders", query_string={"q": typed}).text


@pytest.mark.parametrize("address", ["/search?q={}", "/accounts?q={}", "/options/accounts?account={}"])
def test_small_letters_find_an_account(as_rosa: FlaskClient, bloom: Store, address: str) -> None:
    with write() as session:
        session.add(Account(store_id=bloom.id, name="Hôtel Étoile", created_at=NOW))
    for typed in ("hôtel étoile", "HÔTEL ÉTOILE"):
        assert "Hôtel Étoile" in _unmarked(as_rosa.get(address.format(quote(typed))).text)


def test_small_letters_find_an_event_by_its_name(as_finn: FlaskClient) -> None:
    shop.place_event("E-7", name="Hochzeit Ärmel")
    words_caught_up()
    assert "E-7" in as_finn.get("/events", query_string={"q": "ärmel"}).text


def test_small_letters_find_an_entry_of_the_audit(as_ada: FlaskClient) -> None:
    as_ada.post("/accounts", data={"name": "Hôtel Étoile"})
    assert "Hôtel Étoile" in text_of(as_ada.get("/settings/audit", query_string={"q": "étoile"}))


def test_small_letters_find_an_automation(as_rosa: FlaskClient) -> None:
    shop.draft_automation("Öffnung İstanbul")
    for typed in ("öffnung", "istanbul"):
        assert "Öffnung" in text_of(as_rosa.get("/automations", query_string={"q": typed}))


def test_a_form_finds_an_account_typed_in_small_letters(as_rosa: FlaskClient, bloom: Store) -> None:
    with write() as session:
        session.add(Account(store_id=bloom.id, name="Hôtel Étoile", created_at=NOW))
    data = {"number": "C-77", "first_name": "Mo", "account": "hôtel étoile"}
    assert as_rosa.post("/customers", data=data).status_code == 303
    assert "Hôtel Étoile" in text_of(as_rosa.get("/customers/C-77"))


def test_an_automation_is_run_now_on_records_found_in_small_letters(as_rosa: FlaskClient) -> None:
    person = shop.place_customer("C-77", first_name="Émile", last_name="Dupont")
    shop.place_order("10482", customer_id=person.id)
    automation_id = shop.publish_automation("Confirm", "created")
    page = as_rosa.get(f"/automations/{automation_id}/manual-run", query_string={"q": "émile"})
    assert "10482" in text_of(page)


def _unmarked(html: str) -> str:
    """Return the page without the marks around what matched, which may stand within a name."""
    return re.sub(r"</?mark>", "", html)


def test_a_search_asks_as_often_for_many_hits_as_for_few(client: FlaskClient) -> None:
    rosa = sign_in(client, "rosa")
    counts = []
    for wave in range(2):
        for number in range(1 + 4 * wave):
            customer = shop.place_customer(f"P-{wave}-{number}", first_name="Petronella")
            shop.place_order(f"P-{wave}-{number}", customer_id=customer.id)
            shop.place_event(f"P-{wave}-{number}", customer_id=customer.id)
        with recorded_statements() as asked:
            assert f"P-{wave}-0" in text_of(rosa.get("/search?q=Petronella"))
        counts.append(len(asked))
    assert counts[1] <= counts[0]
