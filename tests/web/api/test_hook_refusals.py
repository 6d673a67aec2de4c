"""A refused webhook is answered like a program, whatever refuses it, and never with a page for people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.web.request import schema_guard
from tests.web.api.test_incoming_webhooks import SECRET, address, call, event

__all__ = ["address"]
FOR_PEOPLE = ("sign in", "signed out", "button", "page", "back", "admin")
Refused = Callable[[FlaskClient, str], TestResponse]
REFUSALS: dict[str, tuple[int, Refused]] = {
    "another secret": (401, lambda client, address: call(client, address, event(), "another secret")),
    "no signature": (401, lambda client, address: client.post(address, data=event())),
    "a body that is no event": (400, lambda client, address: call(client, address, b"[]")),
    "a wrong address": (404, lambda client, address: call(client, f"{address}x", event())),
    "an address that never was": (404, lambda client, _: client.post("/hooks/nobody/1", data=event())),
    "a wrong address of the other kind": (
        404,
        lambda client, _: client.post("/hooks/records/1-x", data=b"{}"),
    ),
    "another method": (405, lambda client, address: client.put(address, data=event())),
    "a huge body": (413, lambda client, address: call(client, address, b"x" * 10_000_000)),
}


def is_problem(answer: TestResponse, status: int) -> None:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert answer.json is not None and answer.json["status"] == status
    words = f"{answer.json['title']} {answer.json['detail']}".lower()
    assert not [word for word in FOR_PEOPLE if word in words], words


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refused_webhook_gets_problem_details(client: FlaskClient, address: str, case: str) -> None:
    status, send = REFUSALS[case]
    is_problem(send(client, address), status)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/hooks", 404),
        ("GET", "/api", 404),
        ("GET", "/metrics", 403),
        ("POST", "/metrics", 405),
        ("POST", "/health", 405),
        ("GET", "/.well-known/nothing", 404),
    ],
)
def test_so_does_every_other_program(client: FlaskClient, method: str, path: str, status: int) -> None:
    is_problem(client.open(path, method=method), status)


def test_so_does_one_that_comes_during_an_upgrade(app: Flask, client: FlaskClient, address: str) -> None:
    app.extensions[schema_guard.FITS] = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema_guard.schema, "problem", lambda _: "The database is of an older release.")
        is_problem(call(client, address, event()), 503)


def test_one_that_is_not_signed_is_told_what_to_do(client: FlaskClient, address: str) -> None:
    answer = client.post(address, data=event()).json
    assert answer and answer["title"] == "Signature missing or wrong" and "secret" in answer["detail"]
    assert SECRET not in str(answer)
