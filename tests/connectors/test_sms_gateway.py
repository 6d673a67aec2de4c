"""Text message gateways: what each of them answers, from a real server."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from automations.connectors.mailbox_connector import SmsMailbox
from automations.connectors.phone_numbers import PhoneContact
from automations.connectors.receipts import Refused, TryAgain, Uncertain
from automations.connectors.sms_gateway import OutgoingSms, SmsGateway
from automations.connectors.sms_presets import GENERIC, PRESETS, TWILIO, VONAGE
from tests.connectors.servers import scripted_server

pytestmark = pytest.mark.usefixtures("local_calls")

SMS = OutgoingSms(PhoneContact("+447400123456", "Anna"), "", "Your flowers are on their way", "run-9-0")
SETTINGS = {"account": "AC1", "sender": "Bloom"}


def gateway(httpserver: HTTPServer, key: str = "twilio") -> SmsGateway:
    settings = SETTINGS | {"url": httpserver.url_for("/sms")}
    preset = PRESETS[key]
    url = preset.url if key == "generic" else httpserver.url_for("/sms/{account}")
    return SmsGateway(replace(preset, url=url), settings, "token", timeout=3)


def answers(httpserver: HTTPServer, body: Any, status: int = 200, **headers: str) -> None:
    for uri in ("/sms", "/sms/AC1"):
        httpserver.expect_request(uri).respond_with_json(body, status=status, headers=headers)


def test_a_message_is_sent_in_twilios_format(httpserver: HTTPServer) -> None:
    answers(httpserver, {"sid": "SM7", "status": "queued", "error_code": None}, 201)
    receipt = gateway(httpserver).send(SMS)
    ((seen, _),) = httpserver.log
    assert seen.form.to_dict() == {"To": "+447400123456", "From": "Bloom", "Body": SMS.text}
    assert seen.authorization is not None
    assert (seen.authorization.username, seen.authorization.password) == ("AC1", "token")
    assert (receipt.provider_id, receipt.detail) == ("SM7", "Twilio accepted it")


def test_a_message_is_sent_in_vonages_format(httpserver: HTTPServer) -> None:
    answers(httpserver, {"message-count": "1", "messages": [{"status": "0", "message-id": "V7"}]})
    receipt = gateway(httpserver, "vonage").send(replace(SMS, text="Цветы"))
    ((seen, _),) = httpserver.log
    assert seen.form.to_dict() == {
        "api_key": "AC1",
        "api_secret": "token",
        "to": "447400123456",
        "from": "Bloom",
        "text": "Цветы",
        "type": "unicode",
        "client-ref": "run-9-0",
    }
    assert receipt.provider_id == "V7"


def test_the_generic_gateway_is_sent_json(httpserver: HTTPServer) -> None:
    answers(httpserver, {"status": "queued", "id": "G7"})
    assert gateway(httpserver, "generic").send(SMS).provider_id == "G7"
    ((seen, _),) = httpserver.log
    assert seen.json == {"to": "+447400123456", "from": "Bloom", "text": SMS.text, "reference": "run-9-0"}
    assert seen.headers["Authorization"] == "Bearer token"


@pytest.mark.parametrize(
    ("key", "status", "body"),
    [
        ("twilio", 400, {"code": 21211, "message": "The 'To' number is not valid.", "status": 400}),
        (
            "twilio",
            400,
            {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400},
        ),
        ("twilio", 201, {"sid": "SM7", "status": "failed", "code": None}),
        ("vonage", 200, {"messages": [{"status": "3", "error-text": "Invalid to address"}]}),
        ("vonage", 200, {"messages": [{"status": "7", "error-text": "Number barred"}]}),
        ("generic", 422, {"error": "no such number"}),
        ("generic", 200, {"status": "error", "error": "no such number"}),
    ],
)
def test_a_refusal_by_the_gateway_is_final(
    key: str, status: int, body: dict[str, object], httpserver: HTTPServer
) -> None:
    answers(httpserver, body, status)
    with pytest.raises(Refused, match="said"):
        gateway(httpserver, key).send(SMS)


@pytest.mark.parametrize(
    ("key", "status", "body"),
    [
        ("twilio", 429, {"code": 20429, "message": "Too Many Requests"}),
        ("twilio", 503, {}),
        ("twilio", 401, {"code": 20003, "message": "Authenticate"}),
        ("vonage", 200, {"messages": [{"status": "1", "error-text": "Throughput Rate Exceeded"}]}),
        ("vonage", 200, {"messages": [{"status": "4", "error-text": "Bad Credentials"}]}),
        ("generic", 429, {}),
    ],
)
def test_a_temporary_refusal_by_the_gateway_is_retried(
    key: str, status: int, body: dict[str, object], httpserver: HTTPServer
) -> None:
    answers(httpserver, body, status, **{"Retry-After": "30"})
    with pytest.raises(TryAgain) as caught:
        gateway(httpserver, key).send(SMS)
    login = any(code in str(caught.value) for code in ("20003", "said 4 "))
    assert caught.value.after == (None if login else 30)
    assert ("Check the account" in str(caught.value)) is login


@pytest.mark.parametrize(
    ("key", "status", "body"),
    [
        ("twilio", 200, {}),
        ("twilio", 200, "OK"),
        ("twilio", 201, {"sid": "SM7"}),
        ("twilio", 500, {"code": 20500, "message": "Internal"}),
        ("vonage", 200, {}),
        ("vonage", 200, {"messages": []}),
        ("vonage", 200, {"messages": [{"status": "0"}, {"status": "5"}]}),
        ("generic", 200, ["ok"]),
        ("generic", 502, {}),
        ("generic", 503, {}),
    ],
)
def test_an_answer_that_does_not_report_success_is_uncertain(
    key: str, status: int, body: object, httpserver: HTTPServer
) -> None:
    answers(httpserver, body, status)
    with pytest.raises(Uncertain):
        gateway(httpserver, key).send(SMS)


def test_no_answer_after_sending_is_uncertain() -> None:
    with scripted_server(lambda connection: connection.recv(9999) and None) as port:
        here = SmsGateway(GENERIC, {"url": f"http://127.0.0.1:{port}/"}, timeout=1)
        with pytest.raises(Uncertain, match="is unclear"):
            here.send(SMS)


def test_nobody_there_is_tried_again() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    with pytest.raises(TryAgain):
        SmsGateway(GENERIC, {"url": url}).send(SMS)


def test_a_gateway_at_a_private_address_is_refused() -> None:
    with pytest.raises(Refused, match="is not a public address"):
        SmsGateway(GENERIC, {"url": "http://10.0.0.1/"}).send(SMS)


@pytest.mark.parametrize("preset", [TWILIO, VONAGE, GENERIC], ids=lambda preset: preset.key)
def test_a_preset_has_a_setting_for_every_value_it_uses(preset: Any) -> None:
    known = {one.name for one in preset.settings} | {"to", "to_digits", "sender", "text", "key", "type"}
    assert set(preset.fields.values()) <= known
    assert not preset.permanent & preset.passing
    assert "hunter2" not in repr(SmsGateway(preset, {}, "hunter2"))


def test_the_mailbox_keeps_it() -> None:
    assert SmsMailbox().send(SMS).provider_id == "run-9-0"
    assert not SmsMailbox.outside
