"""What every email connector takes, returns and raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from automations.connectors.contacts import EmailContact
from automations.connectors.receipts import Connector, Receipt, Refused, TryAgain, Uncertain

__all__ = ["EmailConnector", "OutgoingEmail", "Receipt", "Refused", "TryAgain", "Uncertain"]


@dataclass(frozen=True)
class OutgoingEmail:
    """One email to one person. `key` is the same at every try and becomes the Message-ID."""

    to: EmailContact
    sender: EmailContact
    subject: str
    text: str
    key: str
    #: For marketing: an https URL that unsubscribes with one POST (RFC 8058).
    unsubscribe_url: str = ""


class EmailConnector(Connector, Protocol):
    """Sends email."""

    def send(self, email: OutgoingEmail) -> Receipt:
        """Hand over one email. Raises Refused, TryAgain or Uncertain, and nothing else."""
        ...
