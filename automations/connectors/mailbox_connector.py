"""The built-in mailbox, the default connector (also in demo and tests): nothing leaves this program."""

from __future__ import annotations

from automations.connectors.email_message import OutgoingEmail
from automations.connectors.receipts import Receipt
from automations.connectors.sms_gateway import OutgoingSms

#: The key of both: messages under it were kept here and left nobody's house.
MAILBOX = "mailbox"
NO_SERVER = "kept here, because no mail server is set up"
NO_GATEWAY = "kept here, because no SMS gateway is set up"


class MailboxConnector:
    """Accepts every email and sends none; the recorded message is shown on the Mailbox page."""

    key = MAILBOX
    host = ""
    outside = False
    keyed = False

    def send(self, email: OutgoingEmail) -> Receipt:
        """Return the receipt of an email that stays here."""
        return Receipt(provider_id=email.key, detail=NO_SERVER, kept_here=True)


class SmsMailbox:
    """Accepts every text message and sends none."""

    key = MAILBOX
    host = ""
    outside = False
    keyed = False

    def send(self, sms: OutgoingSms) -> Receipt:
        """Return the receipt of a text message that stays here."""
        return Receipt(provider_id=sms.key, detail=NO_GATEWAY, kept_here=True)
