"""Send a text message to the customer or to a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import wtforms
from wtforms.fields.choices import SelectChoice

from automations.actions.shared import skip_reasons
from automations.actions.shared.action_kind import (
    SMS,
    Action,
    ActionForm,
    Prepared,
    Settings,
    Situation,
    Skipped,
    text_of,
)
from automations.actions.shared.text_templates import problems_of, rendered
from automations.connectors.connector_set import Connectors
from automations.connectors.contacts import InvalidContact
from automations.connectors.phone_numbers import PhoneContact
from automations.connectors.plain_text import one_line, plain
from automations.connectors.receipts import Receipt, Refused
from automations.connectors.sms_gateway import OutgoingSms
from automations.connectors.sms_parts import segments
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem
from automations.messages.money_texts import TEXT_MESSAGE

CUSTOMER, NUMBER = "customer", "number"
CHOICES = ((CUSTOMER, "The customer"), (NUMBER, "A number…"))
MOST_PARTS = 10
#: No region: stored numbers carry their country code, so that no store's region is needed.
_ANY_REGION = "ZZ"


class SmsForm(ActionForm):
    """The recipient and the message."""

    template_fields = ("message",)
    translated = ("message",)
    shown_when = {"number": ("to", NUMBER)}

    to = wtforms.SelectField("To", choices=[SelectChoice(*choice) for choice in CHOICES], default=CUSTOMER)
    number = wtforms.StringField("Phone number", render_kw={"type": "tel", "autocomplete": "off"})
    message = wtforms.TextAreaField("Message", render_kw={"rows": 4})


class SendSms(Action):
    """One text message."""

    key = "send_sms"
    label = "Send text message"
    icon = "chat"
    rank = 2
    Form = SmsForm

    def contacts_customer(self, settings: Settings) -> bool:
        return text_of(settings, "to") == CUSTOMER

    def verb_to_customer(self, settings: Settings) -> str:
        return "Text" if text_of(settings, "to") == CUSTOMER else ""

    def summary(self, settings: Settings) -> str:
        phrase = f"text {_whom(settings)}"
        message = text_of(settings, "message").strip()
        # With fields in it, only the message for a record has a length.
        parts = segments(message) if message and "{" not in message else None
        return f"{phrase} ({parts})" if parts and parts.count > 1 else phrase

    def check(self, settings: Settings, subject: Subject) -> list[Problem]:
        problems = problems_of(settings, "message", subject, "Write a message.")
        return [*_recipient_problems(settings), *problems]

    def prepare(self, settings: Settings, situation: Situation) -> list[Prepared]:
        contact = _contact(settings, situation)
        of_text_message = replace(situation, context={**situation.context, TEXT_MESSAGE: True})
        text = plain(rendered(settings, "message", of_text_message)).strip()
        if not text:
            raise Skipped(skip_reasons.MESSAGE_IS_EMPTY)
        prepared = Prepared(
            kind=self.key, to=contact.number, to_name=contact.name, subject="", body=text, channel=SMS
        )
        return [measured(prepared)]

    def perform(self, prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
        try:
            to = PhoneContact.parse(prepared.to, _ANY_REGION, prepared.to_name)
        except InvalidContact as error:
            raise Refused(str(error)) from error
        return connectors.sms.send(OutgoingSms(to, "", prepared.body, key))


def measured(prepared: Prepared) -> Prepared:
    """Return a text message with the parts that its body takes. Raises Skipped if they are too many."""
    size = segments(prepared.body)
    if size.count > MOST_PARTS:
        raise Skipped(f"The message takes {size}, and the limit is {MOST_PARTS}. Shorten it.")
    extra = {**prepared.extra, "parts": size.count, "alphabet": size.alphabet}
    return replace(prepared, subject=f"Text message, {size}", extra=extra)


def _whom(settings: Settings) -> str:
    to = text_of(settings, "to")
    if to == NUMBER:
        return one_line(text_of(settings, "number"), 60) or "…"
    return "the customer" if to == CUSTOMER else "…"


def _recipient_problems(settings: Settings) -> list[Problem]:
    to = text_of(settings, "to")
    if to == CUSTOMER:
        return []
    if to != NUMBER:
        return [Problem("settings.to", "Choose who the text message goes to.")]
    # Whether a number without its country code is valid depends on the store: see `prepare`.
    digits = [character for character in text_of(settings, "number") if character.isdecimal()]
    if not text_of(settings, "number").strip():
        return [Problem("settings.number", "Enter the phone number it goes to.")]
    if len(digits) < 5:
        shown = one_line(text_of(settings, "number"), 60)
        return [Problem("settings.number", f"“{shown}” is not a valid phone number.")]
    return []


def _contact(settings: Settings, situation: Situation) -> PhoneContact:
    to = text_of(settings, "to")
    if to == NUMBER:
        return _parsed(text_of(settings, "number"), "", situation)
    if to != CUSTOMER:
        raise Skipped(skip_reasons.NO_RECIPIENT)
    customer = situation.context.get("customer")
    if not isinstance(customer, Mapping) or not any(customer.values()):
        raise Skipped(skip_reasons.no_customer(situation.subject))
    number = text_of(customer, "phone")
    if not number.strip():
        raise Skipped(skip_reasons.CUSTOMER_HAS_NO_PHONE)
    return _parsed(number, text_of(customer, "name"), situation)


def _parsed(number: str, name: str, situation: Situation) -> PhoneContact:
    try:
        return PhoneContact.parse(number, situation.region, name)
    except InvalidContact as error:
        raise Skipped(str(error)) from error
