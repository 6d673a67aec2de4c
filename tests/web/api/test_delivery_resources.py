"""Deliveries that failed or may not have arrived, as a program lists and decides them."""

from __future__ import annotations

import pytest
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.people import Audit
from automations.models.tables.run import FAILED, SUCCEEDED, UNKNOWN, WAITING, Attempt, Message
from automations.pipeline.runs import deliveries, relay_signal
from tests.kit import shop
from tests.kit.rows import all_rows
from tests.web.api.conftest import Till, till_of
from tests.web.api.test_openapi import _conforms
from tests.web.log.test_run_pages import a_run, run

KEY = {"Idempotency-Key": "courier/1"}


@pytest.fixture
def courier(app: Flask) -> Till:
    return till_of(app, scope="deliveries:write")


def test_deliveries_needing_a_decision_are_listed_oldest_first(courier: Till) -> None:
    failed = a_run(FAILED)
    for number in ("2", "3", "4"):
        shop.place_order(number)
    _, unknown, sent, waits = (one.id for one in shop.runs())
    shop.set_run(unknown, state=UNKNOWN, reason="It may have gone out.")
    shop.set_run(sent, state=SUCCEEDED)
    page = courier.get("/api/deliveries").json
    assert [one["id"] for one in page["items"]] == [failed, unknown] and page["next"] is None
    assert page["items"][0] == {
        "id": failed,
        "state": "failed",
        "kept_here": False,
        "reason": "550 no such user",
        "action": "send_email",
        "tries": 1,
        "due_at": "2026-11-22T10:00:00Z",
        "finished_at": "2026-11-22T10:00:00Z",
        "automation": {"id": 1, "name": "Thank you"},
        "record": {"subject": "order", "number": "10482"},
    }
    _conforms(page, "DeliveryPage")
    one = courier.get(f"/api/deliveries/{waits}").json
    assert one["delivery"]["state"] == "waiting"
    _conforms(one, "DeliveryAnswer")


def test_what_was_only_kept_here_is_told_from_what_was_sent(courier: Till) -> None:
    shop.publish_automation("Thanks", "created", actions=[shop.email_to()])
    for number in ("1", "2"):
        shop.place_order(number)
    sent, kept = (one.id for one in shop.runs())
    shop.set_run(sent, state=SUCCEEDED)
    shop.keep_here(kept)
    page = courier.get("/api/deliveries?state=succeeded").json
    assert [(one["id"], one["kept_here"]) for one in page["items"]] == [(sent, False), (kept, True)]
    assert courier.get(f"/api/deliveries/{kept}").json["delivery"]["kept_here"] is True
    _conforms(page, "DeliveryPage")


def test_a_long_list_comes_page_by_page_and_by_state(courier: Till) -> None:
    a_run(FAILED)
    for number in ("2", "3"):
        shop.place_order(number)
    for one in shop.runs():
        shop.set_run(one.id, state=FAILED)
    shop.set_run(shop.runs()[1].id, state=UNKNOWN)
    address, seen = "/api/deliveries?limit=1&state=failed", []
    while address:
        page = courier.get(address).json
        seen += [one["record"]["number"] for one in page["items"]]
        address = page["next"]
    assert seen == ["10482", "3"]
    refused = courier.get("/api/deliveries?state=lost")
    assert refused.status_code == 422 and "failed, skipped" in refused.json["detail"]


@pytest.mark.parametrize("state", deliveries.STATES)
def test_deliveries_of_any_state_can_be_listed(courier: Till, state: str) -> None:
    a_run(FAILED)
    for number in range(len(deliveries.STATES)):
        shop.place_order(f"N-{number}")
    for one, its_state in zip(shop.runs(), (FAILED, *deliveries.STATES), strict=True):
        shop.set_run(one.id, state=its_state)
    page = courier.get(f"/api/deliveries?state={state}").json
    assert [one["state"] for one in page["items"]] == [state] * (2 if state == FAILED else 1)
    _conforms(page, "DeliveryPage")


