"""The connectors of one store, by channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from automations.connectors.chat import ChatConnector
from automations.connectors.email_message import EmailConnector
from automations.connectors.mailbox_connector import MailboxConnector, SmsMailbox
from automations.connectors.receipts import Connector
from automations.connectors.signed_requests import HttpConnector
from automations.connectors.sms_gateway import SmsConnector
from automations.connectors.unusable_provider import Unusable

NO_CHAT = "No chat is set up. Add its address in Settings."


@dataclass(frozen=True)
class Connectors:
    """One connector for each channel; the built-in mailbox stands in until a store sets up its own."""

    email: EmailConnector = field(default_factory=MailboxConnector)
    sms: SmsConnector = field(default_factory=SmsMailbox)
    http: HttpConnector = field(default_factory=HttpConnector)
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
