"""Several addresses, addresses out of fields, and where replies go."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import given
from hypothesis import strategies as st

from automations.actions.send_email import SendEmail
from automations.actions.shared.action_kind import Skipped
from automations.actions.shared.outgoing_email import outgoing, send_prepared
from automations.actions.shared.recipients import MOST, address_parts
from automations.connectors.connector_set import Connectors, NoFiles
from automations.connectors.mime import to_bytes
from automations.connectors.receipts import Refused, TryAgain
from automations.connectors.smtp import SmtpConnector, close_kept
from automations.engine.fields.subjects import SUBJECTS
from automations.models.tables.people import User
from automations.pipeline.providers.test_message import own_copy
from tests.actions.situations import SETTINGS, situation
from tests.connectors.servers import Handler, mail_server

EMAIL = SendEmail()
ORDER = SUBJECTS["order"]


@dataclass
class Choosy(Handler):
    """A server that knows one of the addresses not."""

    refusal: str = "550 No such user"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == "c@x.example":
            return self.refusal
        return await super().handle_RCPT(server, session, envelope, address, options)


def receivers(address: str, **order: object) -> list[str]:
    settings = {**SETTINGS, "to": "address", "address": address}
    return [message.to for message in EMAIL.prepare(settings, situation(**order))]


@pytest.mark.parametrize("between", [",", "; ", "\n", " ,, "])
def test_each_of_several_addresses_gets_its_own_email_once(between: str) -> None:
    typed = between.join(["a@x.example", "b@x.example", "A@x.example"])
    assert receivers(typed) == ["a@x.example", "b@x.example"]


def test_an_address_comes_out_of_a_field() -> None:
    assert receivers("{{ order.note }}, shop@x.example", note="planner@x.example") == [
        "planner@x.example",
        "shop@x.example",
    ]
    assert receivers("{{ order.note | default: 'a@x.example, b@x.example' }}", note=None) == [
        "a@x.example",
        "b@x.example",
    ]


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        (None, "The address is empty for this record."),
        ("n/a", "“n/a” is not a valid email address."),
        ("n/a\r\nBcc: b@x.example", "n/a.*“Bcc: b@x.example” is not a valid email address."),
        (", ".join(f"a{place}@x.example" for place in range(MOST + 1)), "There are 21 addresses"),
    ],
)
def test_what_a_field_holds_instead_is_a_skip_with_its_reason(note: str | None, reason: str) -> None:
    with pytest.raises(Skipped, match=reason.replace("(", r"\(")):
        receivers("{{ order.note }}", note=note)


@pytest.mark.parametrize(
    ("settings", "path", "sentence"),
    [
        ({"address": "a@x.example, b@"}, "settings.address", "“b@” is not a valid email address."),
        ({"address": " "}, "settings.address", "Enter the email address it goes to."),
        (
            {"address": ",".join(f"a{place}@x.example" for place in range(MOST + 1))},
            "settings.address",
            "There are 21 addresses. Enter at most 20 addresses.",
        ),
        (
            {"address": "a@x.example", "reply_to": "b@x.example, c@x.example"},
            "settings.reply_to",
            "There are 2 addresses. Enter one address.",
        ),
        (
            {"address": "a@x.example", "reply_to": "me"},
            "settings.reply_to",
            "“me” is not a valid email address.",
        ),
    ],
)
def test_bad_addresses_are_named_when_they_are_saved(
    settings: dict[str, str], path: str, sentence: str
) -> None:
    (problem,) = EMAIL.check({**SETTINGS, "to": "address", **settings}, ORDER)
    assert (problem.path, problem.sentence) == (path, sentence)


def test_an_unknown_field_in_an_address_is_named() -> None:
    (problem,) = EMAIL.check({**SETTINGS, "to": "address", "address": "{{ order.plannr }}"}, ORDER)
    assert problem.path == "settings.address"
    assert "order.plannr" in problem.sentence


def test_an_address_out_of_a_field_counts_as_contacting_the_customer() -> None:
    assert EMAIL.contacts_customer({"to": "address", "address": "{{ customer.email }}"})
    assert not EMAIL.contacts_customer({"to": "address", "address": "a@x.example"})
    assert EMAIL.summary({"to": "address", "address": "{{ customer.email }}, a@x.example"}) == (
        "email an address of the customer and a@x.example"
    )
    assert EMAIL.summary({"to": "address", "address": "{{ order.note }}"}) == "email an address of the order"


def test_replies_go_where_the_action_says() -> None:
    settings = {**SETTINGS, "reply_to": "{{ order.note }}"}
    (message,) = EMAIL.prepare(settings, situation(note="rosa@bloom.example"))
    read = message_from_bytes(to_bytes(outgoing(message, NoFiles(), "run-1")), policy=default)
    assert read["Reply-To"] == "rosa@bloom.example"
    (plain,) = EMAIL.prepare(SETTINGS, situation())
    assert message_from_bytes(to_bytes(outgoing(plain, NoFiles(), "run-1")))["Reply-To"] is None


def test_copies_go_with_the_first_email_and_hidden_ones_are_in_no_header() -> None:
    settings = {**SETTINGS, "to": "address", "address": "a@x.example, b@x.example"}
    settings |= {"cc": "c@x.example, {{ order.note }}", "bcc": "d@x.example"}
    first, second = EMAIL.prepare(settings, situation(note="e@x.example"))
    assert first.around == {"cc": ["c@x.example", "e@x.example"], "bcc": ["d@x.example"]}
    assert second.around is None
    email = outgoing(first, NoFiles(), "run-1")
    raw = to_bytes(email)
    assert message_from_bytes(raw, policy=default)["Cc"] == "c@x.example, e@x.example"
    assert b"d@x.example" not in raw
    assert [contact.address for contact in email.bcc] == ["d@x.example"]


def test_a_message_that_a_person_tries_goes_to_nobody_else() -> None:
    (message,) = EMAIL.prepare({**SETTINGS, "cc": "c@x.example", "bcc": "d@x.example"}, situation())
    rosa = User(email="rosa@bloom.example", name="Rosa")
    email = own_copy(message, rosa, NoFiles(), "test-1")
    assert (email.to.address, email.cc, email.bcc) == ("rosa@bloom.example", [], [])


@pytest.mark.parametrize("copied", ["cc", "bcc"])
def test_a_copy_that_the_server_refuses_keeps_the_email_from_nobody_else(copied: str) -> None:
    handler = Choosy()
    (message,) = EMAIL.prepare({**SETTINGS, copied: "c@x.example, d@x.example"}, situation())
    with mail_server(handler) as port:
        receipt = SmtpConnector("127.0.0.1", port, "none").send(outgoing(message, NoFiles(), "run-1"))
    assert handler.mails[0].recipients == ["anna@x.example", "d@x.example"]
    assert receipt.missed == ("The mail server refused c@x.example: 550 No such user",)


def test_a_copy_that_is_refused_for_now_leaves_the_email_for_another_try() -> None:
    handler = Choosy(refusal="450 Greylisted")
    (message,) = EMAIL.prepare({**SETTINGS, "cc": "c@x.example"}, situation())
    with mail_server(handler) as port, pytest.raises(TryAgain, match="450 Greylisted"):
        SmtpConnector("127.0.0.1", port, "none").send(outgoing(message, NoFiles(), "run-1"))
    assert handler.mails == []


def test_a_receiver_that_the_server_refuses_gets_nothing_and_neither_do_the_copies() -> None:
    handler = Choosy()
    settings = {**SETTINGS, "to": "address", "address": "c@x.example", "cc": "d@x.example"}
    (message,) = EMAIL.prepare(settings, situation())
    with mail_server(handler) as port, pytest.raises(Refused, match=r"refused c@x\.example"):
        SmtpConnector("127.0.0.1", port, "none").send(outgoing(message, NoFiles(), "run-1"))
    assert handler.mails == []


def test_a_kept_connection_that_refuses_a_copy_is_not_believed() -> None:
    handler = Choosy()
    (plain,) = EMAIL.prepare(SETTINGS, situation())
    (copied,) = EMAIL.prepare({**SETTINGS, "cc": "c@x.example"}, situation())
    with mail_server(handler) as port:
        connector = SmtpConnector("127.0.0.1", port, "none", keeper="a shop of this test")
        connector.send(outgoing(plain, NoFiles(), "run-1"))
        receipt = connector.send(outgoing(copied, NoFiles(), "run-2"))
        close_kept()
    assert [mail.recipients for mail in handler.mails] == [["anna@x.example"]] * 2
    assert len(receipt.missed) == 1


def test_a_reply_address_that_is_none_sends_replies_to_the_sender() -> None:
    handler = Handler()
    (message,) = EMAIL.prepare({**SETTINGS, "reply_to": "{{ order.note }}"}, situation(note="n/a"))
    with mail_server(handler) as port:
        smtp = SmtpConnector("127.0.0.1", port, "none")
        receipt = send_prepared(message, Connectors(email=smtp), "run-1")
    assert handler.mails[0].message["Reply-To"] is None
    assert receipt.missed == ("Replies go to the sender instead: “n/a” is not a valid email address.",)


@pytest.mark.parametrize(
    ("settings", "reached", "missed"),
    [
        (
            {"to": "address", "address": "{{ order.note }}, b@x.example, a@x.example"},
            [["b@x.example"], ["a@x.example"]],
            ["“n/a” is not a valid email address."],
        ),
        (
            {"cc": "{{ order.note }}, b@x.example"},
            [["anna@x.example", "b@x.example"]],
            ["Copy to: “n/a” is not a valid email address."],
        ),
        (
            {"bcc": "{{ order.note }}"},
            [["anna@x.example"]],
            ["Hidden copy to: “n/a” is not a valid email address."],
        ),
    ],
)
def test_a_bad_address_keeps_no_good_one_from_its_email(
    settings: dict[str, str], reached: list[list[str]], missed: list[str]
) -> None:
    handler, told = Handler(), []
    with mail_server(handler) as port:
        smtp = SmtpConnector("127.0.0.1", port, "none")
        for place, message in enumerate(EMAIL.prepare({**SETTINGS, **settings}, situation(note="n/a"))):
            told += send_prepared(message, Connectors(email=smtp), f"run-{place}").missed
    assert [mail.recipients for mail in handler.mails] == reached
    assert told == missed


PARTS = ["a@x.example", "{{ order.note | default: 'a, b; c' }}", "{% if x %}y{% endif %}"]


@given(st.lists(st.sampled_from(PARTS)))
def test_what_stands_in_a_tag_separates_nothing(parts: list[str]) -> None:
    assert address_parts(", ".join(parts)) == parts
