"""Send marketing to the customer: only with consent, and with an unsubscribe link in every message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import wtforms

from automations.actions import send_email, send_sms
from automations.actions.shared import email_design
from automations.actions.shared.action_kind import (
    LAYOUT,
    SMS,
    Action,
    ActionForm,
    Prepared,
    Settings,
    Situation,
    Skipped,
    text_of,
)
from automations.actions.shared.outgoing_email import send_prepared
from automations.actions.shared.recipients import CUSTOMER
from automations.connectors.connector_set import Connectors
from automations.connectors.receipts import Receipt
from automations.emails.email_words import email_words
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem

#: Where the situation's context holds {"consent": bool, "unsubscribe_url": str}.
CONTEXT = "_marketing"
EMAIL_OR_SMS = (("email", "Email"), ("sms", "Text message"))
NO_CONSENT = "The customer has not agreed to marketing."
NO_ADDRESS = "There is no web address for unsubscribing. Set PUBLIC_URL for this program."
_EMAIL, _SMS = send_email.SendEmail(), send_sms.SendSms()


class MarketingForm(ActionForm):
    """The channel and the message."""

    template_fields = ("subject", "message", "button", "button_link")
    translated = ("subject", "message", "button", "button_link")
    shown_when = dict.fromkeys(("subject", "button", "button_link", "look"), ("channel", "email"))
    optional = ("button", "button_link", "look")

    channel = wtforms.SelectField("By", choices=list(EMAIL_OR_SMS), default="email")
    subject = wtforms.StringField("Subject")
    message = wtforms.TextAreaField("Message", render_kw={"rows": 6})
    button, button_link = email_design.button_fields()
    look = email_design.look_field()


class SendMarketing(Action):
    """One email or text message to the customer, outside the store's quiet hours."""

    key = "send_marketing"
    label = "Send marketing"
    icon = "mail"
    marketing = True
    rank = 30
    Form = MarketingForm

    def contacts_customer(self, settings: Settings) -> bool:
        return text_of(settings, "channel") in dict(EMAIL_OR_SMS)

    def verb_to_customer(self, settings: Settings) -> str:
        return "Text" if text_of(settings, "channel") == "sms" else "Email"

    def summary(self, settings: Settings) -> str:
        return f"{self.verb_to_customer(settings).lower()} the customer, if they agreed to marketing"

    def check(self, settings: Settings, subject: Subject) -> list[Problem]:
        channel = text_of(settings, "channel")
        if channel not in dict(EMAIL_OR_SMS):
            return [Problem("settings.channel", "Choose email or text message.")]
        return _kind(settings).check(_to_customer(settings), subject)

    def prepare(self, settings: Settings, situation: Situation) -> list[Prepared]:
        context = situation.context.get(CONTEXT)
        marketing = context if isinstance(context, Mapping) else {}
        if not marketing.get("consent"):
            raise Skipped(NO_CONSENT)
        url = str(marketing.get("unsubscribe_url") or "")
        if not url:
            raise Skipped(NO_ADDRESS)
        prepared = _kind(settings).prepare(_to_customer(settings), situation)
        return [_with_unsubscribe(message, url, email_words(situation.language)) for message in prepared]

    def perform(self, prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
        if prepared.channel == SMS:
            return _SMS.perform(prepared, connectors, key)
        return send_prepared(prepared, connectors, key)


def _kind(settings: Settings) -> Action:
    return _SMS if text_of(settings, "channel") == "sms" else _EMAIL


def _to_customer(settings: Settings) -> Settings:
    return {**settings, "to": CUSTOMER, "lines": email_design.NONE, "cc": "", "bcc": ""}


def _with_unsubscribe(prepared: Prepared, url: str, words: Mapping[str, str]) -> Prepared:
    kept = replace(prepared, kind=SendMarketing.key, extra={**prepared.extra, "unsubscribe_url": url})
    if prepared.channel == SMS:
        return send_sms.measured(replace(kept, body=f"{prepared.body}\n{words['stop']} {url}"))
    if LAYOUT in kept.extra:
        return replace(kept, extra=email_design.with_ending(kept.extra, url))
    return replace(kept, body=f"{prepared.body}\n\n--\n{words['agreed']} {url}")
