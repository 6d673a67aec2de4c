"""No name, subject or address can add a recipient or a header."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from email import message_from_bytes
from email.utils import getaddresses
from typing import NoReturn
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from automations.connectors import egress
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.email_message import OutgoingEmail
from automations.connectors.mime import to_bytes
from automations.connectors.phone_numbers import PhoneContact
from automations.connectors.sms_gateway import OutgoingSms, SmsGateway, Uncertain
from automations.connectors.sms_preset import Preset
from automations.connectors.sms_presets import PRESETS
from automations.connectors.smtp import SmtpConnector
from tests.connectors.mail_readers import READERS
from tests.connectors.servers import Handler, mail_server

HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
    "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}  # fmt: skip
SENDER = EmailContact("hello@bloom.example", "Bloom")

NASTY = [
    "Bob, evil@y.example",
    'Bob "The Florist" Lee',
    "Bob <evil@y.example>",
    "<evil@y.example>",
    "Bob\r\nBcc: evil@y.example",
    "Bob\nBcc: evil@y.example",
    "Bob\rBcc: evil@y.example",
    "Bob\r\n\r\nA body of my own",
    "Bob\u2028Bcc: evil@y.example",
    "Bob\u2029Bcc: evil@y.example",
    "Bob\x85Bcc: evil@y.example",
    "Bob\x0bBcc: evil@y.example\x0c\x00",
    "\u202ebob\u202c, \u2066evil@y.example\u2069",
    "=?utf-8?q?Bob=20Lee?=",
    "=\u202e?utf-8?q?Bob=20Lee?=",
    "Bob;evil@y.example:",
    "Bob (comment) @ \\ ,",
    "Zoë, Ünïcödé" * 20,
    "évil@y.example, " * 30,
    "花店 <evil@y.example>",
    "\ud800 lone surrogate",
    "",
]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Handler, int]]:
    handler = Handler()
    with mail_server(handler) as port:
        yield handler, port


@pytest.mark.parametrize("nasty", NASTY)
def test_a_name_or_subject_adds_no_recipient_or_header(nasty: str, server: tuple[Handler, int]) -> None:
    handler, port = server
    handler.mails.clear()
    to = EmailContact.parse("anna@shop.example", nasty)
    email = OutgoingEmail(to, EmailContact.parse(SENDER.address, nasty), nasty, nasty, nasty)
    SmtpConnector("127.0.0.1", port, "none").send(email)
    (mail,) = handler.mails
    assert mail.recipients == ["anna@shop.example"]
    assert set(mail.message.keys()) == HEADERS
    assert [address.addr_spec for address in mail.message["To"].addresses] == ["anna@shop.example"]
    assert [address.addr_spec for address in mail.message["From"].addresses] == ["hello@bloom.example"]
    assert [address for _, address in getaddresses([str(mail.message["To"])])] == ["anna@shop.example"]


@pytest.mark.parametrize("start", ["=?", "=\u202e?"])
def test_a_name_that_looks_like_an_encoded_word_is_not_decoded(start: str) -> None:
    name = f"{start}utf-8?q?Bob=20Lee?="
    to = EmailContact.parse("anna@shop.example", name)
    mail = to_bytes(OutgoingEmail(to, SENDER, name, "Hello", "run-1"))
    assert [(seen.recipient[0], seen.subject) for seen in (read(mail) for read in READERS)] == [
        ("= ?utf-8?q?Bob=20Lee?=", "= ?utf-8?q?Bob=20Lee?=")
    ] * len(READERS)


@pytest.mark.parametrize(
    "address",
    [
        "anna@shop.example\r\na second line",
        "anna@shop.example\r\nBcc: evil@y.example",
        "anna@shop.example\n",
        "anna@shop.example\u2028evil@y.example",
        "anna@shop.example, evil@y.example",
        "anna@shop.example> <evil@y.example",
        "Anna <anna@shop.example>",
        '"anna lee"@shop.example',
        "anna@shop.example\x00",
        "anna\u202e@shop.example",
        "anna@[127.0.0.1]",
    ],
)
def test_an_address_with_anything_besides_the_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidContact):
        EmailContact.parse(address)


TEXTS = st.text(max_size=150) | st.lists(st.sampled_from([*NASTY, "=?", "?=", "utf-8?q?", "=20"])).map(
    "".join
)


@pytest.mark.slow
@given(TEXTS, TEXTS, TEXTS, st.text(max_size=40))
@settings(max_examples=200)
def test_a_message_has_the_same_headers_whatever_its_texts(
    name: str, subject: str, text: str, key: str
) -> None:
    email = OutgoingEmail(EmailContact.parse("anna@shop.example", name), SENDER, subject, text, key)
    assert set(message_from_bytes(to_bytes(email)).keys()) == HEADERS
    assert to_bytes(email).isascii()
    head = to_bytes(email).split(b"\r\n\r\n")[0]
    assert {line.split(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] != b" "} == HEADERS


#: Ordinary texts whose lines are dots, or end in each of the ways a line can end.
DOTTED = [f"Hello{end}Bye" for end in (
    "\r\n.\r\n", "\n.\n", "\n..\n", "\n.\n.\n", "\n.", "\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\0",
)]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("place", ["text", "subject", "key", "unsubscribe_url"])
def test_no_part_of_a_message_ends_it_early(place: str, server: tuple[Handler, int]) -> None:
    handler, port = server
    handler.mails.clear()
    given = {"subject": "Hello", "text": "Hello", "key": "run-1", "unsubscribe_url": "https://a.example/u"}
    to = EmailContact.parse("anna@shop.example")
    for nasty in [*DOTTED, *NASTY]:
        email = OutgoingEmail(to, SENDER, **(given | {place: nasty}))
        SmtpConnector("127.0.0.1", port, "none").send(email)
        payload = to_bytes(email)
        assert b"\r" not in payload.replace(b"\r\n", b"") and b"\n" not in payload.replace(b"\r\n", b"")
        assert payload.isascii() and all(len(line) <= 998 for line in payload.split(b"\r\n"))
    assert len(handler.mails) == len(DOTTED) + len(NASTY)
    for mail in handler.mails:
        assert (mail.sender, mail.recipients) == (SENDER.address, ["anna@shop.example"])
        assert set(mail.message.keys()) - {"List-Unsubscribe", "List-Unsubscribe-Post"} == HEADERS
        assert len(mail.message.keys()) == len(set(mail.message.keys())) and not mail.message.is_multipart()


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_text_message_goes_to_one_number_with_its_gateways_fields_only(
    preset: Preset, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[egress.Request] = []

    def keep(request: egress.Request, *_: object) -> NoReturn:
        sent.append(request)
        raise egress.NoAnswer("Kept.")

    monkeypatch.setattr(egress, "send", keep)
    to, url = PhoneContact("+447400123456", "Anna"), "https://sms.example/send"
    for nasty in NASTY:
        settings = {"account": nasty, "sender": "Bloom", "url": url}
        with pytest.raises(Uncertain):
            SmsGateway(preset, settings, "token").send(OutgoingSms(to, nasty, nasty, nasty))
        request = sent.pop()
        is_json = request.headers["Content-Type"] == "application/json"
        body = request.body.decode()
        pairs = list(json.loads(body).items()) if is_json else parse_qsl(body, strict_parsing=True)
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)) and set(names) <= set(preset.fields)
        holding_number = [(name, value) for name, value in pairs if "447400123456" in str(value)]
        assert holding_number == [(name, value) for name, value in pairs if name.lower() == "to"]
        assert urlsplit(request.url)[:2] == urlsplit(preset.url.replace("{url}", url))[:2]
        assert not urlsplit(request.url).query and request.url.isprintable() and " " not in request.url
        assert all(value.isprintable() and value.isascii() for value in request.headers.values())


@pytest.mark.usefixtures("local_calls")
@pytest.mark.parametrize("nasty", NASTY)
def test_a_request_header_stays_one_header_or_the_request_is_refused(
    nasty: str, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/x").respond_with_data("ok")
    url, known = httpserver.url_for("/x"), {"User-Agent", "Accept-Encoding", "Accept", "Connection", "Host"}
    for headers in ({"A": nasty}, {nasty: "a"}, {"A": f"a\r\n{nasty}"}, {f"A: {nasty}": "a"}):
        with contextlib.suppress(egress.UrlRefused):
            egress.send(egress.Request("GET", url, headers))
    for seen, _ in httpserver.log:
        assert (seen.method, seen.path, seen.data) == ("GET", "/x", b"")
        assert len(set(seen.headers.keys()) - known) <= 1, dict(seen.headers)
    httpserver.check_assertions()
