"""What docs/api.md says of lists, batches, numbers and refusals, tried."""

from __future__ import annotations

import pytest

from automations.web.api.api_requests import MOST_ON_A_PAGE
from tests.web.api.conftest import Till, problems


def test_a_list_is_items_and_the_address_of_the_next_page_on_this_server(till: Till) -> None:
    till.post("/api/orders/batch", [{"number": str(number)} for number in range(3)])
    page = till.get("/api/orders?limit=2").json
    assert page.keys() == {"items", "next"} and [item["number"] for item in page["items"]] == ["0", "1"]
    assert page["next"] == f"/api/orders?after={page['items'][1]['id']}&limit=2"
    last = till.get(page["next"]).json
    assert [item["number"] for item in last["items"]] == ["2"] and last["next"] is None


def test_a_page_holds_fifty_unless_asked_and_a_hundred_at_most(till: Till) -> None:
    till.post("/api/orders/batch", [{"number": str(number)} for number in range(120)])
    assert len(till.get("/api/orders").json["items"]) == 50
    assert len(till.get("/api/orders?limit=100").json["items"]) == MOST_ON_A_PAGE == 100
    assert problems(till.get("/api/orders?limit=101")) == {"limit": "Needs a whole number from 1 to 100."}


def test_a_batch_is_answered_with_the_outcome_of_each_in_the_order_sent(till: Till) -> None:
    results = till.post("/api/orders/batch", [{"number": "B"}, {"number": "A"}]).json["results"]
    assert [result.pop("id") for result in results] == [1, 2]
    outcome = {"created": True, "revision": 1, "triggers": ["created"], "fired": 0}
    assert results == [{"number": number} | outcome for number in "BA"]


def test_one_number_twice_in_a_batch_is_taken_one_after_the_other(till: Till) -> None:
    sent = [{"number": "A", "note": "first"}, {"number": "B"}, {"number": "A", "note": "second"}]
    results = till.post("/api/orders/batch", sent).json["results"]
    assert [result["id"] for result in results] == [1, 2, 1]
    assert [result["created"] for result in results] == [True, True, False]
    assert [result["revision"] for result in results] == [1, 1, 2]
    assert till.get("/api/orders/A").json["record"]["note"] == "second"


@pytest.mark.parametrize("number", ["#1042", "W 3", "ß-1", "1.0", "a?b&c", "x" * 60])
def test_these_numbers_are_taken_and_found_again(till: Till, number: str) -> None:
    assert till.post("/api/orders", {"number": number}).json["record"]["number"] == number
    assert len(till.get("/api/orders").json["items"]) == 1
    assert (
        till.send("GET", f"/api/orders/{number.replace('#', '%23').replace('?', '%3F')}").status_code == 200
    )


@pytest.mark.parametrize("number", ["", " ", ".", "..", "1/", "1\n2", "x" * 61])
def test_these_numbers_are_refused(till: Till, number: str) -> None:
    assert problems(till.post("/api/orders", {"number": number})).keys() == {"number"}


def test_a_number_is_trimmed(till: Till) -> None:
    assert till.post("/api/orders", {"number": " 1042 "}).json["record"]["number"] == "1042"


def test_own_fields_are_read_and_written_under_custom(till: Till) -> None:
    answer = till.post("/api/orders", {"number": "1", "custom": {"nothing": "Red"}})
    assert list(problems(answer)) == ["custom.nothing"]
    assert till.post("/api/orders", {"number": "1", "custom": {}}).json["record"]["custom"] == {}


def test_another_method_is_refused_with_those_that_are_taken(till: Till) -> None:
    answer = till.send("PUT", "/api/orders/1", json={})
    assert answer.status_code == 405 and {"GET", "PATCH"} <= {
        method.strip() for method in answer.headers["Allow"].split(",")
    }
