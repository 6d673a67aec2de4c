"""Send an email to the customer, to the store's people or to an address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import wtforms
from wtforms.fields.choices import SelectChoice

from automations.actions.shared import attachments, email_design, skip_reasons
from automations.actions.shared.action_kind import (
    Action,
    ActionForm,
    Lists,
    Prepared,
    Settings,
    Situation,
    Skipped,
    text_of,
)
from automations.actions.shared.outgoing_email import ALSO_TO, BCC, CC, MISSED, REPLY_TO, send_prepared
from automations.actions.shared.recipients import (
    ADDRESS,
    CHOICES,
    CUSTOMER,
    address_problems,
    copies,
    email_contacts,
    has_field,
    is_known,
    phrase,
)
from automations.actions.shared.text_templates import problems_of, rendered
from automations.connectors.connector_set import Connectors
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.plain_text import one_line
from automations.connectors.receipts import Receipt
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem

_TEMPLATES = {"subject": "Write a subject.", "message": "Write a message."}


class EmailForm(ActionForm):
    """The recipient and the message."""

    template_fields = ("address", CC, BCC, "reply_to", "subject", "message", "button", "button_link")
    translated = ("subject", "message", "button", "button_link")
    shown_when = {"address": ("to", ADDRESS), **email_design.SHOWN_WHEN}
    optional = (CC, BCC, "reply_to", *email_design.OPTIONAL, *attachments.OPTIONAL)

    to = wtforms.SelectField("To", choices=[SelectChoice(*choice) for choice in CHOICES], default=CUSTOMER)
    address = wtforms.StringField("Email address", render_kw={"autocomplete": "off"})
    subject = wtforms.StringField("Subject")
    message = wtforms.TextAreaField("Message", render_kw={"rows": 6})
    cc = wtforms.StringField(ALSO_TO[CC], render_kw={"autocomplete": "off"})
    bcc = wtforms.StringField(ALSO_TO[BCC], render_kw={"autocomplete": "off"})
    reply_to = wtforms.StringField(ALSO_TO[REPLY_TO], render_kw={"autocomplete": "off"})
    button, button_link = email_design.button_fields()
    look = email_design.look_field()
    lines = email_design.lines_field()
    order_pdf = attachments.order_field()
    file_1, file_2, file_3 = attachments.file_fields()


class SendEmail(Action):
    """One email for each recipient."""

    key = "send_email"
    label = "Send email"
    icon = "mail"
    rank = 1
    Form = EmailForm

    def contacts_customer(self, settings: Settings) -> bool:
        # What stands in a field of the record is most likely an address of the customer.
        to = text_of(settings, "to")
        copied = any(has_field(text_of(settings, name)) for name in (CC, BCC))
        return to == CUSTOMER or copied or (to == ADDRESS and has_field(text_of(settings, "address")))

    def verb_to_customer(self, settings: Settings) -> str:
        return "Email" if text_of(settings, "to") == CUSTOMER else ""

    def summary(self, settings: Settings) -> str:
        return f"email {phrase(settings)}"

    def check(self, settings: Settings, subject: Subject) -> list[Problem]:
        problems = _recipient_problems(settings, subject)
        problems += address_problems(settings, "reply_to", subject, most=1)
        for name in (CC, BCC):
            problems += address_problems(settings, name, subject)
        for name, missing in _TEMPLATES.items():
            problems += problems_of(settings, name, subject, missing)
        problems += attachments.problems(settings, subject)
        return problems + email_design.design_problems(settings, subject)

    def check_in_store(self, settings: Settings, subject: Subject, lists: Lists) -> list[Problem]:
        return [*self.check(settings, subject), *attachments.problems_in_store(settings, lists)]

    def prepare(self, settings: Settings, situation: Situation) -> list[Prepared]:
        reached = email_contacts(settings, situation)
        subject = one_line(rendered(settings, "subject", situation))
        body = rendered(settings, "message", situation).strip()
        if not subject or not body:
            raise Skipped(skip_reasons.MESSAGE_IS_EMPTY)
        body, extra = email_design.designed(settings, situation, body)
        extra |= attachments.attached(settings, situation)
        replies, first = _reply_to(settings, situation), _copies(settings, situation)
        missed = [*reached.missed, *first.pop(MISSED, ()), *replies.pop(MISSED, ())]
        extra |= replies
        # With more than one email, a copy of the first is enough, and one of them says who got nothing.
        first = extra | first | ({MISSED: missed} if missed else {})
        return [
            _prepared(contact, subject, body, situation.sender, extra if place else first)
            for place, contact in enumerate(reached.contacts)
        ]

    def perform(self, prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
        return send_prepared(prepared, connectors, key)


def _recipient_problems(settings: Settings, subject: Subject) -> list[Problem]:
    to = text_of(settings, "to")
    if not is_known(to):
        return [Problem("settings.to", "Choose who the email goes to.")]
    if to != ADDRESS:
        return []
    if not text_of(settings, "address").strip():
        return [Problem("settings.address", "Enter the email address it goes to.")]
    return address_problems(settings, "address", subject)


def _copies(settings: Settings, situation: Situation) -> dict[str, list[str]]:
    """Return what a prepared message keeps of who gets a copy."""
    kept: dict[str, list[str]] = {MISSED: []}
    for name in (CC, BCC):
        people = copies(settings, name, situation)
        kept[name] = [one.address for one in people.contacts]
        kept[MISSED] += [skip_reasons.no_copy(ALSO_TO[name], sentence) for sentence in people.missed]
    return {name: said for name, said in kept.items() if said}


def _reply_to(settings: Settings, situation: Situation) -> dict[str, Any]:
    """Return what a prepared message keeps of where replies go; {} where they go to the sender."""
    address = rendered(settings, "reply_to", situation).strip()
    if not address:
        return {}
    try:
        return {REPLY_TO: EmailContact.parse(address).address}
    except InvalidContact as error:
        return {MISSED: [skip_reasons.no_reply_address(str(error))]}


def _prepared(
    to: EmailContact, subject: str, body: str, sender: EmailContact, extra: Mapping[str, Any]
) -> Prepared:
    return Prepared(
        kind=SendEmail.key,
        to=to.address,
        to_name=to.name,
        subject=subject,
        body=body,
        sender=sender.address,
        sender_name=sender.name,
        extra=extra,
    )
