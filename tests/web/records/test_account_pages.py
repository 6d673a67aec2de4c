"""The pages of accounts: search, show, create, rename."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.customer import Account, Customer
from automations.models.tables.store import Store
from tests.kit import shop
from tests.web.pages import assert_fragment, text_of
from tests.world import NOW

HTMX = {"HX-Request": "true"}


@pytest.fixture
def hotel(bloom: Store) -> int:
    return db.session.query(Account).filter_by(store_id=bloom.id, name="Grand Hotel").one().id


def name_of(account_id: int) -> str:
    db.session.expire_all()
    return db.session.get_one(Account, account_id).name


def many(store_id: int, count: int) -> None:
    with write() as session:
        session.add_all(
            Account(store_id=store_id, name=f"Company {n:03}", created_at=NOW) for n in range(count)
        )


def test_customers_and_accounts_are_two_tabs(as_finn: FlaskClient) -> None:
    for address in ("/customers", "/accounts"):
        page = as_finn.get(address)
        assert f'<a href="{address}" class="active" aria-current="page">' in page.text
        assert '<a class="nav-link active" href="/customers"' in page.text


def test_accounts_are_found_by_any_part_of_their_name(as_finn: FlaskClient, bloom: Store) -> None:
    many(bloom.id, 3)
    answer = as_finn.get("/accounts", query_string={"q": "hotel"}, headers=HTMX)
    assert_fragment(answer, "#accounts")
    assert "Grand Hotel 1 customer since 22 Nov 2026" in text_of(answer)
    assert "Company" not in answer.text
    assert "Nothing matches" in as_finn.get("/accounts", query_string={"q": "%"}).text


def test_accounts_are_listed_in_pages(as_finn: FlaskClient, bloom: Store, hotel: int) -> None:
    many(bloom.id, 50)
    first = as_finn.get("/accounts?q=o")
    assert "Company 049" in first.text and "Grand Hotel" not in first.text
    assert "Grand Hotel" in as_finn.get(f"/accounts?q=o&before={hotel + 1}").text


def test_an_account_shows_its_customers_and_what_they_ordered(as_finn: FlaskClient, hotel: int) -> None:
    anna = db.session.query(Customer).filter_by(number="C-1").one().id
    shop.place_order("10482", account_id=hotel, customer_id=anna)
    shop.place_event("E-7", account_id=hotel)
    shop.place_order("999")
    words = text_of(as_finn.get(f"/accounts/{hotel}"))
    assert "Anna Petrova C-1 · anna@grandhotel.example" in words
    assert "Order 10482 Anna Petrova" in words and "Event E-7" in words and "999" not in words


def test_an_account_lists_the_automations_that_ask_for_it(as_finn: FlaskClient, hotel: int) -> None:
    asks = shop.condition("account", "equals", str(hotel))
    live = shop.publish_automation("Hotel thanks", "created", asks)
    shop.publish_again(live, "created", asks)
    shop.draft_automation("Hotel draft", "created", asks)
    shop.draft_automation("Same digits", "created", shop.condition("item_count", "equals", str(hotel)))
    words = text_of(as_finn.get(f"/accounts/{hotel}"))
    assert "Hotel draft off Hotel thanks live" in words
    assert "Same digits" not in words


def test_an_automation_that_asks_for_it_only_in_its_live_version_is_listed(
    as_finn: FlaskClient, hotel: int
) -> None:
    id = shop.publish_automation("Hotel thanks", "created", shop.condition("account", "equals", str(hotel)))
    with write() as session:
        automation = session.get_one(shop.Automation, id)
        automation.draft = automation.draft | {"conditions": []}
    assert "Hotel thanks live" in text_of(as_finn.get(f"/accounts/{hotel}"))


def test_a_renamed_account_keeps_its_rules_and_its_orders(as_rosa: FlaskClient, hotel: int) -> None:
    shop.publish_automation("Hotel thanks", "created", shop.condition("account", "equals", str(hotel)))
    as_rosa.post(f"/accounts/{hotel}", data={"name": "  Grandest   Hotel "})
    assert name_of(hotel) == "Grandest Hotel"
    assert shop.place_order("1", account_id=hotel).fired == 1
    assert "its account is Grandest Hotel" in text_of(as_rosa.get("/automations"))
    assert "Account Grandest Hotel" in text_of(as_rosa.get("/orders/1"))


def test_renaming_is_audited_with_both_names(as_rosa: FlaskClient, as_ada: FlaskClient, hotel: int) -> None:
    as_rosa.post(f"/accounts/{hotel}", data={"name": "Grandest Hotel"})
    words = text_of(as_ada.get("/settings/audit"))
    assert "Rosa Lind renamed account “Grand Hotel” to “Grandest Hotel”" in words


def test_renaming_may_change_only_the_case_of_letters(as_rosa: FlaskClient, hotel: int) -> None:
    assert as_rosa.post(f"/accounts/{hotel}", data={"name": "GRAND HOTEL"}).status_code == 303
    assert name_of(hotel) == "GRAND HOTEL"


@pytest.mark.parametrize("name", ["Grand Hotel", "grand  hotel "])
def test_account_names_are_unique_regardless_of_case(as_rosa: FlaskClient, hotel: int, name: str) -> None:
    answer = as_rosa.post("/accounts", data={"name": name})
    assert answer.status_code == 422 and "There is already an account" in text_of(answer)
    as_rosa.post("/accounts", data={"name": "Hill House"})
    hill = db.session.query(Account).filter_by(name="Hill House").one().id
    refused = as_rosa.post(f"/accounts/{hill}", data={"name": name})
    assert refused.status_code == 422 and "There is already an account" in text_of(refused)
    assert name_of(hill) == "Hill House"


def test_the_same_name_in_another_store_is_another_account(as_mallory: FlaskClient) -> None:
    assert as_mallory.post("/accounts", data={"name": "Grand Hotel"}).status_code == 303


def test_records_and_the_search_link_to_the_account(as_finn: FlaskClient, hotel: int) -> None:
    shop.place_order("10482", account_id=hotel)
    for address in ("/orders/10482", "/customers/C-1", "/customers", "/search?q=hotel"):
        assert f'href="/accounts/{hotel}"' in as_finn.get(address).text, address
