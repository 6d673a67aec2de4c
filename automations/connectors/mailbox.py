"""The built-in mailbox: the default, the demo and the fake of tests. Nothing leaves the application."""

from __future__ import annotations

from automations.connectors.delivery import Receipt
from automations.connectors.email import OutgoingEmail
from automations.connectors.sms import OutgoingSms

_KEPT = "kept in the built-in mailbox"


class MailboxConnector:
    """Takes every email and sends none; whoever records the message shows it on the Mailbox page."""

    key = "mailbox"
    host = ""
    outside = False
    keyed = False

    def send(self, email: OutgoingEmail) -> Receipt:
        """The receipt of an email that stays here."""
        return Receipt(provider_id=email.key, detail=_KEPT)


class SmsMailbox:
    """The same for text messages."""

    key = "mailbox"
    host = ""
    outside = False
    keyed = False

    def send(self, sms: OutgoingSms) -> Receipt:
        """The receipt of a text message that stays here."""
        return Receipt(provider_id=sms.key, detail=_KEPT)
