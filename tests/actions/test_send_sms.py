from __future__ import annotations

from dataclasses import replace

import pytest

from automations.actions.send_marketing import CONTEXT, SendMarketing
from automations.actions.send_sms import SendSms
from automations.actions.shared.action_kind import Skipped
from automations.connectors.sms_parts import GSM, segments
from automations.engine.fields.subjects import SUBJECTS
from automations.messages.message_context import context_from
from automations.messages.message_fields import KNOWN, fields
from automations.messages.money_texts import TEXT_MESSAGE
from automations.messages.render import render
from automations.web.settings.store_settings import CURRENCIES
from tests.actions.situations import situation, with_customer
from tests.messages.samples import ORDER, label, order_context

SMS = SendSms()
ANNA = {"name": "Anna Lee", "phone": "020 7946 0958"}
SETTINGS = {"to": "customer", "number": "", "message": "Order {{ order.number }} is ready"}


def test_a_text_message_says_how_many_parts_it_takes() -> None:
    (prepared,) = SMS.prepare(SETTINGS, with_customer(phone="020 7946 0958"))
    assert (prepared.to, prepared.body) == ("+442079460958", "Order 1042 is ready")
    assert prepared.subject == "Text message, 1 part"
    (long,) = SMS.prepare(SETTINGS | {"message": "ж" * 100}, with_customer(phone="020 7946 0958"))
    assert (long.subject, long.extra) == ("Text message, 2 parts", {"parts": 2, "alphabet": "UCS-2"})


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "The customer has no phone number."),
        ({"to": ""}, "Nobody is chosen to receive it."),
        ({"to": "number", "number": "12345"}, "“12345” is not a valid phone number."),
        ({"to": "number", "number": "+442079460958", "message": "{{ order.note }}"}, "The message is empty"),
        (
            {"to": "number", "number": "+442079460958", "message": "x" * 1600},
            "takes 11 parts, and the limit is 10",
        ),
    ],
)
def test_an_unsendable_text_message_is_skipped_with_its_reason(settings: dict[str, str], reason: str) -> None:
    with pytest.raises(Skipped, match=reason):
        SMS.prepare(SETTINGS | settings, situation())


@pytest.mark.parametrize(
    ("settings", "phrase"),
    [
        ({}, "text the customer"),
        ({"message": "ж" * 71}, "text the customer (2 parts)"),
        ({"to": "number", "number": "+44 20 7946 0958", "message": ""}, "text +44 20 7946 0958"),
        ({"to": ""}, "text …"),
    ],
)
def test_the_summary_says_who_gets_it(settings: dict[str, str], phrase: str) -> None:
    assert SMS.summary(SETTINGS | settings) == phrase


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"to": "x"}, "Choose who the text message goes to."),
        ({"to": "number"}, "Enter the phone number it goes to."),
        ({"to": "number", "number": "me"}, "“me” is not a valid phone number."),
        ({"message": ""}, "Write a message."),
    ],
)
def test_a_problem_is_a_sentence(settings: dict[str, str], sentence: str) -> None:
    assert [problem.sentence for problem in SMS.check(SETTINGS | settings, SUBJECTS["order"])] == [sentence]


def in_gsm(text: str) -> bool:
    return segments(text).alphabet == GSM


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("Balance {{ order.balance_due | money }}", "Balance -£5.00"),
        ("{{ order.balance_due | times: 1000000 | money }}", "-£5,000,000.00"),
        ("{{ order.number | truncate: 2 }}", "..."),
        ("{{ customer.name | truncate: 6 }}", "Ann..."),
        ("{{ customer.name | truncate: 6, '' }}", "Anna L"),
    ],
)
def test_what_we_insert_stays_in_the_alphabet_of_text_messages(message: str, text: str) -> None:
    moment = situation(balance_due="-5.00", customer=ANNA)
    (prepared,) = SMS.prepare(SETTINGS | {"message": message}, moment)
    assert prepared.body == text and in_gsm(prepared.body)


def test_a_refund_in_133_characters_takes_one_part() -> None:
    message = "x" * 120 + " {{ order.balance_due | money }}"
    (prepared,) = SMS.prepare(
        SETTINGS | {"message": message}, situation(balance_due="-1234.50", customer=ANNA)
    )
    assert prepared.subject == "Text message, 1 part"


@pytest.mark.parametrize("subject", KNOWN)
def test_what_the_menu_inserts_stays_in_the_alphabet_of_text_messages(subject: str) -> None:
    values = {"total": "-5.00", "amount_paid": "-5.00", "balance_due": "-5.00", "budget": "-5.00"}
    context = context_from(subject, {**ORDER, **values}, label, currency="GBP")
    for group in fields(subject):
        for entry in group.snippets:
            assert in_gsm(entry.snippet)
            assert in_gsm(render(entry.snippet, context | {TEXT_MESSAGE: True})), entry


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_negative_amount_of_every_currency_stays_in_the_alphabet(currency: str) -> None:
    context = order_context(total="-1234.00", currency=currency) | {TEXT_MESSAGE: True}
    assert in_gsm(render("{{ order.total | money }}", context))


def test_the_way_to_stop_counts_among_the_parts_of_marketing() -> None:
    moment = situation(customer=ANNA)
    url = "https://shop.example/unsubscribe/0123456789"
    allowed = replace(moment, context={**moment.context, CONTEXT: {"consent": True, "unsubscribe_url": url}})
    settings = {"channel": "sms", "subject": "", "message": "x" * 150}
    (prepared,) = SendMarketing().prepare(settings, allowed)
    assert prepared.subject == "Text message, 2 parts"
    assert (prepared.extra["parts"], prepared.extra["alphabet"]) == (2, GSM)
    with pytest.raises(Skipped, match="takes 11 parts, and the limit is 10"):
        SendMarketing().prepare(settings | {"message": "x" * 1520}, allowed)
