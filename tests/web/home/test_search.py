"""The search for records from any page."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.kit import shop
from tests.web.pages import text_of


def test_an_exact_number_opens_its_record(as_finn: FlaskClient) -> None:
    shop.place_order("10482")
    assert as_finn.get("/search?q=10482").headers["Location"] == "/orders/10482"


def test_the_start_of_a_name_finds_customers_and_what_they_ordered(as_finn: FlaskClient) -> None:
    anna = shop.place_customer("C-1", phone="1")
    shop.place_order("10482", customer_id=anna.id)
    shop.place_event("E-7", customer_id=anna.id)
    words = text_of(as_finn.get("/search?q=petro"))
    for name in ("Order 10482", "Event E-7", "Anna Petrova"):
        assert name in words


def test_nothing_found_says_what_can_be_searched_for(as_finn: FlaskClient) -> None:
    assert "Nothing found" in text_of(as_finn.get("/search?q=zzz"))
    assert "What are you looking for?" in text_of(as_finn.get("/search"))


def test_markup_in_a_search_is_shown_as_text(as_finn: FlaskClient) -> None:
    answer = as_finn.get("/search", query_string={"q": "<script>alert(1)</script>"})
    assert "<script>alert" not in answer.text


def test_another_stores_records_are_not_found(as_mallory: FlaskClient) -> None:
    shop.place_order("10482")
    assert "Nothing found" in text_of(as_mallory.get("/search?q=10482"))
