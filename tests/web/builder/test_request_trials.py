"""A request of a draft is tried against a real server, and its answer is used by a later action."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer
from werkzeug.test import TestResponse

from automations.models.access.action_rate_limit import CALLED, MOST
from automations.models.db.base import db, write
from automations.models.tables import secret
from automations.models.tables.people import Audit, User
from automations.models.tables.run import Attempt
from automations.models.tables.store import Store
from automations.web.kit.secret_box import secret_box
from tests.kit.outside.outside import allowing
from tests.kit.shop import email_to, place_order, request_to
from tests.web.building import Form, an_automation, automation, opened, send
from tests.web.pages import sign_in, text_of
from tests.world import NOW

JOBS = {"jobs": [{"id": "J-1", "price": 4.5}], "for": "Anna", "state": "booked"}
SAMPLE = "sample:paid_delivery"
SECRET = "roses-are-red-0123456789"


@pytest.fixture(autouse=True)
def local_calls(app: Flask) -> Iterator[None]:
    with allowing("localhost", "127.0.0.1"):
        yield


@pytest.fixture
def as_rosa(client: FlaskClient, rosa: User) -> FlaskClient:
    sign_in(client, "rosa")
    return client


def booking(httpserver: HTTPServer, **settings: str) -> dict[str, Any]:
    """Return a request to the server that says which order it is for."""
    action = request_to(httpserver.url_for("/jobs") + "?order={{ order.number }}")
    action["settings"] |= settings
    return action


def tried(
    client: FlaskClient, id: int, record: str = "sample:paid_delivery", place: str = "1"
) -> TestResponse:
    """Press the button of the action at `place`, without a script."""
    return send(client, f"/automations/{id}/request-trials", opened(client, id), record=record, request=place)


def test_it_is_sent_once_and_its_answer_shown_path_by_path(
    as_rosa: FlaskClient, bloom: Store, rosa: User, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/jobs").respond_with_json(JOBS)
    place_order("N-1")
    id = an_automation(bloom, rosa, actions=[booking(httpserver), email_to()])
    page = text_of(as_rosa.get(f"/automations/{id}"))
    assert "Try this request" in page and "Really sent, once, to localhost" in page
    answer = text_of(tried(as_rosa, id, "N-1"))
    assert "Sent once: localhost answered 200." in answer
    for path, value in (
        ("jobs[0].id", "J-1"),
        ("jobs[0].price", "4.5"),
        ("for", "Anna"),
        ("state", "booked"),
    ):
        assert f"Put in {path} {value}" in answer
    ((sent, _),) = httpserver.log
    assert dict(sent.args) == {"order": "N-1"} and "Store-Automations-Chain" not in sent.headers
    db.session.rollback()
    row = db.session.query(Audit).filter_by(action=CALLED).one()
    assert row.after == {"to": "localhost", "method": "POST", "action": 1, "on": "N-1"}
    assert db.session.query(Attempt).count() == 0


def test_a_click_puts_fields_into_a_later_text_one_after_the_other(
    as_rosa: FlaskClient, bloom: Store, rosa: User, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/jobs").respond_with_json(JOBS)
    id = an_automation(bloom, rosa, actions=[booking(httpserver), email_to(message="Your job:")])
    form = Form(tried(as_rosa, id))
    assert ("1-message", "Action 2: Message") in form.options["answer-target"]
    path, chosen = f"/automations/{id}/request-trials/fields", {"answer-target": "1-message"}
    for field in ("{{ answers.1.jobs[0].id }}", '{{ answers.1["for"] }}'):
        form = Form(send(as_rosa, path, form, **chosen, **{"answer-field": field}))
    message = 'Your job: {{ answers.1.jobs[0].id }} {{ answers.1["for"] }}'
    assert form.values["actions-1-settings-message"] == message
    send(as_rosa, f"/automations/{id}", form)
    assert automation(id).draft["actions"][1]["settings"]["message"] == message


def test_deep_and_large_answers_are_shown_as_far_as_they_can_be_used(
    as_rosa: FlaskClient, bloom: Store, rosa: User, httpserver: HTTPServer
) -> None:
    deep: dict[str, Any] = {"data": {"shipment": {"labels": [{"urls": ["too deep"], "rate-id": 7}]}}}
    deep["urls"] = ["https://x.example/a.pdf", "b"]
    many = {f"n{number}": number for number in range(80)}
    httpserver.expect_request("/jobs").respond_with_json({**deep, "unité": None, **many})
    id = an_automation(bloom, rosa, actions=[booking(httpserver), email_to(message="Label:")])
    page = tried(as_rosa, id)
    answer = text_of(page)
    assert "Put in urls[0] https://x.example/a.pdf" in answer and "too deep" not in answer
    assert "Put in data.shipment.labels[0].rate-id 7" in answer and "Put in unité empty" in answer
    assert "The first 60 of its 83 values are shown. 1 value is left out, as no" in answer
    form, path = Form(page), f"/automations/{id}/request-trials/fields"
    field = '{{ answers.1.data.shipment.labels[0]["rate-id"] }}'
    assert field.replace('"', "&#34;") in page.text
    form = Form(send(as_rosa, path, form, **{"answer-target": "1-message", "answer-field": field}))
    assert form.values["actions-1-settings-message"] == f"Label: {field}"


@pytest.mark.parametrize(
    "sent",
    [
        {"answer-target": "0-url", "answer-field": "{{ answers.1.id }}"},
        {"answer-target": "7-message", "answer-field": "{{ answers.1.id }}"},
        {"answer-target": "1-message", "answer-field": "{% if true %}"},
        {"answer-target": "1-to", "answer-field": "{{ answers.1.id }}"},
        {"answer-target": "1-message", "answer-field": "{{ answers.1.id }}", "answer": "[1, 2"},
        {"answer-target": "1-message", "answer-field": "{{ answers.1.id }}", "answer": '["x", "", 0, [[1]]]'},
    ],
)
def test_only_fields_of_an_answer_go_into_texts_of_later_actions(
    as_rosa: FlaskClient, bloom: Store, rosa: User, httpserver: HTTPServer, sent: dict[str, str]
) -> None:
    id = an_automation(bloom, rosa, actions=[booking(httpserver), email_to()])
    form, kept = opened(as_rosa, id), {"answer": '[1, "", true, [["id", "{{ answers.1.id }}", "7"]]]'}
    after = Form(send(as_rosa, f"/automations/{id}/request-trials/fields", form, **(kept | sent)))
    texts = [name for name in form.values if "-settings-" in name]
    assert [after.values[name] for name in texts] == [form.values[name] for name in texts]


def test_secrets_are_sent_and_never_shown(
    as_rosa: FlaskClient, bloom: Store, rosa: User, httpserver: HTTPServer
) -> None:
    with write() as session:
        secret.keep(session, bloom.id, "courier", SECRET, "", secret_box(), NOW)
    httpserver.expect_request("/jobs").respond_with_json({"you_sent": f"Bearer {SECRET}"})
    headers = "Authorization: Bearer {{ secrets.courier }}"
    id = an_automation(bloom, rosa, actions=[booking(httpserver, headers=headers)])
    answer = tried(as_rosa, id)
    ((sent, _),) = httpserver.log
    assert sent.headers["Authorization"] == f"Bearer {SECRET}"
    assert SECRET not in answer.text and "you_sent" in answer.text
    db.session.rollback()
    assert SECRET not in str(db.session.query(Audit).filter_by(action=CALLED).one().after)


def test_what_was_refused_says_so_with_what_came_back(
    as_rosa: FlaskClient, bloom: Store, rosa: User, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/jobs").respond_with_json({"error": {"code": "no_slot"}}, status=422)
    id = an_automation(bloom, rosa, actions=[booking(httpserver), email_to()])
    answer = text_of(tried(as_rosa, id))
    assert "Sent once. localhost answered 422" in answer
    assert "Put in error.code no_slot" in answer


@pytest.mark.parametrize(
    ("url", "told"),
    [("http://10.0.0.7/jobs", "ALLOWED_PRIVATE_HOSTS"), ("http://127.0.0.1:9/jobs", "Nothing was sent.")],
)
def test_an_address_that_may_not_or_cannot_be_called_is_named(
    as_rosa: FlaskClient, bloom: Store, rosa: User, url: str, told: str
) -> None:
    id = an_automation(bloom, rosa, actions=[request_to(url)])
    answer = text_of(tried(as_rosa, id))
    assert told in answer and "Put in" not in answer


@pytest.mark.parametrize("place", ["2", "0", "", "x", "-1", "99"])
def test_another_action_is_no_request(
    as_rosa: FlaskClient, bloom: Store, rosa: User, httpserver: HTTPServer, place: str
) -> None:
    id = an_automation(bloom, rosa, actions=[booking(httpserver), email_to()])
    assert "There is no request to send" in text_of(tried(as_rosa, id, place=place))
    assert httpserver.log == []


def test_nobody_tries_it_too_often(
    as_rosa: FlaskClient, bloom: Store, rosa: User, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/jobs").respond_with_json({})
    id = an_automation(bloom, rosa, actions=[booking(httpserver)])
    statuses = [tried(as_rosa, id).status_code for _ in range(MOST[CALLED] + 1)]
    assert statuses == [200] * MOST[CALLED] + [429]
    assert len(httpserver.log) == MOST[CALLED]


def test_what_no_field_can_reach_is_counted(
    as_rosa: FlaskClient, bloom: Store, rosa: User, httpserver: HTTPServer
) -> None:
    deep = {"deep": {"a": {"b": {"c": {"d": {"e": "end"}}}}}}
    httpserver.expect_request("/jobs").respond_with_json({**deep, "0": "zero", "": "none", "id": "J-1"})
    id = an_automation(bloom, rosa, actions=[booking(httpserver), email_to()])
    answer = text_of(tried(as_rosa, id))
    assert "Put in id J-1" in answer
    assert "3 values are left out, as no field can reach that deep or have such a name." in answer


def test_an_answer_that_is_too_large_is_said_to_be_so(
    as_rosa: FlaskClient, bloom: Store, rosa: User, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/jobs").respond_with_json({"id": "J-1", "pages": "x" * 1_500_000})
    id = an_automation(bloom, rosa, actions=[booking(httpserver), email_to()])
    answer = text_of(tried(as_rosa, id))
    assert "The answer is too large to be read in full, so its values cannot be used." in answer
    assert "Put in body" not in answer and "left out" not in answer
