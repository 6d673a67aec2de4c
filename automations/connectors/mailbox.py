"""The built-in mailbox: the default, the demo and the fake of tests. Nothing leaves the application."""

from __future__ import annotations

from automations.connectors.email import OutgoingEmail, Receipt


class MailboxConnector:
    """Takes every email and sends none; whoever records the message shows it on the Mailbox page."""

    key = "mailbox"
    outside = False

    def send(self, email: OutgoingEmail) -> Receipt:
        """The receipt of an email that stays here."""
        return Receipt(provider_id=email.key, detail="kept in the built-in mailbox")
