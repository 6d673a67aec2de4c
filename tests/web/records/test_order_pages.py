"""The pages of orders: the list, an order with its log, and its form."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from automations.pipeline.records.change import Cause
from tests.kit import shop
from tests.web.pages import assert_fragment, sign_in, signed_in, text_of

HTMX = {"HX-Request": "true"}
HOSTILE = "<script>alert(1)</script>{{ 1234 * 4321 }}'\""


@pytest.fixture
def rosas(client: FlaskClient) -> FlaskClient:
    return signed_in(client, "rosa")


def order(number: str = "10482") -> Order:
    db.session.expire_all()
    return db.session.query(Order).filter_by(number=number).one()


def form_of(**values: str) -> dict[str, str]:
    return {"status": "unconfirmed", "payment_status": "unpaid"} | values


def test_an_empty_list_explains_where_orders_come_from(rosas: FlaskClient) -> None:
    assert "Orders come from your till" in text_of(rosas.get("/orders"))


def test_the_list_shows_newest_first_with_money_and_statuses(rosas: FlaskClient) -> None:
    shop.place_order("1", total=Decimal("86.50"), status="confirmed", payment_status="paid")
    shop.place_order("2")
    words = text_of(rosas.get("/orders"))
    assert words.index("2 Walk-in Unconfirmed") < words.index("1 Walk-in Confirmed Paid")
    assert "£86.50" in words


def test_filters_stay_in_the_address_and_narrow_the_list(rosas: FlaskClient) -> None:
    shop.place_order("1", status="confirmed")
    shop.place_order("2", status="picked")
    answer = rosas.get("/orders?status=picked", headers=HTMX)
    assert_fragment(answer, "#records")
    assert "/orders/2" in answer.text and "/orders/1" not in answer.text


def test_paging_through_the_list_keeps_its_filters(rosas: FlaskClient) -> None:
    for number in range(55):
        shop.place_order(str(1000 + number), status="confirmed")
    first = rosas.get("/orders?status=confirmed")
    older = 'href="/orders?status=confirmed&amp;before='
    assert older in first.text and "/orders/1004" not in first.text
    key = first.text.split(older)[1].split('"')[0]
    second = rosas.get(f"/orders?status=confirmed&before={key}")
    assert "/orders/1004" in second.text and "/orders/1005" not in second.text
    assert older not in second.text


@pytest.mark.parametrize("key", ["-1", "x", "9" * 30, "1e5", "٣"])
def test_an_invalid_key_shows_the_first_page(rosas: FlaskClient, key: str) -> None:
    shop.place_order("1")
    assert "/orders/1" in rosas.get("/orders", query_string={"before": key}).text


@pytest.mark.parametrize("text", ["104", "anna", "Petrova", "ANNA@"])
def test_the_list_is_searched_by_number_name_and_email(rosas: FlaskClient, text: str) -> None:
    customer = shop.place_customer("C-1", note="x")
    shop.place_order("10482", customer_id=customer.id)
    shop.place_order("2")
    answer = rosas.get("/orders", query_string={"q": text})
    assert "/orders/10482" in answer.text and "/orders/2" not in answer.text


def test_a_record_shows_its_facts_and_its_log_in_words(rosas: FlaskClient) -> None:
    shop.publish_automation(
        "Confirm paid deliveries",
        "payment_status_changed",
        shop.condition("fulfilment_method", "equals", "delivery"),
    )
    shop.place_order(fulfilment_method="delivery", total=Decimal("86.50"))
    shop.place_order(payment_status="paid")
    words = text_of(rosas.get("/orders/10482"))
    assert "Order 10482 Unconfirmed Paid" in words
    assert "Payment status changed Unpaid → Paid" in words
    assert (
        "Confirm paid deliveries version 1 Fulfilment method is Delivery Email the customer waiting" in words
    )
    assert "Total £86.50" in words


def test_the_log_is_filtered_in_place(rosas: FlaskClient) -> None:
    shop.publish_automation("Paid", "payment_status_changed")
    shop.place_order()
    shop.place_order(payment_status="paid")
    answer = rosas.get("/orders/10482?outcome=waiting", headers=HTMX)
    assert_fragment(answer, "#log")
    assert "Unpaid → Paid" in answer.text and "Created" not in text_of(answer)


def test_automations_that_did_not_apply_are_shown_on_demand_with_and_without_htmx(rosas: FlaskClient) -> None:
    for place in range(5):
        shop.publish_automation(f"Rule {place}", "created", shop.condition("total", "greater_than", "40"))
    shop.place_order()
    address = f"/orders/10482/occurrences/{shop.occurrences()[0].id}"
    record = rosas.get("/orders/10482")
    assert "2 more automations did not apply." in text_of(record)
    assert address in record.text
    fragment = rosas.get(address, headers=HTMX)
    assert_fragment(fragment, f"#occurrence-{shop.occurrences()[0].id}")
    page = rosas.get(address)
    for answer in (fragment, page):
        assert text_of(answer).count("Total is £0.00, needs over £40.00") == 5
    assert "<html" in page.text


def test_an_occurrence_of_another_record_is_not_found(rosas: FlaskClient) -> None:
    shop.place_order("1")
    shop.place_order("2")
    other = shop.occurrences()[1].id
    assert rosas.get(f"/orders/1/occurrences/{other}").status_code == 404


def test_text_with_markup_is_shown_as_typed(rosas: FlaskClient) -> None:
    shop.publish_automation(HOSTILE, "created", shop.condition("total", "greater_than", "40"))
    shop.place_order(note=HOSTILE, tags=[HOSTILE])
    shop.change("Bloom & Wild St", "order", "10482", cause=Cause("api", HOSTILE), tracking_number=HOSTILE)
    for address in ("/orders/10482", "/orders", "/activity", "/orders/10482/edit"):
        answer = rosas.get(address)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text and "5332114" not in text_of(answer)


@pytest.mark.parametrize("number", ["new", "a/b", "../x", "~5", "Ünïcode 7", "x" * 200, "?q=1", "%2F"])
def test_an_unusual_number_still_has_a_page(rosas: FlaskClient, number: str) -> None:
    shop.place_order(number)
    listed = rosas.get("/orders").text
    address = listed.split('<td><a href="')[1].split('"')[0]
    assert f"Order {number}" in text_of(rosas.get(address))


def test_an_order_of_another_store_is_not_found(rosas: FlaskClient) -> None:
    theirs = shop.place_order("66", "Thorn & Co")
    for address in (
        "/orders/66",
        f"/orders/~{theirs.id}",
        "/orders/66/edit",
        "/orders/66/why-not?automation=1",
    ):
        assert rosas.get(address).status_code == 404
    assert rosas.post("/orders/66", data=form_of()).status_code == 404
    assert rosas.post("/orders/66/status", data={"status": "picked"}).status_code == 404


def test_an_order_created_by_hand_keeps_its_lines_and_fires_automations(rosas: FlaskClient) -> None:
    shop.publish_automation("Thank you", "created")
    lines = {
        "lines-0-name": "Roses",
        "lines-0-quantity": "3",
        "lines-0-unit_price": "12.5",
        "lines-1-sku": "V",
    }
    data = form_of(
        number="77", customer="C-1 · Anna Petrova", account="Grand Hotel", total="1,086.50", tags="a, b, A"
    )
    answer = rosas.post("/orders", data=data | lines | {"delivery_date": "2026-11-24"}, follow_redirects=True)
    assert "Order 77 is saved. One automation fired." in text_of(answer)
    created = order("77")
    assert (created.customer.name, created.account.name, created.total) == (
        "Anna Petrova",
        "Grand Hotel",
        Decimal("1086.50"),
    )
    assert (created.item_count, created.lines[0]["unit_price"]) == (4, "12.50")
    assert [tag.casefold() for tag in created.tags] == ["a", "b"]
    assert shop.occurrences()[0].cause == "Rosa Lind"


def test_an_empty_number_is_replaced_by_a_free_one(rosas: FlaskClient) -> None:
    shop.place_order("41")
    shop.place_order("40")
    rosas.post("/orders", data=form_of())
    assert order("42").status == "unconfirmed"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("total", "-1", "Enter an amount from 0 to 999,999,999.99."),
        ("total", "NaN", "Enter an amount such as 86.00."),
        ("total", "1e9", "Enter an amount such as 86.00."),
        ("total", "86,50", "Enter an amount such as 86.00."),
        ("total", "12.345", "Needs at most 2 decimals in GBP, not “12.345”."),
        ("total", "9" * 5000, "Enter an amount such as 86.00."),
        ("customer", "x" * 100_000, "Shorten it to 500 characters."),
        ("total", "1000000000", "Enter an amount from 0 to 999,999,999.99."),
        ("delivery_date", "tomorrow", "Enter a day such as 2026-11-24."),
        ("customer", "Nobody", "There is no customer “Nobody”."),
        ("account", "Nobody Ltd", "There is no account “Nobody Ltd”."),
        ("status", "melted", "This choice is not in the list any more."),
        ("lines-0-quantity", "-100001", "Enter a number from −100,000 to 100,000"),
        ("tags", "x" * 101, "A tag has at most 100 characters."),
        ("delivery_date", "2026-02-31", "Enter a day such as 2026-11-24."),
        ("delivery_date", "0001-01-01", "Enter a day from 1900 to 2199."),
        ("number", "a/", "Choose a number with more than dots before and after each “/”"),
        ("number", "..", "Choose a number with more than dots before and after each “/”"),
    ],
)
def test_an_invalid_value_is_refused_in_place_and_what_was_typed_stays(
    rosas: FlaskClient, field: str, value: str, sentence: str
) -> None:
    answer = rosas.post("/orders", data=form_of(note="Ring twice") | {field: value})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert "Ring twice" in answer.text
    assert db.session.query(Order).count() == 0


def in_currency(currency: str) -> None:
    with write() as session:
        session.query(Store).filter_by(name="Bloom & Wild St").one().currency = currency


def test_an_empty_total_is_the_sum_of_the_items(rosas: FlaskClient) -> None:
    lines = {"lines-0-name": "Roses", "lines-0-quantity": "2", "lines-0-unit_price": "£43.25"}
    rosas.post("/orders", data=form_of(number="77", total="") | lines)
    assert order("77").total == Decimal("86.50")


def test_yen_have_no_decimals_and_dinars_have_three(rosas: FlaskClient) -> None:
    in_currency("JPY")
    assert "Needs no decimals in JPY" in text_of(rosas.post("/orders", data=form_of(total="86.50")))
    rosas.post("/orders", data=form_of(number="1", total="¥1,200"))
    assert 'value="1200"' in rosas.get("/orders/1/edit").text
    in_currency("KWD")
    rosas.post("/orders", data=form_of(number="2", total="1.234"))
    assert 'value="1.234"' in rosas.get("/orders/2/edit").text
    assert order("2").total == Decimal("1.234")


def test_an_existing_amount_the_form_would_refuse_survives_other_edits(
    rosas: FlaskClient,
) -> None:
    shop.place_order(total=Decimal("-5.00"), amount_paid=Decimal("86.50"))
    in_currency("JPY")
    sent = form_of(revision="1", status="picked", total="-5", amount_paid="86.50")
    assert rosas.post("/orders/10482", data=sent).status_code == 303
    assert (order().status, order().total, order().amount_paid) == (
        "picked",
        Decimal("-5.00"),
        Decimal("86.50"),
    )


def test_a_number_that_is_taken_is_refused(rosas: FlaskClient) -> None:
    shop.place_order("7")
    answer = rosas.post("/orders", data=form_of(number="7"))
    assert "There is already an order 7. Choose another number." in text_of(answer)


def test_more_rows_are_offered_without_saving(rosas: FlaskClient) -> None:
    answer = rosas.post("/orders", data=form_of(more_lines="1", note="Ring twice"))
    assert answer.text.count("Item ") >= 5 and "Ring twice" in answer.text
    assert db.session.query(Order).count() == 0


def test_an_edit_saves_what_changed_and_keeps_the_rest(rosas: FlaskClient) -> None:
    shop.place_order(
        total=Decimal("10.00"), source="till", lines=[{"name": "Roses", "quantity": 2, "unit_price": "5.00"}]
    )
    page = rosas.get("/orders/10482/edit").text
    assert 'value="Roses"' in page and 'value="10.00"' in page
    sent = form_of(revision="1", status="confirmed", total="12", source="till")
    sent |= {"lines-0-name": "Roses", "lines-0-quantity": "2", "lines-0-unit_price": "5.00"}
    rosas.post("/orders/10482", data=sent)
    assert (order().status, order().total, order().source) == ("confirmed", Decimal("12.00"), "till")
    assert shop.occurrences()[-1].trigger == "status_changed"


def test_a_status_changed_on_the_page_fires_automations(rosas: FlaskClient) -> None:
    shop.publish_automation("Picked", "status_changed", after="picked")
    shop.place_order()
    sent = {"status": "picked", "payment_status": "unpaid", "revision": "1"}
    answer = rosas.post("/orders/10482/status", data=sent, follow_redirects=True)
    assert "Saved. One automation fired." in text_of(answer)
    assert shop.occurrences()[-1].cause == "Rosa Lind"
    again = rosas.post("/orders/10482/status", data=sent, follow_redirects=True)
    assert "You changed this record yourself after this page was opened, so nothing was saved." in text_of(
        again
    )


def test_a_viewer_sees_and_changes_nothing(client: FlaskClient) -> None:
    shop.place_order()
    finns = sign_in(client, "finn")
    assert "Save status" not in finns.get("/orders/10482").text
    assert finns.post("/orders/10482/status", data={"status": "picked"}).status_code == 403
    assert finns.get("/orders/new").status_code == 403


def test_customers_are_suggested_while_typing(rosas: FlaskClient) -> None:
    assert "C-1 · Anna Petrova" in rosas.get("/options/customers?customer=ann").text
    assert "C-2" not in rosas.get("/options/customers?customer=ann").text
    assert "Grand Hotel" in rosas.get("/options/accounts?account=hotel").text


def test_a_new_order_sent_twice_is_created_once(rosas: FlaskClient) -> None:
    shop.publish_automation("Thank you", "created")
    token = re.search(r'name="once"[^>]* value="([^"]+)"', rosas.get("/orders/new").text)
    assert token
    sent = form_of(note="Ring twice", once=token[1])
    first, second = (rosas.post("/orders", data=sent) for _ in range(2))
    assert first.location == second.location
    assert "was already saved" in text_of(rosas.get(second.location))
    assert (db.session.query(Order).count(), len(shop.runs())) == (1, 1)
    rosas.post("/orders", data=sent | {"note": "Another one, after going back"})
    assert db.session.query(Order).count() == 2


def test_orders_the_till_may_send_can_be_edited_by_hand(rosas: FlaskClient) -> None:
    lines = [{"name": f"Rose {n}", "quantity": 1, "unit_price": "1.00"} for n in range(500)]
    shop.place_order(lines=lines, note="x" * 9000, tags=["y" * 100])
    assert 'value="Rose 499"' in rosas.get("/orders/10482/edit").text
    sent = form_of(revision="1", status="picked", note="x" * 9000, tags="y" * 100)
    for n, line in enumerate(lines):
        sent |= {f"lines-{n}-{name}": str(value) for name, value in line.items()}
    assert rosas.post("/orders/10482", data=sent).status_code == 303
    assert (order().status, len(order().lines)) == ("picked", 500)
