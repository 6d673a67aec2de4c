"""What every email connector takes, returns and raises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from automations.connectors.contacts import EmailContact
from automations.connectors.receipts import Connector, Receipt, Refused, TryAgain, Uncertain
from automations.connectors.stored_file import StoredFile

__all__ = ["EmailConnector", "OutgoingEmail", "Picture", "Receipt", "Refused", "TryAgain", "Uncertain"]


@dataclass(frozen=True)
class Picture:
    """A picture in the HTML of an email, which names it as "cid:{name}". `type` is "png" or "jpeg"."""

    name: str
    type: str
    content: bytes = field(repr=False)


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
    #: The same words as HTML; "" for an email of text alone.
    html: str = ""
    pictures: Sequence[Picture] = ()
    #: Where replies go; None for the sender.
    reply_to: EmailContact | None = None
    #: Who gets a copy that everybody sees, and one that nobody else sees.
    cc: Sequence[EmailContact] = ()
    bcc: Sequence[EmailContact] = ()
    #: What it brings along.
    attachments: Sequence[StoredFile] = ()


class EmailConnector(Connector, Protocol):
    """Sends email."""

    def send(self, email: OutgoingEmail) -> Receipt:
        """Hand over one email. Raises Refused, TryAgain or Uncertain, and nothing else."""
        ...
