"""The connectors of one store, by channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from automations.connectors.chat import ChatConnector
from automations.connectors.email_message import EmailConnector
from automations.connectors.mailbox_connector import MailboxConnector, SmsMailbox
from automations.connectors.receipts import Connector
from automations.connectors.signed_requests import HttpConnector
from automations.connectors.sms_gateway import SmsConnector
from automations.connectors.stored_file import StoredFile
from automations.connectors.unusable_provider import Unusable


class Files(Protocol):
    """The files of a store."""

    def read(self, id: int) -> StoredFile | None:
        """Return a file; None if the store has none with this id."""
        ...

    def named(self, name: str) -> StoredFile | None:
        """Return the file of this name that emails can bring along; None if the store has none."""
        ...


class NoFiles:
    """The files of a store that has none."""

    def read(self, id: int) -> StoredFile | None:
        """Return None."""
        return None

    def named(self, name: str) -> StoredFile | None:
        """Return None."""
        return None


NO_CHAT = "No chat is set up. Add its address in Settings."


@dataclass(frozen=True)
class Connectors:
    """One connector for each channel; the built-in mailbox stands in until a store sets up its own."""

    email: EmailConnector = field(default_factory=MailboxConnector)
    sms: SmsConnector = field(default_factory=SmsMailbox)
    http: HttpConnector = field(default_factory=HttpConnector)
    files: Files = field(default_factory=NoFiles)
    chat: ChatConnector = field(default_factory=lambda: Unusable("chat", NO_CHAT))

    def of(self, channel: str) -> Connector:
        """Return the connector of a channel: email, sms, http or chat."""
        channels: Mapping[str, Connector] = {
            "email": self.email,
            "sms": self.sms,
            "http": self.http,
            "chat": self.chat,
        }
        return channels[channel]
