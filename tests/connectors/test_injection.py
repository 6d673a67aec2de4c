"""Whatever stands in a name, a subject or an address: one recipient, and no header of its own."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.email import OutgoingEmail
from automations.connectors.mime import to_bytes, to_message
from automations.connectors.smtp import SmtpConnector
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
    "=?utf-8?q?Bob=0D=0ABcc=3A_evil=40y=2Eexample?=",
    "=?utf-8?b?Qm9iDQpCY2M6IGV2aWxAeS5leGFtcGxl?= =\u202e?utf-8?q?a=0D=0AX: y?=",
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
def test_a_name_or_a_subject_stays_what_it_is(nasty: str, server: tuple[Handler, int]) -> None:
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
    assert [found for _, found in getaddresses([str(mail.message["To"])])] == ["anna@shop.example"]


@pytest.mark.parametrize(
    "address",
    [
        "anna@shop.example\r\nRCPT TO:<evil@y.example>",
        "anna@shop.example\r\nBcc: evil@y.example",
        "anna@shop.example\n",
        "anna@shop.example\u2028evil@y.example",
        "anna@shop.example, evil@y.example",
        "anna@shop.example> <evil@y.example",
        "Anna <anna@shop.example>",
        '"anna@evil"@shop.example',
        "anna@shop.example\x00",
        "anna\u202e@shop.example",
        "anna@[127.0.0.1]",
    ],
)
def test_an_address_with_more_than_an_address_in_it_is_no_contact(address: str) -> None:
    with pytest.raises(InvalidContact):
        EmailContact.parse(address)


TEXTS = st.text(max_size=150) | st.lists(st.sampled_from([*NASTY, "=?", "?=", "utf-8?q?", "=0D=0A"])).map(
    "".join
)


@given(TEXTS, TEXTS, TEXTS, st.text(max_size=40))
@settings(max_examples=200)
def test_any_texts_make_a_message_of_these_headers(name: str, subject: str, text: str, key: str) -> None:
    email = OutgoingEmail(EmailContact.parse("anna@shop.example", name), SENDER, subject, text, key)
    assert set(to_message(email).keys()) == HEADERS
    assert to_bytes(email).isascii()
    head = to_bytes(email).split(b"\r\n\r\n")[0]
    assert {line.split(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] != b" "} == HEADERS
