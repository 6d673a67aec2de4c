from __future__ import annotations

import pytest

from automations.actions.send_email import SendEmail
from automations.actions.shared.action_kind import Prepared, Situation, Skipped
from automations.connectors.connector_set import Connectors
from automations.connectors.contacts import EmailContact
from automations.connectors.email_message import OutgoingEmail, Receipt, Refused
from automations.engine.fields.subjects import SUBJECTS
from tests.actions.situations import ADA, FINN, ROSA, SENDER, SETTINGS, situation, with_customer

EMAIL = SendEmail()


def _recipients(settings: dict[str, str], moment: Situation) -> list[str]:
    return [prepared.to for prepared in EMAIL.prepare({**SETTINGS, **settings}, moment)]


def _skipped(settings: dict[str, str], moment: Situation) -> str:
    with pytest.raises(Skipped) as caught:
        EMAIL.prepare({**SETTINGS, **settings}, moment)
    return caught.value.reason


def test_an_email_to_the_customer_is_rendered_and_addressed() -> None:
    (prepared,) = EMAIL.prepare(SETTINGS, situation())
    assert prepared == Prepared(
        kind="send_email",
        to="anna@x.example",
        to_name="Anna Lee",
        subject="Your order 1042 is confirmed",
        body="Hello Anna,\n\nit costs £86.50.",
        sender="hello@bloom.example",
        sender_name="Bloom & Wild St",
    )


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("manager", [ROSA, ADA]),
        ("admin", [ADA]),
        ("viewer", [FINN]),
        ("team", [ADA, ROSA, FINN]),
        ("user:3", [FINN]),
    ],
)
def test_a_role_reaches_each_of_its_people_once(to: str, expected: list[EmailContact]) -> None:
    assert _recipients({"to": to}, situation()) == [contact.address for contact in expected]


def test_an_email_goes_to_a_typed_address() -> None:
    assert _recipients({"to": "address", "address": " anna@shop.example "}, situation()) == [
        "anna@shop.example"
    ]


@pytest.mark.parametrize("address", ["anna@", "n/a", "anna@x.example\r\nBcc: evil@y.example"])
def test_an_invalid_address_of_the_customer_is_a_skip_with_its_reason(address: str) -> None:
    assert _skipped({}, with_customer(email=address)).endswith("is not a valid email address.")


@pytest.mark.parametrize("address", ["", None, "  "])
def test_a_customer_without_an_address_is_a_skip_with_its_reason(address: str | None) -> None:
    assert _skipped({}, with_customer(email=address)) == "The customer has no email address."


def test_an_order_without_a_customer_is_a_skip_with_its_reason() -> None:
    assert _skipped({}, situation(customer=None)) == "The order has no customer."


def test_a_role_without_members_is_skipped_with_its_reason() -> None:
    nobody = Situation("order", situation().context, {}, SENDER)
    assert _skipped({"to": "manager"}, nobody) == "There is nobody to email among the managers."


@pytest.mark.parametrize("settings", [{"message": "{{ order.note }}"}, {"subject": "{{ order.note }} "}])
def test_a_message_that_comes_out_empty_is_a_skip_with_its_reason(settings: dict[str, str]) -> None:
    assert "The message is empty for this record" in _skipped(settings, situation())


def test_a_message_that_cannot_be_written_is_a_skip_with_its_reason() -> None:
    reason = _skipped({"message": "{{ customer.name | date: '%Y' }}"}, situation())
    assert reason == "The message could not be written: “Anna Lee” is not a date."


def test_an_email_without_a_chosen_recipient_is_skipped() -> None:
    assert _skipped({"to": ""}, situation()) == "Nobody is chosen to receive it."


def test_a_subject_is_one_line() -> None:
    (prepared,) = EMAIL.prepare(
        {**SETTINGS, "subject": "One\r\nBcc: {{ order.note }}"}, situation(note="a\nb")
    )
    assert prepared.subject == "One Bcc: a b"


@pytest.mark.parametrize(
    ("settings", "phrase"),
    [
        ({"to": "customer"}, "email the customer"),
        ({"to": "manager"}, "email the managers"),
        ({"to": "admin"}, "email the head of the store"),
        ({"to": "address", "address": "anna@shop.example"}, "email anna@shop.example"),
        ({"to": "address"}, "email …"),
        ({"to": "user:3"}, "email a team member"),
        ({}, "email …"),
    ],
)
def test_the_summary_says_who_gets_it(settings: dict[str, str], phrase: str) -> None:
    assert EMAIL.summary(settings) == phrase


def test_good_settings_have_no_problem() -> None:
    assert EMAIL.check(SETTINGS, SUBJECTS["order"]) == []


@pytest.mark.parametrize(
    ("settings", "path", "sentence"),
    [
        ({"to": ""}, "settings.to", "Choose who the email goes to."),
        ({"to": "everybody"}, "settings.to", "Choose who the email goes to."),
        ({"to": "address"}, "settings.address", "Enter the email address it goes to."),
        ({"to": "address", "address": "anna@"}, "settings.address", "“anna@” is not a valid email address."),
        ({"subject": " "}, "settings.subject", "Write a subject."),
        ({"message": ""}, "settings.message", "Write a message."),
        (
            {"message": "Hello\n{{ order.numbr }}"},
            "settings.message",
            "Line 2, column 4: There is no field order.numbr. Did you mean order.number?",
        ),
    ],
)
def test_a_problem_names_its_field(settings: dict[str, str], path: str, sentence: str) -> None:
    (problem,) = EMAIL.check({**SETTINGS, **settings}, SUBJECTS["order"])
    assert (problem.path, problem.sentence) == (path, sentence)


def test_only_an_email_to_the_customer_counts_as_contacting_the_customer() -> None:
    assert EMAIL.contacts_customer({"to": "customer"})
    assert not EMAIL.contacts_customer({"to": "manager"})


class _Remembering:
    key = "remembering"

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[OutgoingEmail] = []
        self.error = error

    def send(self, email: OutgoingEmail) -> Receipt:
        if self.error:
            raise self.error
        self.sent.append(email)
        return Receipt("1", "sent")


def test_performing_hands_the_prepared_email_to_the_connector() -> None:
    connector = _Remembering()
    (prepared,) = EMAIL.prepare(SETTINGS, situation())
    stored = Prepared.from_data(prepared.to_data())
    assert EMAIL.perform(stored, Connectors(email=connector), "run-9:1") == Receipt("1", "sent")
    (email,) = connector.sent
    assert (email.to.address, email.sender, email.key) == ("anna@x.example", SENDER, "run-9:1")


def test_the_answer_of_the_connector_is_passed_on() -> None:
    (prepared,) = EMAIL.prepare(SETTINGS, situation())
    with pytest.raises(Refused):
        EMAIL.perform(prepared, Connectors(email=_Remembering(Refused("no"))), "run-9:1")


def test_a_prepared_email_with_a_broken_address_is_refused() -> None:
    with pytest.raises(Refused):
        EMAIL.perform(Prepared.from_data({"to": "anna@"}), Connectors(), "run-9:1")
