"""The built-in mailbox, the default connector (also in demo and tests): nothing leaves this program."""

from __future__ import annotations

from automations.connectors.email_message import OutgoingEmail
from automations.connectors.receipts import Receipt
from automations.connectors.sms_gateway import OutgoingSms

_KEPT = "kept in the built-in mailbox"


class MailboxConnector:
    """Accepts every email and sends none; the recorded message is shown on the Mailbox page."""

    key = "mailbox"
    host = ""
    outside = False
    keyed = False

    def send(self, email: OutgoingEmail) -> Receipt:
        """Return the receipt of an email that stays here."""
        return Receipt(provider_id=email.key, detail=_KEPT)


class SmsMailbox:
    """Accepts every text message and sends none."""

    key = "mailbox"
    host = ""
    outside = False
    keyed = False

    def send(self, sms: OutgoingSms) -> Receipt:
        """Return the receipt of a text message that stays here."""
        return Receipt(provider_id=sms.key, detail=_KEPT)
