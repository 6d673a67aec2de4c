"""Invitations and lost passwords: an emailed link for one person that works once and expires."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from automations.connectors.secret_encryption import SecretBox
from automations.features.operations import password_emails
from automations.models.access import browser_sessions, password_tokens
from automations.models.db.base import db, write
from automations.models.tables.people import Audit, Membership, SignInLink, User
from automations.models.tables.run import Message
from automations.models.tables.store import Store
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.set_up import use_smtp_server
from tests.kit.statements import recorded_statements
from tests.web.pages import text_of
from tests.world import NOW, PASSWORD

ROSA, ZOE = "rosa@bloom.example", "zoe@bloom.example"
INVITED = {"name": "Zoë Fern", "email": "Zoe@Bloom.example", "role": "viewer"}
NEW = "seven tall sunflowers"


def write_letters(app: Flask, now: dt.datetime | None = None) -> int:
    """Send the waiting emails, as the worker does every other second; return how many were sent."""
    moment = now or dt.datetime.now(dt.UTC)
    box = SecretBox([app.config["SECRET_KEY"]])
    return password_emails.send_all(lambda: moment, box, lambda: True)


def ask(client: FlaskClient, email: str = ROSA, **how: object) -> str:
    answer = client.post("/lost-password", data={"email": email}, **how)
    assert answer.status_code == 200, answer.text
    return text_of(answer)


@pytest.fixture
def sink(app: Flask) -> object:
    with SmtpSink() as running:
        use_smtp_server(app, running.port)
        yield running


def path_in(sink: SmtpSink) -> str:
    """Return the path of the link in the latest email."""
    match = re.search(r"http://localhost:8000(/password-links/[\w-]{43})\s", sink.emails[-1].get_content())
    assert match, sink.emails[-1].get_content()
    return match[1]


def set_password(client: FlaskClient, path: str, new: str = NEW) -> int:
    return client.post(path, data={"new": new}).status_code


def can_sign_in(app: Flask, email: str, password: str) -> bool:
    answer = app.test_client().post("/sign-in", data={"email": email, "password": password})
    return answer.status_code == 303


def test_an_invitation_lets_a_new_person_choose_a_password(
    app: Flask, as_ada: FlaskClient, sink: SmtpSink
) -> None:
    page = as_ada.post("/settings/team", data=INVITED)
    assert "An invitation to Zoe@Bloom.example is on its way" in text_of(page)
    assert "Zoë Fern Invited" in text_of(as_ada.get("/settings/team"))
    assert write_letters(app) == 1
    assert sink.recipients == [[ZOE]] and "Ada Quill invites you to Bloom & Wild St" in str(sink.emails[0])
    browser, path = app.test_client(), path_in(sink)
    assert "For Zoë Fern" in text_of(browser.get(path))
    assert set_password(browser, path) == 303
    assert can_sign_in(app, ZOE, NEW)
    assert "Invited" not in text_of(as_ada.get("/settings/team"))


def test_replacing_a_lost_password_ends_every_session(
    app: Flask, client: FlaskClient, as_rosa: FlaskClient, sink: SmtpSink
) -> None:
    assert "If there is an account with rosa@bloom.example" in ask(client)
    assert write_letters(app) == 1
    assert set_password(client, path_in(sink)) == 303
    assert as_rosa.get("/sessions").status_code == 303
    assert not can_sign_in(app, ROSA, PASSWORD) and can_sign_in(app, ROSA, NEW)
    actions = {row.action for row in db.session.query(Audit)}
    assert {"was asked for a new password", "sent a link", "set"} <= actions


def test_an_unknown_email_gets_the_same_answer_for_the_same_work(
    app: Flask, client: FlaskClient, sink: SmtpSink
) -> None:
    ask(client, "warm-up@bloom.example")
    with recorded_statements() as known:
        answer = ask(client, environ_base={"REMOTE_ADDR": "198.51.100.1"})
    with recorded_statements() as unknown:
        assert ask(
            client, "nobody@bloom.example", environ_base={"REMOTE_ADDR": "198.51.100.2"}
        ) == answer.replace(ROSA, "nobody@bloom.example")
    assert [text for text, _ in known] == [text for text, _ in unknown]
    assert write_letters(app) == 1 and sink.recipients == [[ROSA]]


def test_a_link_works_once(app: Flask, client: FlaskClient, sink: SmtpSink) -> None:
    ask(client)
    write_letters(app)
    path = path_in(sink)
    assert [client.get(path).status_code for _ in range(3)] == [200] * 3
    assert set_password(client, path, "short") == 422
    assert set_password(client, path) == 303
    assert (client.get(path).status_code, set_password(client, path, "another bunch of roses")) == (404, 404)
    assert can_sign_in(app, ROSA, NEW)


@pytest.mark.parametrize(
    ("kind", "hours"), [(password_tokens.RESET, 1), (password_tokens.INVITATION, 7 * 24)]
)
def test_a_link_expires(app: Flask, client: FlaskClient, kind: str, hours: int) -> None:
    with write() as session:
        rosa = session.query(User).filter_by(email=ROSA).one()
        token = password_tokens.issue(password_tokens.request_link(session, kind, ROSA, NOW), rosa, NOW)
    with time_machine.travel(NOW + dt.timedelta(hours=hours, seconds=-1), tick=False) as clock:
        assert client.get(f"/password-links/{token}").status_code == 200
        clock.shift(1)
        assert client.get(f"/password-links/{token}").status_code == 404


def test_only_a_hash_of_the_token_is_stored(app: Flask, client: FlaskClient, sink: SmtpSink) -> None:
    ask(client)
    write_letters(app)
    token = path_in(sink).rpartition("/")[2]
    link = db.session.query(SignInLink).one()
    assert link.token_hash == browser_sessions.hash_token(token) and link.sealed is None
    for table in db.metadata.tables.values():
        assert token not in str(db.session.execute(sa.select(table)).all())


def test_the_link_leads_to_the_configured_site_whatever_the_request_says(
    app: Flask, client: FlaskClient, sink: SmtpSink
) -> None:
    ask(client, headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    write_letters(app)
    assert "evil.example" not in str(sink.emails[-1])
    assert client.post("/lost-password", headers={"Host": "evil.example"}).status_code == 400


def test_a_new_invitation_or_password_voids_earlier_links(
    app: Flask, as_ada: FlaskClient, sink: SmtpSink
) -> None:
    as_ada.post("/settings/team", data=INVITED)
    write_letters(app)
    first, browser = path_in(sink), app.test_client()
    member = db.session.query(Membership).join(User).filter(User.email == ZOE).one().id
    assert as_ada.post(f"/settings/team/{member}/invitation").status_code == 303
    write_letters(app)
    assert browser.get(first).status_code == 404 and browser.get(path_in(sink)).status_code == 200
    as_ada.post(f"/settings/team/{member}/password")
    assert browser.get(path_in(sink)).status_code == 404


def test_a_disabled_person_gets_no_email_and_no_access(
    app: Flask, client: FlaskClient, sink: SmtpSink
) -> None:
    ask(client)
    write_letters(app)
    with write() as session:
        session.query(User).filter_by(email=ROSA).update({"disabled_at": NOW})
    assert client.get(path_in(sink)).status_code == 404
    ask(client)
    assert write_letters(app) == 0


def test_emails_to_one_person_are_limited_per_hour(app: Flask, client: FlaskClient, sink: SmtpSink) -> None:
    for number in range(8):
        ask(client, environ_base={"REMOTE_ADDR": f"198.51.100.{number}"})
    write_letters(app)
    assert len(sink.emails) == password_emails.MOST_AN_HOUR


def test_repeated_requests_have_to_wait(client: FlaskClient) -> None:
    with time_machine.travel(NOW, tick=False):
        for _ in range(3):
            ask(client)
        refused = client.post("/lost-password", data={"email": ROSA})
    assert refused.status_code == 429 and "Wait 1 second, then try again." in text_of(refused)


def test_without_a_mail_server_only_an_admin_finds_the_link_in_the_mailbox(
    app: Flask, client: FlaskClient, as_ada: FlaskClient, as_rosa: FlaskClient
) -> None:
    ask(client)
    assert write_letters(app) == 1
    message = db.session.query(Message).one()
    assert "password-links" not in message.body
    page = f"/mailbox/{message.id}"
    assert "password-links" not in as_rosa.get(page).text
    link = re.search(r"http://localhost:8000(/password-links/[\w-]+)", as_ada.get(page).text)
    assert link and set_password(client, link[1]) == 303
    assert "password-links" not in as_ada.get(page).text


def test_an_email_is_kept_only_where_no_stranger_could_use_it(app: Flask, client: FlaskClient) -> None:
    """Rosa also works at Thorn & Co, where Ada is not an admin, so Ada must not be able to read the email."""
    with write() as session:
        thorn = session.query(Store).filter_by(name="Thorn & Co").one()
        rosa = session.query(User).filter_by(email=ROSA).one()
        session.add(Membership(user_id=rosa.id, store_id=thorn.id, role="viewer"))
        thorn_id = thorn.id
    ask(client)
    assert write_letters(app) == 1
    assert db.session.query(Message).one().store_id == thorn_id
    with write() as session:
        mallory = session.query(User).filter_by(email="mallory@thorn.example").one()
        session.query(Membership).filter_by(user_id=mallory.id).update({"role": "admin"})
    ask(client)
    assert write_letters(app) == 0
    assert (
        db.session.query(SignInLink).order_by(SignInLink.id.desc()).first().outcome
        == password_emails.STRANGERS
    )


def test_an_email_that_could_not_be_sent_is_retried(app: Flask, client: FlaskClient) -> None:
    with SmtpSink() as gone:
        use_smtp_server(app, gone.port)
    ask(client)
    now = dt.datetime.now(dt.UTC)
    assert [
        write_letters(app, now + password_emails.TRY_AGAIN * 4 * turn)
        for turn in range(password_emails.MOST_TRIES + 2)
    ] == [0] * 7
    link = db.session.query(SignInLink).one()
    assert link.due_at is None and link.outcome and link.used_at is None
