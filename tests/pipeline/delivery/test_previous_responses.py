"""Later actions use what a real server answered to an earlier one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pytest_httpserver import HTTPServer

from automations.features.authoring import drafts
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.run import SUCCEEDED, Message
from automations.models.tables.store import Store
from automations.pipeline.delivery.previous_responses import known_paths
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.kit.outside.outside import allowing
from tests.world import NOW

LIST = [{"id": "J-1", "for": "Anna", "price": 4.5}, {"id": "J-2"}]


@pytest.fixture(autouse=True)
def local_calls(app: Flask) -> Iterator[None]:
    with allowing("localhost", "127.0.0.1"):
        yield


def asked(httpserver: HTTPServer, answer: object, *later: dict[str, Any]) -> int:
    """Publish a request and what follows it, place an order and perform all; return the automation."""
    httpserver.expect_request("/jobs").respond_with_data(json.dumps(answer))
    actions = [shop.request_to(httpserver.url_for("/jobs")), *later]
    id = shop.publish_automation("Book", "created", actions=actions)
    shop.place_order()
    perform_all()
    for seconds in (3, 6):
        perform_all(NOW.replace(second=seconds))
    db.session.rollback()
    return id


@pytest.mark.parametrize(
    ("answer", "text", "expected"),
    [
        (LIST, "{{ answers.1[0].id }}", "J-1"),
        (LIST, "{{ answers.1[1].id }}", "J-2"),
        (LIST, "{{ answers.1.first.id }} of {{ answers.1.size }}", "J-1 of 2"),
        (LIST, '{{ answers.1[0]["for"] }}', "Anna"),
        (LIST, "{{ answers.1.body[0].id }}", "J-1"),
        ({"jobs": LIST}, "{{ answers.1.jobs[0].id }}", "J-1"),
        ({"jobs": LIST}, "{{ answers.1.jobs.last.id }}", "J-2"),
        (["a", "b"], "{{ answers.1[0] }}", "a"),
        ({"urls": ["a", "b"]}, "{{ answers.1.urls[0] }}", "a"),
        ({"a": {"b": {"c": [{"rate-id": 7}]}}}, '{{ answers.1.a.b.c[0]["rate-id"] }}', "7"),
    ],
)
def test_an_item_of_a_list_in_an_answer_can_be_used(
    httpserver: HTTPServer, answer: object, text: str, expected: str
) -> None:
    asked(httpserver, answer, shop.email_to("manager", message=f"It is {text}"))
    assert {run.state for run in shop.runs()} == {SUCCEEDED}
    assert db.session.query(Message).one().body == f"It is {expected}"


def test_an_answer_is_sent_on_as_it_came(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/next").respond_with_data("{}")
    settings = {"method": "POST", "url": httpserver.url_for("/next"), "headers": "", "body_kind": "raw"}
    settings |= {"body": '{"jobs": {{ answers.1.jobs }}}', "signed_with": "", "status": ""}
    later = {"kind": "http_request", "settings": settings | {"answer_path": "", "answer_value": ""}}
    asked(httpserver, {"jobs": LIST}, later)
    assert httpserver.log[-1][0].json == {"jobs": LIST}


def test_the_paths_of_the_latest_answer_lead_into_lists(httpserver: HTTPServer) -> None:
    id = asked(httpserver, {"jobs": LIST, "tries": [1]})
    paths = [("jobs", 0, "id"), ("jobs", 0, "for"), ("jobs", 0, "price")]
    assert known_paths(db.session(), id, [0]) == {0: paths}


def test_paths_of_an_answer_lead_three_names_deep_and_no_deeper(httpserver: HTTPServer) -> None:
    id = asked(httpserver, {"a": {"b": {"c": 1, "d": {"e": 2}}, "f": 3}})
    assert known_paths(db.session(), id, [0]) == {0: [("a", "b", "c"), ("a", "f")]}


@pytest.mark.parametrize(("number", "place"), [(1, 0), (2, 0), (2, 1), (3, 2)])
def test_an_answer_that_no_earlier_request_has_is_refused(number: int, place: int, bloom: Store) -> None:
    """Only the first of the actions is a request."""
    actions = [shop.request_to("https://courier.example/jobs"), *[shop.email_to("manager") for _ in range(2)]]
    settings = actions[place]["settings"]
    name = "url" if place == 0 else "message"
    settings[name] = f"https://courier.example/{{{{ answers.{number}.id }}}}"
    data = drafts.blank() | {"trigger": {"key": "created", "from": None, "to": None}, "actions": actions}
    (problem,) = drafts.problems(StoreWords(db.session(), bloom), data)
    assert problem.path == f"actions.{place}.settings.{name}"
    assert (
        problem.sentence == f"Action {number} is not a request before this one, so it has no answer to use."
    )