def test_retrying_a_failed_delivery_tries_it_once_and_wakes_the_relay(
    courier: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken = []
    monkeypatch.setattr(relay_signal, "on_commit", lambda session: woken.append(1))
    run_id = a_run(FAILED)
    answer = courier.post(f"/api/deliveries/{run_id}/retries")
    assert answer.status_code == 200 and answer.json["delivery"]["state"] == "waiting"
    _conforms(answer.json, "DeliveryAnswer")
    assert run(run_id).state == WAITING and woken
    again = courier.post(f"/api/deliveries/{run_id}/retries")
    assert again.status_code == 409 and again.json["title"] == "Nothing to decide"
    _conforms(again.json, "Problem")


def test_confirming_arrival_marks_the_delivery_sent_and_keeps_the_message(courier: Till) -> None:
    run_id = a_run(UNKNOWN, "uncertain")
    assert courier.post(f"/api/deliveries/{run_id}/arrivals").json["delivery"]["state"] == "succeeded"
    assert run(run_id).state == SUCCEEDED
    assert db.session.query(Message).one().subject == "Hi"
    said = db.session.query(Attempt).one().detail
    assert said == "the API key “Front desk till” says it arrived."


def test_send_again_opens_the_uncertain_attempt_for_another_try(courier: Till) -> None:
    run_id = a_run(UNKNOWN, "uncertain")
    assert courier.post(f"/api/deliveries/{run_id}/resends").json["delivery"]["state"] == "waiting"
    assert db.session.query(Attempt).one().result == "try_again"


def test_the_audit_names_who_decided(courier: Till) -> None:
    run_id = a_run(FAILED)
    courier.post(f"/api/deliveries/{run_id}/retries")
    row = db.session.query(Audit).filter_by(about=f"run {run_id}").one()
    assert (row.action, row.user_id, row.store_id) == ("tried again", None, 1)
    assert row.after == {"state": "waiting", "by": "the API key “Front desk till”"}


def test_the_same_request_twice_is_decided_once_and_answered_the_same(courier: Till) -> None:
    run_id = a_run(UNKNOWN, "uncertain")
    address = f"/api/deliveries/{run_id}/resends"
    first = courier.post(address, headers=KEY)
    # Meanwhile it was tried, and again nobody can say whether it arrived.
    shop.set_run(run_id, state=UNKNOWN)
    again = courier.post(address, headers=KEY)
    assert again.json == first.json and again.headers["Idempotency-Replayed"] == "true"
    assert run(run_id).state == UNKNOWN, "an answer that was lost on its way sends nothing twice"
    other = courier.post(f"/api/deliveries/{run_id}/arrivals", headers=KEY)
    assert other.status_code == 409 and other.json["title"] == "Key already used"


def test_a_refused_decision_is_not_kept_under_its_key(courier: Till) -> None:
    run_id = a_run(WAITING)
    address = f"/api/deliveries/{run_id}/retries"
    assert courier.post(address, headers=KEY).status_code == 409
    shop.set_run(run_id, state=FAILED)
    assert courier.post(address, headers=KEY).status_code == 200


@pytest.mark.parametrize("what", ["", "/retries", "/arrivals", "/resends"])
def test_deliveries_of_another_store_are_not_found(app: Flask, what: str) -> None:
    run_id, thorn = a_run(UNKNOWN), till_of(app, "Thorn & Co", "deliveries:write")
    before = all_rows()
    for id in (run_id, 999, 2**70):
        address = f"/api/deliveries/{id}{what}"
        answer = thorn.post(address) if what else thorn.get(address)
        assert answer.status_code == 404 and answer.mimetype == "application/problem+json"
    assert thorn.get("/api/deliveries").json["items"] == []
    assert all_rows() == before


@pytest.mark.parametrize("scope", ["read", "write", "orders:write events:write customers:write"])
def test_only_the_deliveries_scope_can_list_or_decide_deliveries(app: Flask, scope: str) -> None:
    run_id, till = a_run(FAILED), till_of(app, scope=scope)
    refused = till.post(f"/api/deliveries/{run_id}/retries")
    assert refused.status_code == 403 and "may not decide about deliveries" in refused.json["detail"]
    assert till.get("/api/deliveries").status_code == 403
    assert run(run_id).state == FAILED


def test_the_deliveries_scope_grants_nothing_else(courier: Till) -> None:
    assert courier.get("/api/orders").status_code == 403
    assert courier.post("/api/orders", {}).status_code == 403


def test_three_identical_requests_make_one_decision(courier: Till) -> None:
    run_id = a_run(FAILED)
    answers = [courier.post(f"/api/deliveries/{run_id}/retries").status_code for _ in range(3)]
    assert answers == [200, 409, 409]
    assert db.session.query(Audit).filter_by(about=f"run {run_id}").count() == 1
