from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.web.api.conftest import Till, count, till_of

KEY = {"Idempotency-Key": "till-7/sale-1042"}
ORDER = {"number": "1042", "total": "86.50", "customer": {"email": "zoe@new.example"}}


def test_the_same_key_and_body_are_answered_the_same_and_change_nothing(till: Till) -> None:
    first = till.post("/api/orders", ORDER, KEY)
    till.patch("/api/orders/1042", {"total": "90.00"})
    again = till.post("/api/orders", ORDER, KEY)
    assert (again.status_code, again.data) == (201, first.data)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert till.get("/api/orders/1042").json["record"]["total"] == "90.00"


def test_the_same_key_for_another_request_is_a_conflict(till: Till) -> None:
    till.post("/api/orders", ORDER, KEY)
    for answer in (
        till.post("/api/orders", ORDER | {"total": "1.00"}, KEY),
        till.post("/api/events", ORDER, KEY),
    ):
        assert answer.status_code == 409 and answer.mimetype == "application/problem+json"
    assert till.send("PATCH", "/api/orders/1042", KEY, json=ORDER).status_code == 409
    assert till.get("/api/orders/1042").json["record"]["revision"] == 1


def test_a_key_belongs_to_its_store(app: Flask, till: Till) -> None:
    till.post("/api/orders", ORDER, KEY)
    theirs = till_of(app, "Thorn & Co").post("/api/orders", ORDER, KEY)
    assert theirs.status_code == 201 and "Idempotency-Replayed" not in theirs.headers


def test_a_refused_request_may_be_corrected_under_the_same_key(till: Till) -> None:
    assert till.post("/api/orders", {"total": 1}, KEY).status_code == 422
    assert till.send("PATCH", "/api/orders/404", KEY, json={}).status_code == 404
    assert till.post("/api/orders", ORDER, KEY).status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "ü", "x" * 256])
def test_a_malformed_idempotency_key_is_refused(till: Till, key: str) -> None:
    answer = till.post("/api/orders", ORDER, {"Idempotency-Key": key})
    assert answer.status_code == 400 and count("order") == 0


def test_a_batch_is_replayed_too(till: Till) -> None:
    first = till.post("/api/orders/batch", [{}, {}], KEY)
    assert till.post("/api/orders/batch", [{}, {}], KEY).data == first.data
    assert count("order") == 2


def test_one_sale_sent_three_times_by_four_tills_at_once_is_one_order(till: Till) -> None:
    answers = _at_once(till, lambda one: [one.post("/api/orders", ORDER, KEY) for _ in range(3)])
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert (count("order"), count("customer"), count("occurrence")) == (1, 3, 2)


def test_one_number_from_four_tills_at_once_is_one_order_also_without_a_key(till: Till) -> None:
    answers = _at_once(till, lambda one: [one.post("/api/orders", ORDER)])
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert (count("order"), count("customer"), count("occurrence")) == (1, 3, 2)


def test_orders_without_a_number_never_get_the_same_one(till: Till) -> None:
    new = {"account": "Town Hall", "customer": {"email": "zoe@new.example"}}
    answers = _at_once(till, lambda one: [one.post("/api/orders", new) for _ in range(5)])
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["record"]["number"] for answer in answers}) == 20
    assert (count("customer"), count("account")) == (3, 2)


def _at_once(till: Till, work: Callable[[Till], list[TestResponse]]) -> list[TestResponse]:
    app = till.client.application
    with ThreadPoolExecutor(4) as pool:
        tills = [Till(app, till.secret) for _ in range(4)]
        return [answer for answers in pool.map(work, tills) for answer in answers]
