"""Settings: text messages, chat, HTTP secrets and EasyPost, each with a test and its last result."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer

from automations.models.access import action_rate_limit
from automations.models.db.base import db
from automations.models.settings import providers
from automations.models.tables.people import Audit
from automations.models.tables.run import Message
from automations.models.tables.secret import Secret
from automations.models.tables.store import Connection, Store
from automations.web.kit.secret_box import secret_box
from tests.kit.outside.outside import allowing
from tests.web.pages import text_of

SMS, CHAT = "/settings/connections/sms", "/settings/connections/chat"
SECRETS, EASYPOST = "/settings/connections/secrets", "/settings/connections/easypost"
TWILIO = {"preset": "twilio", "account": "AC1", "secret": "rose petal", "sender": "Bloom"}


@pytest.fixture
def local_calls() -> Iterator[None]:
    with allowing("127.0.0.1", "localhost"):
        yield


def kept(store: Store, kind: str) -> Connection:
    db.session.expire_all()
    connection = providers.find(db.session(), store.id, kind)
    assert connection is not None
    return connection


def test_the_overview_says_that_nothing_is_set_up_yet(as_ada: FlaskClient) -> None:
    words = text_of(as_ada.get("/settings/connections"))
    assert "Kept in the mailbox: no gateway is set." in words
    assert "No chat is set up." in words and "Not connected." in words


def test_a_gateway_asks_for_what_its_preset_needs(as_ada: FlaskClient) -> None:
    assert "Account SID" in text_of(as_ada.get(SMS))
    assert "API key" in text_of(as_ada.get(f"{SMS}?preset=vonage"))
    answer = as_ada.post(SMS, data={"preset": "twilio", "account": "AC1"})
    assert answer.status_code == 422 and 'value="AC1"' in answer.text
    assert "Enter the auth token: Twilio asks for it." in text_of(answer)


def test_a_gateways_token_is_encrypted_and_never_shown(as_ada: FlaskClient, bloom: Store) -> None:
    assert as_ada.post(SMS, data=TWILIO).status_code == 303
    connection = kept(bloom, "sms")
    assert connection.settings == {"preset": "twilio", "account": "AC1", "sender": "Bloom"}
    assert connection.secret and secret_box().decrypt(connection.secret) == "rose petal"
    for page in (SMS, "/settings/connections", "/settings/audit"):
        assert "rose petal" not in as_ada.get(page).text
    assert "Go out through Twilio." in text_of(as_ada.get("/settings/connections"))


def test_a_stored_token_is_kept_only_for_the_same_account(as_ada: FlaskClient, bloom: Store) -> None:
    as_ada.post(SMS, data=TWILIO)
    assert as_ada.post(SMS, data=TWILIO | {"secret": "", "sender": "Rosa"}).status_code == 303
    assert secret_box().decrypt(kept(bloom, "sms").secret or "") == "rose petal"
    assert as_ada.post(SMS, data=TWILIO | {"secret": "", "account": "AC2"}).status_code == 422


def test_a_custom_gateway_must_not_be_inside_the_network(as_ada: FlaskClient) -> None:
    answer = as_ada.post(SMS, data={"preset": "generic", "url": "http://169.254.169.254/latest"})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text


@pytest.mark.usefixtures("local_calls")
def test_a_test_message_is_sent_and_its_result_is_kept(
    as_ada: FlaskClient, bloom: Store, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/sms").respond_with_json({"status": "queued", "id": "7"})
    as_ada.post(SMS, data={"preset": "generic", "url": httpserver.url_for("/sms"), "secret": "t"})
    wrong = as_ada.post(f"{SMS}/tests", data={"to": "12"}, follow_redirects=True)
    assert "“12” is not a valid phone number." in text_of(wrong)
    as_ada.post(f"{SMS}/tests", data={"to": "07400 123456"})
    assert "The test was sent" in (kept(bloom, "sms").last_result or "")
    message = db.session.query(Message).one()
    assert (message.channel, message.connector, message.to) == ("sms", "generic", "+447400123456")
    assert "Last test, today" in text_of(as_ada.get(SMS))


@pytest.mark.usefixtures("local_calls")
def test_test_messages_are_limited_per_minute_and_audited(
    as_ada: FlaskClient, bloom: Store, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/sms").respond_with_json({"status": "queued", "id": "7"})
    as_ada.post(SMS, data={"preset": "generic", "url": httpserver.url_for("/sms"), "secret": "t"})
    most = action_rate_limit.MOST[action_rate_limit.TESTED]
    for _ in range(most + 2):
        answer = as_ada.post(f"{SMS}/tests", data={"to": "+442079460124"}, follow_redirects=True)
    assert f"That was {most} times within a minute. Wait" in text_of(answer)
    assert "That was" in text_of(as_ada.post("/settings/email/tests", follow_redirects=True))
    assert len(httpserver.log) == most
    assert db.session.query(Audit).filter_by(action=action_rate_limit.TESTED).count() == most


@pytest.mark.usefixtures("local_calls")
def test_a_refused_test_shows_the_providers_reason(
    as_ada: FlaskClient, bloom: Store, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/sms").respond_with_json({"status": "no", "error": "No credit"}, status=402)
    as_ada.post(SMS, data={"preset": "generic", "url": httpserver.url_for("/sms")})
    as_ada.post(f"{SMS}/tests", data={"to": "07400 123456"})
    assert "The test was not sent." in (kept(bloom, "sms").last_result or "")
    assert "No credit" in text_of(as_ada.get("/settings/connections"))
    assert db.session.query(Message).count() == 0


def test_a_gateway_can_be_disconnected(as_ada: FlaskClient, bloom: Store) -> None:
    as_ada.post(SMS, data=TWILIO)
    as_ada.post(f"{SMS}/removal")
    assert providers.find(db.session(), bloom.id, "sms") is None


def test_the_whole_chat_address_is_kept_secret(as_ada: FlaskClient, bloom: Store) -> None:
    bad = as_ada.post(CHAT, data={"url": "https://example.com"})
    assert bad.status_code == 422 and "It looks like slack://token." in text_of(bad)
    url = "discord://1234567890/abcdefghijklmnop"
    assert as_ada.post(CHAT, data={"url": url}).status_code == 303
    assert kept(bloom, "chat").settings == {"service": "Discord"}
    assert secret_box().decrypt(kept(bloom, "chat").secret or "") == url
    page = as_ada.get(CHAT)
    assert "Notices go to Discord" in text_of(page) and "abcdefghijklmnop" not in page.text
    as_ada.post(f"{CHAT}/removal")
    assert "No chat is set up" in text_of(as_ada.get(CHAT))


@pytest.mark.usefixtures("local_calls")
def test_a_test_is_sent_to_the_chat(as_ada: FlaskClient, bloom: Store, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/room").respond_with_data("ok")
    as_ada.post(CHAT, data={"url": f"json://127.0.0.1:{httpserver.port}/room"})
    as_ada.post(f"{CHAT}/tests")
    assert "The test was sent" in (kept(bloom, "chat").last_result or "")


def test_a_secret_is_stored_by_name_and_never_shown(as_ada: FlaskClient) -> None:
    bad = as_ada.post(SECRETS, data={"name": "my courier", "value": "rose petal"})
    assert bad.status_code == 422 and "Use letters, digits and underscores" in text_of(bad)
    as_ada.post(SECRETS, data={"name": "courier", "value": "rose petal", "host": "API.courier.example"})
    row = db.session.query(Secret).one()
    assert (row.name, row.host) == ("courier", "api.courier.example")
    assert secret_box().decrypt(row.value) == "rose petal"
    page = as_ada.get(SECRETS)
    assert "{{ secrets.courier }}" in text_of(page) and "rose petal" not in page.text
    assert "rose petal" not in as_ada.get("/settings/audit").text
    as_ada.post(f"{SECRETS}/{row.id}/removal")
    assert db.session.query(Secret).count() == 0


@pytest.mark.usefixtures("local_calls")
def test_a_secret_is_sent_only_to_its_own_host(
    as_ada: FlaskClient, bloom: Store, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/me", headers={"Authorization": "Bearer rose"}).respond_with_json({})
    as_ada.post(SECRETS, data={"name": "courier", "value": "rose", "host": "localhost"})
    secret_id = db.session.query(Secret).one().id
    as_ada.post(f"{SECRETS}/{secret_id}/tests", data={"url": httpserver.url_for("/me")})
    assert "localhost answered 200" in (kept(bloom, "http").last_result or "")
    other = f"http://127.0.0.1:{httpserver.port}/me"
    as_ada.post(f"{SECRETS}/{secret_id}/tests", data={"url": other})
    assert "may only be sent to localhost" in (kept(bloom, "http").last_result or "")
    refused = as_ada.post(f"{SECRETS}/{secret_id}/tests", data={"url": "file:///etc/passwd"})
    assert refused.status_code == 422


def test_easypost_gets_an_address_only_with_a_long_secret(as_ada: FlaskClient, bloom: Store) -> None:
    assert as_ada.post(EASYPOST, data={"secret": "short"}).status_code == 422
    as_ada.post(EASYPOST, data={"secret": "rose petals and thorns"})
    token = kept(bloom, "easypost").settings["token"]
    page = as_ada.get(EASYPOST)
    assert f"/hooks/easypost/{token}" in page.text and "rose petals" not in page.text
    as_ada.post(EASYPOST, data={"secret": "another long secret"})
    assert kept(bloom, "easypost").settings["token"] == token
    as_ada.post(f"{EASYPOST}/removal")
    assert "Not connected." in text_of(as_ada.get(EASYPOST))


def test_only_an_admin_sees_the_connections(as_rosa: FlaskClient) -> None:
    assert as_rosa.get("/settings/connections").status_code == 403
