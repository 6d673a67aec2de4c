"""A message is written in the customer's language where it has a text in it, and says why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from automations.actions.notify import Notify
from automations.actions.send_email import SendEmail
from automations.actions.send_marketing import CONTEXT, SendMarketing
from automations.actions.send_sms import SendSms
from automations.actions.shared import message_languages
from automations.actions.shared.action_kind import Prepared, Situation
from automations.actions.shared.outgoing_email import outgoing
from automations.actions.shared.text_templates import answers_used
from automations.connectors.connector_set import NoFiles
from automations.emails.email_look import EmailLook
from automations.engine.fields.subjects import SUBJECTS
from automations.messages.money_texts import LANGUAGE
from tests.actions.situations import SETTINGS, with_customer
from tests.kit.hostile.any_json import VALUES

EMAIL, SMS, MARKETING = SendEmail(), SendSms(), SendMarketing()
GERMAN = {
    "subject": "Bestellung {{ order.number }}",
    "message": 'Guten Tag, {{ order.total | money }} am {{ order.delivery_date | date: "%A, %-d %B" }}.',
}
FRENCH = {"subject": "Commande {{ order.number }}", "message": "Bonjour, {{ order.total | money }}."}
TEXTS = {"de": GERMAN, "fr": FRENCH, "fr-CA": {**FRENCH, "subject": "Canada"}}
WRITTEN = {**SETTINGS, "languages": TEXTS}
BRITAIN = "English (United Kingdom), the store’s language"


def moment(language: str = "", store: str = "en-GB") -> Situation:
    made = with_customer(language=language, phone="+44 20 7946 0958")
    return replace(made, language=store, context={**made.context, LANGUAGE: store})


def prepared(language: str, store: str = "en-GB", **settings: Any) -> Prepared:
    (message,) = message_languages.prepare(EMAIL, {**WRITTEN, **settings}, moment(language, store))
    return message


@pytest.mark.parametrize(
    ("customer", "store", "subject", "why"),
    [
        ("de", "en-GB", "Bestellung 1042", "German, the customer’s language"),
        ("de-AT", "en-GB", "Bestellung 1042", "German (Austria), the customer’s language"),
        ("fr-CA", "en-GB", "Canada", "French (Canada), the customer’s language"),
        ("fr-BE", "en-GB", "Commande 1042", "French (Belgium), the customer’s language"),
        ("en-US", "en-GB", "Your order 1042", "English (United States), the customer’s language"),
        ("de", "de-CH", "Bestellung 1042", "German (Switzerland), the customer’s language"),
        ("pl", "en-GB", "Your order 1042", f"{BRITAIN}: there is no text in Polish"),
        ("", "en-GB", "Your order 1042", f"{BRITAIN}: the customer’s is not known"),
    ],
)
def test_the_text_that_fits_the_customer_best_is_sent(
    customer: str, store: str, subject: str, why: str
) -> None:
    message = prepared(customer, store)
    assert message.subject.startswith(subject)
    assert message_languages.written_in(message.extra) == why
    assert message_languages.written_in(message.around) == why


def test_amounts_and_days_are_written_as_the_text_is() -> None:
    assert prepared("de").body == "Guten Tag, 86,50\u00a0£ am Mittwoch, 4. November."
    assert "£86.50" in prepared("pl").body
    assert prepared("fr").body == "Bonjour, 86,50\u00a0£GB."


def test_what_goes_to_the_team_is_in_the_stores_language_and_says_so() -> None:
    (message, *_) = message_languages.prepare(EMAIL, {**WRITTEN, "to": "manager"}, moment("de"))
    assert message.subject.startswith("Your order")
    assert message_languages.written_in(message.extra) == f"{BRITAIN}: it does not go to the customer"


def test_without_a_choice_nothing_is_said() -> None:
    (message,) = message_languages.prepare(EMAIL, SETTINGS, moment())
    assert message.extra == {} and message_languages.written_in(None) == ""


def test_the_button_and_the_programs_words_follow() -> None:
    button = {"button": "Pay", "button_link": "https://shop.example/{{ order.number }}"}
    settings = {**SETTINGS, **button, "languages": {"de": {**GERMAN, "button": "Bezahlen"}}}
    look = replace(moment("de-AT"), look=EmailLook("Bloom & Wild St"))
    (message,) = message_languages.prepare(EMAIL, settings, look)
    html = outgoing(message, NoFiles(), "key").html
    assert '<html lang="de-AT"' in html and ">Bezahlen</a>" in html
    assert "weil Sie bei uns bestellt haben" in html and "https://shop.example/1042" in html


@pytest.mark.parametrize(
    ("channel", "ends"), [("email", "Neuigkeiten zugestimmt. Abmelden: "), ("sms", "\nAbmelden: ")]
)
def test_the_way_out_of_marketing_is_said_in_the_language_too(channel: str, ends: str) -> None:
    situation = moment("de")
    context = {**situation.context, CONTEXT: {"consent": True, "unsubscribe_url": "https://s.example/u"}}
    settings = {"channel": channel, "subject": "News", "message": "Hello", "languages": {"de": GERMAN}}
    (message,) = message_languages.prepare(MARKETING, settings, replace(situation, context=context))
    assert f"{ends}https://s.example/u" in message.body


def test_a_text_message_has_its_texts_too() -> None:
    settings = {"to": "customer", "message": "Hello", "languages": {"de": {"message": "Hallo"}}}
    (message,) = message_languages.prepare(SMS, settings, moment("de"))
    assert message.body == "Hallo"


def paths(settings: dict[str, Any]) -> dict[str, str]:
    problems = message_languages.problems(EMAIL, settings, SUBJECTS["order"])
    return {problem.path: problem.sentence for problem in problems}


def test_each_text_is_checked_as_the_stores_own_is() -> None:
    assert paths(WRITTEN) == {}
    found = paths({**SETTINGS, "languages": {"de": {"subject": "{{ order.nummer }}"}}})
    assert found["settings.languages.de.message"] == "In German: Write a message."
    assert found["settings.languages.de.subject"].startswith("In German, line 1")
    button = {"button": "Pay", "button_link": "https://shop.example/"}
    assert [*paths({**SETTINGS, **button, "languages": {"de": GERMAN}})] == ["settings.languages.de.button"]
    alone = {"de": {**GERMAN, "button": "Bezahlen"}}
    assert [*paths({**SETTINGS, "languages": alone})] == ["settings.languages.de.button_link"]
    assert dict(EMAIL.texts(WRITTEN))["languages.de.subject"] == GERMAN["subject"]
    assert answers_used({"languages": {"de": {"message": "{{ answers.2.id }}"}}}) == {2}


@given(value=VALUES)
def test_any_json_is_a_problem_or_a_text(value: Any) -> None:
    for languages in (value, {"de": value}, {"de": {"message": value}}, {str(value): GERMAN}):
        settings = {**SETTINGS, "languages": languages}
        assert all(path.startswith("settings.languages") for path in paths(settings))
        (message,) = message_languages.prepare(EMAIL, settings, moment("pl"))
        assert message.subject.startswith("Your order")


def test_a_kind_without_further_texts_refuses_them() -> None:
    problems = message_languages.problems(Notify(), {"languages": {"de": {}}}, SUBJECTS["order"])
    assert [problem.path for problem in problems] == ["settings.languages"]
