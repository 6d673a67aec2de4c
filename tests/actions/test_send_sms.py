from __future__ import annotations

import pytest

from automations.actions.send_sms import SendSms
from automations.actions.shared.action_kind import Skipped
from automations.engine.fields.subjects import SUBJECTS
from tests.actions.situations import situation, with_customer

SMS = SendSms()
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
            "takes 11 parts, and the most is 10",
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
        ({"to": "number"}, "Write the phone number it goes to."),
        ({"to": "number", "number": "me"}, "“me” is not a valid phone number."),
        ({"message": ""}, "Write a message."),
    ],
)
def test_a_problem_is_a_sentence(settings: dict[str, str], sentence: str) -> None:
    assert [problem.sentence for problem in SMS.check(SETTINGS | settings, SUBJECTS["order"])] == [sentence]
