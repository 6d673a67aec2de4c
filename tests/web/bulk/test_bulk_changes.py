"""Many records changed at once: two steps, each record through the usual door, and back again."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.features.bulk import bulk_changes, target_gathering
from automations.features.search import finding
from automations.models.db.base import db
from automations.models.tables.bulk_change import BulkChange, BulkRecord
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from automations.models.tables.people import Audit
from tests.kit.shop import condition, place_customer, place_order, publish_automation
from tests.kit.words_caught_up import words_caught_up
from tests.web.pages import sign_in, text_of

SET = "set status picked"


@pytest.fixture
def rosa(client: FlaskClient) -> FlaskClient:
    for number in range(4):
        place_order(f"B-{number}", status="confirmed", tags=["Gift"] if number else [])
    place_order("B-9", status="picked")
    return sign_in(client, "rosa")


def _statuses() -> dict[str, str]:
    db.session.expire_all()
    return {order.number: order.status for order in db.session.query(Order).order_by(Order.number)}


def _ids(*numbers: str) -> list[int]:
    return [db.session.query(Order).filter_by(number=number).one().id for number in numbers]


def _look(client: FlaskClient, task: str, *numbers: str, tag: str = "", query: str = "") -> TestResponse:
    """Choose what to do with these orders, or with all that the query matches; return the second step."""
    form = {"task": task, "tag": tag, "record": _ids(*numbers), "which": "ticked" if numbers else "all"}
    return client.post(f"/bulk-changes/of/orders{query}", data=form, follow_redirects=True)


def _do(client: FlaskClient, page: TestResponse) -> TestResponse:
    address = re.search(r'action="(/bulk-changes/\d+/start)"', page.text)
    assert address, text_of(page)
    return client.post(address[1], follow_redirects=True)


def test_nothing_is_ticked_and_nothing_is_done_before_the_second_step(rosa: FlaskClient) -> None:
    page = rosa.get("/orders").text
    # Each has a box in the table and one on its card, for phones.
    assert page.count('name="record"') == 10
    # What every browser without scripts is offered instead of the box that ticks all.
    assert page.count('name="on_page"') == 5
    assert "checked" not in page.partition("records-table")[2]
    publish_automation("Picked", "status_changed", after="picked")
    step = text_of(_look(rosa, SET, "B-0", "B-1", "B-9"))
    assert "Set 3 orders to Picked" in step
    assert "2 would change; 1 would stay as it is" in step
    assert "Picked : 2 would fire" in step
    assert set(_statuses().values()) == {"confirmed", "picked"}
    assert list(_statuses().values()).count("picked") == 1
    assert db.session.query(Evaluation).count() == 0
    assert not [row for row in db.session.query(Audit) if row.action == "changed many"]


def test_ticked_orders_are_changed_as_by_hand(rosa: FlaskClient) -> None:
    publish_automation("Picked", "status_changed", condition("tags", "contains", "Gift"), after="picked")
    done = text_of(_do(rosa, _look(rosa, SET, "B-0", "B-1")))
    assert "2 orders changed" in done and "One automation fired." in done
    assert [number for number, status in _statuses().items() if status == "picked"] == ["B-0", "B-1", "B-9"]
    log = db.session.query(Occurrence).filter_by(trigger="status_changed").all()
    assert [(row.from_value, row.to_value, row.cause) for row in log] == [
        ("confirmed", "picked", "Rosa Lind")
    ] * 2
    (row,) = [row for row in db.session.query(Audit) if row.action == "changed many"]
    assert (row.about, row.after) == ("2 orders", {"change": "Set 2 orders to Picked"})


def test_all_that_match_the_filter_are_changed_and_no_other(rosa: FlaskClient) -> None:
    place_order("X-1", status="confirmed")
    page = _look(rosa, "set payment_status paid", query="?q=B-&status=confirmed")
    assert "Set the payment status of 4 orders to Paid" in text_of(page)
    _do(rosa, page)
    paid = db.session.query(Order).filter_by(payment_status="paid").order_by(Order.number)
    assert [order.number for order in paid] == ["B-0", "B-1", "B-2", "B-3"]


def test_what_is_undone_is_what_nobody_has_changed_since(rosa: FlaskClient) -> None:
    done = _do(rosa, _look(rosa, SET, "B-0", "B-1", "B-9"))
    place_order("B-1", status="delivered")
    undo = re.search(r'action="(/bulk-changes/\d+/undo)"', done.text)
    assert undo
    step = rosa.post(undo[1], follow_redirects=True)
    assert "Set 2 orders back" in text_of(step) and "1 would change; 1 would stay" in text_of(step)
    assert rosa.post(undo[1]).headers["Location"] == step.request.path
    back = _do(rosa, step)
    assert _statuses() == {
        "B-0": "confirmed",
        "B-1": "delivered",
        "B-2": "confirmed",
        "B-3": "confirmed",
        "B-9": "picked",
    }
    assert "Undo" not in text_of(back)


def test_a_tag_is_added_and_taken_away_whatever_its_case(rosa: FlaskClient) -> None:
    done = text_of(_do(rosa, _look(rosa, "add_tag", "B-0", "B-1", tag=" gift ")))
    assert "1 order changed , 1 left as they were" in done or "1 order changed, 1 left as they were" in done
    _do(rosa, _look(rosa, "remove_tag", "B-0", "B-1", "B-2", tag="GIFT"))
    db.session.expire_all()
    tags = {order.number: order.tags for order in db.session.query(Order)}
    assert tags == {"B-0": [], "B-1": [], "B-2": [], "B-3": ["Gift"], "B-9": []}
    audits = [
        row.after["change"]
        for row in db.session.query(Audit).order_by(Audit.id)
        if row.action == "changed many"
    ]
    assert audits == ["Add a tag to 2 orders", "Take a tag from 3 orders"]


def test_an_automation_is_run_by_hand_for_those_that_meet_its_conditions(rosa: FlaskClient) -> None:
    id = publish_automation("Thanks", "created", condition("tags", "contains", "Gift"))
    step = _look(rosa, f"run {id}", "B-0", "B-1", "B-2")
    assert "Run “Thanks” for 3 orders" in text_of(step)
    assert "2 would fire; 1 does not meet its conditions" in text_of(step)
    assert "2 orders fired" in text_of(_do(rosa, step))
    assert db.session.query(Evaluation).filter_by(outcome="fired").count() == 2


def test_many_are_done_in_pieces_and_go_on_in_the_worker(
    rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_changes, "CHUNK", 2)
    monkeypatch.setattr("automations.web.bulk.bulk_pages.AT_ONCE", 2)
    half = _do(rosa, _look(rosa, "set payment_status paid"))
    assert "2 of 5 orders done" in text_of(half)
    assert bulk_changes.continue_all(lambda: dt.datetime.now(dt.UTC), lambda: True) == 3
    assert "5 orders changed" in text_of(rosa.get(half.request.path))
    assert bulk_changes.continue_all(lambda: dt.datetime.now(dt.UTC), lambda: True) == 0
    assert db.session.query(BulkRecord).filter_by(outcome="changed").count() == 5


def test_all_that_a_search_finds_are_changed_and_undone_however_many(
    rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST", 2)
    monkeypatch.setattr(target_gathering, "PIECE", 2)
    monkeypatch.setattr("automations.web.bulk.bulk_pages.PATIENCE", 0)
    for number in range(5):
        place_order(f"W-{number}", status="confirmed", tags=["Winter"])
    words_caught_up()
    looking = _look(rosa, SET, query="?q=wint&status=confirmed")
    assert "Looking for the orders" in text_of(looking) and "0 orders found so far" in text_of(looking)
    assert "/start" not in looking.text
    left = iter([True, False])
    target_gathering.gather_all(lambda: next(left))
    assert "2 orders found so far" in text_of(rosa.get(looking.request.path))
    target_gathering.gather_all(lambda: True)
    step = rosa.get(looking.request.path)
    assert "Set 5 orders to Picked" in text_of(step)
    assert [(change.query, change.state) for change in db.session.query(BulkChange)] == [(None, "draft")]
    done = _do(rosa, step)
    assert "5 orders changed" in text_of(done)
    assert [number for number, status in _statuses().items() if status == "picked"] == [
        "B-9",
        *(f"W-{number}" for number in range(5)),
    ]
    back = rosa.post(done.request.path + "/undo", follow_redirects=True)
    assert "0 orders found so far" in text_of(back)
    target_gathering.gather_all(lambda: True)
    assert "5 orders changed" in text_of(_do(rosa, rosa.get(back.request.path)))
    assert [number for number, status in _statuses().items() if status == "picked"] == ["B-9"]


def test_looking_for_records_can_be_cancelled(rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automations.web.bulk.bulk_pages.PATIENCE", 0)
    looking = _look(rosa, SET, query="?q=B-")
    stopped = rosa.post(f"{looking.request.path}/stop", follow_redirects=True)
    assert "0 orders changed" in text_of(stopped)
    target_gathering.gather_all(lambda: True)
    assert db.session.query(BulkRecord).count() == 0
    monkeypatch.setattr("automations.web.bulk.bulk_pages.PATIENCE", 60)
    assert "No order matches." in text_of(_look(rosa, SET, query="?q=nothing-like-this"))


def test_what_is_stopped_stays_as_far_as_it_came(rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_changes, "CHUNK", 2)
    monkeypatch.setattr("automations.web.bulk.bulk_pages.AT_ONCE", 2)
    half = _do(rosa, _look(rosa, "set payment_status paid"))
    stopped = rosa.post(f"{half.request.path}/stop", follow_redirects=True)
    assert "Stopped" in text_of(stopped) and "2 orders changed" in text_of(stopped)
    assert bulk_changes.continue_all(lambda: dt.datetime.now(dt.UTC), lambda: True) == 0
    again = rosa.post(f"{half.request.path}/start", follow_redirects=True)
    assert "This was already done." in text_of(again)
    assert db.session.query(Order).filter_by(payment_status="paid").count() == 2


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"task": "set status gone", "which": "all"}, "no longer offered"),
        ({"task": "set number 5", "which": "all"}, "no longer offered"),
        ({"task": "run 999", "which": "all"}, "no longer offered"),
        ({"task": "", "which": "all"}, "no longer offered"),
        ({"task": "add_tag", "tag": "  ", "which": "all"}, "Enter the tag"),
        ({"task": SET, "which": "ticked"}, "Nothing was ticked"),
        ({"task": SET, "which": "ticked", "record": "99999999999999999999"}, "Nothing was ticked"),
    ],
)
def test_what_makes_no_sense_changes_nothing(rosa: FlaskClient, form: dict[str, str], words: str) -> None:
    answer = rosa.post("/bulk-changes/of/orders", data=form, follow_redirects=True)
    assert words in text_of(answer)
    assert db.session.query(BulkChange).count() == 0


def test_another_store_sees_nothing_of_it(rosa: FlaskClient, client: FlaskClient) -> None:
    page = _look(rosa, SET, "B-0")
    place_order("T-1", store="Thorn & Co", status="confirmed")
    mallory = sign_in(client.application.test_client(), "mallory")
    assert mallory.get(page.request.path).status_code == 404
    assert mallory.post(f"{page.request.path}/start").status_code == 404
    form = {"task": SET, "which": "ticked", "record": _ids("B-0")}
    answer = mallory.post("/bulk-changes/of/orders", data=form, follow_redirects=True)
    assert "Nothing was ticked" in text_of(answer)
    assert _statuses()["B-0"] == "confirmed"


def test_customers_get_tags_too(client: FlaskClient) -> None:
    place_customer("C-9", first_name="Ida")
    form = {"task": "add_tag", "tag": "VIP", "which": "all"}
    page = sign_in(client, "rosa").post("/bulk-changes/of/customers?q=Ida", data=form, follow_redirects=True)
    assert "Add the tag “VIP” to 1 customer" in text_of(page)
    assert "1 customer changed" in text_of(_do(client, page))


def test_the_ticked_are_exported_or_all_that_match(rosa: FlaskClient) -> None:
    ticked = _look(rosa, "export", "B-0", "B-9")
    assert ticked.mimetype == "text/csv"
    assert re.findall(r"B-[0-9]", ticked.text) == ["B-9", "B-0"]
    every = _look(rosa, "export", query="?q=B-&status=confirmed")
    assert re.findall(r"B-[0-9]", every.text) == ["B-3", "B-2", "B-1", "B-0"]
    assert "Nothing was ticked" in text_of(
        rosa.post("/bulk-changes/of/orders", data={"task": "export"}, follow_redirects=True)
    )


def test_without_scripts_all_on_the_page_are_chosen_by_a_button(rosa: FlaskClient) -> None:
    sent = {"task": SET, "which": "page", "on_page": _ids("B-0", "B-2"), "record": _ids("B-1")}
    page = rosa.post("/bulk-changes/of/orders", data=sent, follow_redirects=True)
    assert "Set 2 orders to Picked" in text_of(page)
    _do(rosa, page)
    assert [number for number, status in _statuses().items() if status == "picked"] == ["B-0", "B-2", "B-9"]
