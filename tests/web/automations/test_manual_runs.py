"""Running an automation by hand: choose records, preview, confirm."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.web.automations import manual_choices
from automations.web.kit.scope import LARGEST_ID
from tests.kit import shop
from tests.kit.set_up import use_smtp_server
from tests.web.automations.ticking import select, ticked
from tests.web.pages import text_of


def test_the_page_first_asks_which_records(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    shop.place_order()
    words = text_of(as_rosa.get(f"/automations/{automation_id}/manual-run"))
    assert "Choose the records to run it for" in words and "Order 10482" not in words


def test_an_automation_that_is_off_cannot_be_run_by_hand(as_rosa: FlaskClient) -> None:
    automation_id = shop.draft_automation("Thank you", "manual")
    assert "This automation is off" in text_of(as_rosa.get(f"/automations/{automation_id}/manual-run"))
    answer = as_rosa.post(
        f"/automations/{automation_id}/manual-run", data={"record": "1"}, follow_redirects=True
    )
    assert "“Thank you” is off." in text_of(answer) and shop.occurrences() == []


def test_searching_shows_who_meets_the_conditions_and_changes_nothing(as_rosa: FlaskClient, ann: int) -> None:
    large = shop.condition("total", "greater_than", "40.00")
    automation_id = shop.publish_automation("Thank you", "manual", large)
    shop.place_order("1", total=Decimal("50.00"), status="picked", customer_id=ann)
    shop.place_order("2", total=Decimal("10.00"), status="picked")
    shop.place_order("3", total=Decimal("90.00"), customer_id=ann)
    before = len(shop.occurrences())
    words = text_of(as_rosa.get(f"/automations/{automation_id}/manual-run?all=1"))
    assert "2 of 3 orders meet its conditions. Nothing has happened yet." in words
    words = text_of(as_rosa.get(f"/automations/{automation_id}/manual-run?status=picked"))
    assert "1 of 2 orders meet" in words and "Order 1 Ann" in words
    words = text_of(as_rosa.get(f"/automations/{automation_id}/manual-run?q=&status="))
    assert "2 of 3 orders meet its conditions." in words
    assert "None of them meets" in text_of(as_rosa.get(f"/automations/{automation_id}/manual-run?q=2"))
    assert len(shop.occurrences()) == before and shop.runs() == []


def test_a_confirmed_run_fires_only_this_automation_and_only_on_the_chosen_records(
    as_rosa: FlaskClient,
) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    shop.publish_automation("Other", "manual")
    ids = [shop.place_order(number).id for number in ("1", "2", "3")]
    answer = as_rosa.post(
        f"/automations/{automation_id}/manual-run",
        data={"record": [str(ids[0]), str(ids[2])]},
        follow_redirects=True,
    )
    assert "It fired on 2 of 2 records." in text_of(answer)
    by_hand = [occurrence for occurrence in shop.occurrences() if occurrence.trigger == "manual"]
    assert [(occurrence.record_id, occurrence.cause_kind, occurrence.cause) for occurrence in by_hand] == [
        (ids[0], "person", "Rosa Lind"),
        (ids[2], "person", "Rosa Lind"),
    ]
    assert [run.evaluation.automation_id for run in shop.runs()] == [automation_id, automation_id]
    words = text_of(as_rosa.get("/orders/1"))
    assert "Run by hand" in words


def test_a_double_click_or_back_runs_once_and_another_review_runs_again(
    as_rosa: FlaskClient, ann: int
) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    order_id, address = shop.place_order(customer_id=ann).id, f"/automations/{automation_id}/manual-run"
    for times in (1, 2):
        review = select(as_rosa, f"{address}/selection", data={"record": str(order_id), "all": "1"})
        token = re.search(r'name="once" value="([^"]+)"', review.text)
        assert token
        sent = {"record": str(order_id), "once": token[1]}
        first, second = (as_rosa.post(address, data=sent, follow_redirects=True) for _ in range(2))
        assert "It fired on 1 of 1 record." in text_of(first) and "already done" not in text_of(first)
        assert "This was already done. It fired on 1 of 1 record." in text_of(second)
        assert len(shop.runs()) == times


def test_an_automation_with_another_trigger_can_be_run_by_hand(as_rosa: FlaskClient) -> None:
    order_id = shop.place_order().id
    automation_id = shop.publish_automation("Thank you", "status_changed", after="picked")
    as_rosa.post(f"/automations/{automation_id}/manual-run", data={"record": str(order_id)})
    assert len(shop.runs()) == 1
    assert "Run by hand today" in text_of(as_rosa.get("/orders/10482"))


def test_the_log_of_a_manual_run_ignores_the_change_its_trigger_needs(
    as_rosa: FlaskClient,
) -> None:
    order_id = shop.place_order(total=Decimal("50.00")).id
    large = shop.condition("total", "greater_than", "40.00")
    automation_id = shop.publish_automation(
        "Thank you", "status_changed", large, before="confirmed", after="picked"
    )
    as_rosa.post(f"/automations/{automation_id}/manual-run", data={"record": str(order_id)})
    words = text_of(as_rosa.get("/orders/10482"))
    assert "Total is £50.00" in words or "Total £50.00" in words
    assert "Status changed to" not in words and "needs Picked" not in words


def test_records_of_another_store_are_left_out(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    theirs = shop.place_order("T-1", "Thorn & Co").id
    answer = as_rosa.post(
        f"/automations/{automation_id}/manual-run", data={"record": str(theirs)}, follow_redirects=True
    )
    assert "It fired on 0 of 1 record." in text_of(answer) and shop.runs() == []


def test_no_records_or_too_many_are_refused(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    address = f"/automations/{automation_id}/manual-run"
    assert as_rosa.post(address).status_code == 400
    many = {"record": [str(number) for number in range(1, 502)]}
    assert as_rosa.post(address, data=many).status_code == 400


def test_quick_ways_tick_the_page_all_found_and_those_who_did_not_get_it(
    as_rosa: FlaskClient, ann: int
) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    address = f"/automations/{automation_id}/manual-run"
    ids = [
        str(shop.place_order(str(number), customer_id=ann).id) for number in range(manual_choices.PAGE + 10)
    ]
    as_rosa.post(address, data={"record": ids[:5]})
    newest = set(ids[-manual_choices.PAGE :])

    def tick(how: str, **sent: Any) -> set[str]:
        return ticked(select(as_rosa, f"{address}/selection", data={"all": "1", "tick": how, **sent}))

    assert tick("page") == newest
    assert tick("page", page="2") == set(ids) - newest
    assert tick("page", page="2", record=list(newest)) == set(ids)
    assert tick("found") == set(ids) and tick("new") == set(ids[5:])
    assert tick("none", record=ids) == set()


def test_ticks_stay_from_page_to_page(as_rosa: FlaskClient, ann: int) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    ids = [
        str(shop.place_order(str(number), customer_id=ann).id) for number in range(manual_choices.PAGE + 10)
    ]
    sent = {"all": "1", "page": "1", "record": ids[-2:], "to_page": "2"}
    answer = select(as_rosa, f"/automations/{automation_id}/manual-run/selection", data=sent)
    assert ticked(answer) == set(ids[-2:]) and "Page 2 of 2" in text_of(answer)
    assert "2 ticked, 2 of them on other pages" in text_of(answer)


def test_the_second_step_shows_whom_and_asks(as_rosa: FlaskClient, ann: int) -> None:
    unpaid = shop.condition("payment_status", "equals", "unpaid")
    automation_id = shop.publish_automation("Thank you", "manual", unpaid)
    address = f"/automations/{automation_id}/manual-run"
    ids = [str(shop.place_order(number, customer_id=ann).id) for number in ("1", "2", "3")]
    as_rosa.post(address, data={"record": ids[0]})
    shop.set_run(shop.runs()[0].id, state="succeeded")
    shop.place_order("3", payment_status="paid")
    before = len(shop.runs())
    words = text_of(select(as_rosa, f"{address}/selection", data={"record": ids, "q": "Ann"}))
    assert "Email the customers of 2 orders?" in words and len(shop.runs()) == before
    assert "1 of them got it already and gets it again." in words
    assert "1 of the ticked ones does not meet the conditions any more" in words
    assert "Order 2 Ann ann@example.org" in words
    back = select(as_rosa, f"{address}/selection", data={"record": ids[:2], "all": "1", "change": "1"})
    assert ticked(back) == set(ids[:2])


SMS = {"kind": "send_sms", "settings": {"to": "customer", "number": "", "message": "Hi"}}
MARKETING = {"kind": "send_marketing", "settings": {"channel": "email", "subject": "Hi", "message": "Hi"}}


@pytest.mark.parametrize(
    ("action", "verb", "why"),
    [
        (shop.email_to(), "Email", "the customer has no email address."),
        (SMS, "Text", "the customer has no phone number."),
        (MARKETING, "Email", "the customer has not agreed to marketing."),
    ],
)
def test_whoever_would_get_nothing_is_not_counted(
    app: Flask, as_rosa: FlaskClient, ann: int, action: dict[str, Any], verb: str, why: str
) -> None:
    app.config["PUBLIC_URL"] = "https://flowers.example"
    shop.place_customer("C-9", marketing_consent=True)
    bare = shop.place_customer("C-10", first_name="Bram").id
    automation_id = shop.publish_automation("Thank you", "manual", actions=[action])
    address = f"/automations/{automation_id}/manual-run"
    reached = [str(shop.place_order(number, customer_id=ann).id) for number in ("1", "2")]
    nobody = [str(shop.place_order("3", customer_id=bare).id), str(shop.place_order("4").id)]
    page = as_rosa.get(f"{address}?all=1")
    assert "4 of 4 orders meet its conditions; 2 would get nothing." in text_of(page)
    assert "All found, 2" in text_of(page) and f"Bram · {why[:1].upper()}{why[1:]}" in text_of(page)
    assert [id for id in reached + nobody if f'id="record-{id}" disabled' in page.text] == nobody
    assert ticked(select(as_rosa, f"{address}/selection", {"all": "1", "tick": "found"})) == set(reached)
    review = select(as_rosa, f"{address}/selection", {"all": "1", "record": [*reached, *nobody]})
    assert f"{verb} the customers of 2 orders?" in text_of(review)
    assert f"would get nothing: {why}" in text_of(review)
    assert ticked(review) == set(reached)
    none = select(as_rosa, f"{address}/selection", {"all": "1", "record": nobody})
    assert "None of the ticked ones would get it. Nothing was done." in text_of(none)
    assert shop.runs() == []


def test_who_gets_something_else_is_counted(as_rosa: FlaskClient) -> None:
    """An automation that changes the order as well has something to do for a walk-in."""
    change = {"kind": "change_data", "settings": {"field": "status", "value": "confirmed"}}
    automation_id = shop.publish_automation("Thank you", "manual", actions=[shop.email_to(), change])
    id = shop.place_order().id
    answer = select(as_rosa, f"/automations/{automation_id}/manual-run/selection", {"record": str(id)})
    assert "Run it for 1 order?" in text_of(answer)


def test_going_on_with_nothing_ticked_says_so(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    address = f"/automations/{automation_id}/manual-run/selection"
    id = shop.place_order().id
    answer = select(as_rosa, address, data={"all": "1"})
    assert "Tick at least one first." in text_of(answer) and "Order 10482" in text_of(answer)
    shop.place_order("1", "Thorn & Co")
    gone = select(as_rosa, address, data={"all": "1", "record": str(id + 1)})
    assert "Nothing was done." in text_of(gone)


@pytest.mark.parametrize("ids", [set(), {1}, {7, 8, 900}, set(range(5, 505)), {LARGEST_ID - 1, LARGEST_ID}])
def test_any_ids_survive_in_an_address(ids: set[int]) -> None:
    assert manual_choices.unpacked(manual_choices.packed(ids)) == ids


@pytest.mark.parametrize("text", ["x", "1..2", ".", "-1", "١", "f" * 17, "1.g"])
def test_an_address_with_any_other_text_ticks_nothing(as_rosa: FlaskClient, text: str) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    shop.place_order()
    asked = {"all": "1", "ticked": text}
    answer = as_rosa.get(f"/automations/{automation_id}/manual-run", query_string=asked)
    assert answer.status_code == 200 and ticked(answer) == set()


@pytest.mark.parametrize(
    "subject, action, words",
    [
        ("customer", shop.email_to(), "Email 1 customer?"),
        ("order", shop.email_to(), "Email the customer of 1 order?"),
        ("order", shop.email_to("address"), "Run it for 1 order?"),
        (
            "order",
            {"kind": "send_sms", "settings": {"to": "customer", "number": "", "message": "Hi"}},
            "Text the",
        ),
        (
            "event",
            {"kind": "change_data", "settings": {"field": "status", "value": "completed"}},
            "Run it for 1 event?",
        ),
    ],
)
def test_the_button_says_what_it_does(
    as_rosa: FlaskClient, ann: int, subject: str, action: dict[str, Any], words: str
) -> None:
    if action["settings"].get("to") == "address":
        action = {**action, "settings": {**action["settings"], "address": "shop@example.org"}}
    automation_id = shop.publish_automation("Thank you", "manual", subject=subject, actions=[action])
    id = ann if subject == "customer" else shop.change("Bloom & Wild St", subject, "N-9", customer_id=ann).id
    answer = select(as_rosa, f"/automations/{automation_id}/manual-run/selection", data={"record": str(id)})
    assert words in text_of(answer)


def test_the_second_step_says_that_nobody_gets_it_without_a_mail_server(
    app: Flask, as_rosa: FlaskClient, ann: int
) -> None:
    automation_id = shop.publish_automation("Thank you", "manual", actions=[shop.email_to()])
    address, record = f"/automations/{automation_id}/manual-run", str(shop.place_order(customer_id=ann).id)
    words = text_of(select(as_rosa, f"{address}/selection", data={"record": [record]}))
    assert "for this order. Nothing has happened yet." in words and "for each of" not in words
    assert "Emails stay in the Mailbox: no mail server is set up, so nobody gets them." in words
    use_smtp_server(app, 25)
    words = text_of(select(as_rosa, f"{address}/selection", data={"record": [record]}))
    assert "for this order." in words and "Mailbox:" not in words
