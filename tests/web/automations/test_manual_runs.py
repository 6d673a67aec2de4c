"""Running an automation by hand: choose records, preview, confirm."""

from __future__ import annotations

import re
from decimal import Decimal

from flask.testing import FlaskClient

from tests.kit import shop
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


def test_searching_shows_who_meets_the_conditions_and_changes_nothing(as_rosa: FlaskClient) -> None:
    large = shop.condition("total", "greater_than", "40.00")
    automation_id = shop.publish_automation("Thank you", "manual", large)
    shop.place_order("1", total=Decimal("50.00"), status="picked")
    shop.place_order("2", total=Decimal("10.00"), status="picked")
    shop.place_order("3", total=Decimal("90.00"))
    before = len(shop.occurrences())
    words = text_of(as_rosa.get(f"/automations/{automation_id}/manual-run?all=1"))
    assert "2 of 3 orders meet its conditions. Nothing has been sent yet." in words
    words = text_of(as_rosa.get(f"/automations/{automation_id}/manual-run?status=picked"))
    assert "1 of 2 orders meet" in words and "Order 1 " in words
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


def test_a_double_click_runs_once_and_a_reopened_page_runs_again(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "manual")
    order_id, address = shop.place_order().id, f"/automations/{automation_id}/manual-run"
    for times in (1, 2):
        token = re.search(r'name="once" value="([^"]+)"', as_rosa.get(f"{address}?all=1").text)
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
    assert "run by hand" in text_of(as_rosa.get("/orders/10482"))


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
