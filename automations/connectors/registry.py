"""The connectors that one store's actions may use."""

from __future__ import annotations

from dataclasses import dataclass, field

from automations.connectors.email import EmailConnector
from automations.connectors.mailbox import MailboxConnector


@dataclass(frozen=True)
class Connectors:
    """One connector for each channel; the built-in mailbox stands in until a store sets up its own."""

    email: EmailConnector = field(default_factory=MailboxConnector)
