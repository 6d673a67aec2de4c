"""Settings: the mail server, its password, and the test email."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.settings import email_server
from automations.models.tables.run import Message
from automations.models.tables.store import Connection, Store
from automations.web.kit.secret_box import secret_box
from tests.kit.outside.smtp_sink import SmtpSink
from tests.web.pages import text_of

GIVEN = {"host": "smtp.bloom.example", "port": "587", "security": "starttls", "username": "bloom"}


@pytest.fixture
def server() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


def kept(store: Store) -> Connection:
    db.session.expire_all()
    connection = email_server.find(db.session(), store.id)
    assert connection is not None
    return connection


def test_the_password_is_encrypted_and_never_shown(app: Flask, as_ada: FlaskClient, bloom: Store) -> None:
    assert as_ada.post("/settings/email", data=GIVEN | {"password": "rose petal"}).status_code == 303
    secret = kept(bloom).secret
    assert secret and "rose petal" not in secret and secret_box().decrypt(secret) == "rose petal"
    assert "rose petal" not in as_ada.get("/settings/email").text
    assert "rose petal" not in as_ada.get("/settings/audit").text


def test_an_empty_password_keeps_the_stored_one(as_ada: FlaskClient, bloom: Store) -> None:
    as_ada.post("/settings/email", data=GIVEN | {"password": "rose petal"})
    as_ada.post("/settings/email", data=GIVEN | {"port": "25"})
    assert kept(bloom).settings["port"] == 25
    assert secret_box().decrypt(kept(bloom).secret or "") == "rose petal"


def test_a_stored_password_is_not_sent_to_another_server(as_ada: FlaskClient, bloom: Store) -> None:
    as_ada.post("/settings/email", data=GIVEN | {"password": "rose petal"})
    as_ada.post("/settings/email", data=GIVEN | {"host": "smtp.evil.example"})
    assert kept(bloom).secret is None


def test_errors_are_shown_at_their_fields(as_ada: FlaskClient) -> None:
    answer = as_ada.post("/settings/email", data=GIVEN | {"host": "smtp://bloom", "port": "99999"})
    assert answer.status_code == 422
    assert "Enter only the name of the server" in text_of(answer)
    assert "A port is a number from 1 to 65535." in text_of(answer)
    assert 'value="smtp://bloom"' in answer.text


def test_without_a_server_a_test_lands_in_the_mailbox(as_ada: FlaskClient) -> None:
    as_ada.post("/settings/email/tests")
    message = db.session.query(Message).one()
    assert (message.connector, message.to) == ("mailbox", "ada@bloom.example")
    assert "It is kept here, because no mail server is set up." in text_of(as_ada.get("/settings/email"))


def test_a_test_is_sent_and_its_result_stays_on_the_page(
    as_ada: FlaskClient, server: SmtpSink, bloom: Store
) -> None:
    given = {"host": "127.0.0.1", "port": str(server.port), "security": "none", "username": ""}
    as_ada.post("/settings/email", data=given)
    as_ada.post("/settings/email/tests")
    assert len(server.emails) == 1
    assert "The test was sent to ada@bloom.example" in (kept(bloom).last_result or "")
    assert "Last test, today" in text_of(as_ada.get("/settings/email"))


def test_a_test_that_fails_says_why(as_ada: FlaskClient, bloom: Store) -> None:
    given = {"host": "127.0.0.1", "port": "1", "security": "none", "username": ""}
    as_ada.post("/settings/email", data=given)
    as_ada.post("/settings/email/tests")
    assert kept(bloom).last_result == "The test was not sent. 127.0.0.1 cannot be reached on port 1."
    assert db.session.query(Message).count() == 0


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("port", "abc", "A port is a number from 1 to 65535."),
        ("port", "9" * 5000, "A port is a number from 1 to 65535."),
        ("port", "", "Enter a port, often 587."),
        ("host", "\u202esmtp.bloom.example", "Enter only the name of the server"),
        ("host", "smtp.bloom.example:25", "Enter only the name of the server"),
    ],
)
def test_each_mistake_gets_one_sentence_and_keeps_what_was_typed(
    as_ada: FlaskClient, name: str, value: str, sentence: str
) -> None:
    answer = as_ada.post("/settings/email", data=GIVEN | {name: value})
    assert answer.status_code == 422
    assert text_of(answer).count(sentence) == 1 and "valid integer" not in answer.text
    assert f'value="{value}"' in answer.text
