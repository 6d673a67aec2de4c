"""Send an email to the customer, to the store's people or to an address."""

from __future__ import annotations

import wtforms
from wtforms.fields.choices import SelectChoice

from automations.actions.shared import skip_reasons
from automations.actions.shared.action_kind import (
    Action,
    ActionForm,
    Prepared,
    Settings,
    Situation,
    Skipped,
    text_of,
)
from automations.actions.shared.recipients import ADDRESS, CHOICES, CUSTOMER, email_contacts, is_known, phrase
from automations.actions.shared.text_templates import problems_of, rendered
from automations.connectors.connector_set import Connectors
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.email_message import OutgoingEmail
from automations.connectors.plain_text import one_line
from automations.connectors.receipts import Receipt, Refused
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem

_TEMPLATES = {"subject": "Write a subject.", "message": "Write a message."}


class EmailForm(ActionForm):
    """The recipient and the message."""

    template_fields = ("subject", "message")
    shown_when = {"address": ("to", ADDRESS)}

    to = wtforms.SelectField("To", choices=[SelectChoice(*choice) for choice in CHOICES], default=CUSTOMER)
    address = wtforms.StringField("Email address", render_kw={"type": "email", "autocomplete": "off"})
    subject = wtforms.StringField("Subject")
    message = wtforms.TextAreaField("Message", render_kw={"rows": 6})


class SendEmail(Action):
    """One email for each recipient."""

    key = "send_email"
    label = "Send email"
    icon = "mail"
    rank = 1
    Form = EmailForm

    def contacts_customer(self, settings: Settings) -> bool:
        return text_of(settings, "to") == CUSTOMER

    def summary(self, settings: Settings) -> str:
        return f"email {phrase(settings)}"

    def check(self, settings: Settings, subject: Subject) -> list[Problem]:
        problems = _recipient_problems(settings)
        for name, missing in _TEMPLATES.items():
            problems += problems_of(settings, name, subject, missing)
        return problems

    def prepare(self, settings: Settings, situation: Situation) -> list[Prepared]:
        contacts = email_contacts(settings, situation)
        subject = one_line(rendered(settings, "subject", situation))
        body = rendered(settings, "message", situation).strip()
        if not subject or not body:
            raise Skipped(skip_reasons.MESSAGE_IS_EMPTY)
        return [_prepared(contact, subject, body, situation.sender) for contact in contacts]

    def perform(self, prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
        return send_prepared(prepared, connectors, key)


def send_prepared(prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
    """Hand a prepared email to the store's connector. Raises Refused, TryAgain or Uncertain."""
    try:
        to = EmailContact.parse(prepared.to, prepared.to_name)
        sender = EmailContact.parse(prepared.sender, prepared.sender_name)
    except InvalidContact as error:
        raise Refused(str(error)) from error
    return connectors.email.send(OutgoingEmail(to, sender, prepared.subject, prepared.body, key))


def _recipient_problems(settings: Settings) -> list[Problem]:
    to = text_of(settings, "to")
    if not is_known(to):
        return [Problem("settings.to", "Choose who the email goes to.")]
    if to != ADDRESS:
        return []
    try:
        EmailContact.parse(text_of(settings, "address"))
    except InvalidContact as error:
        typed = text_of(settings, "address").strip()
        return [Problem("settings.address", str(error) if typed else "Write the email address it goes to.")]
    return []


def _prepared(to: EmailContact, subject: str, body: str, sender: EmailContact) -> Prepared:
    return Prepared(
        kind=SendEmail.key,
        to=to.address,
        to_name=to.name,
        subject=subject,
        body=body,
        sender=sender.address,
        sender_name=sender.name,
    )
