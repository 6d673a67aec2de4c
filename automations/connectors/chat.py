"""Send notices to a chat: Slack, Discord, Telegram and the like."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from automations.connectors.egress import is_listed
from automations.connectors.host_allowlist import literal
from automations.connectors.receipts import Connector, Receipt, Refused, TryAgain
from automations.loading.first_use import FirstUse

if TYPE_CHECKING:
    import apprise
else:
    apprise = FirstUse("apprise")

#: Services with a fixed host: a person's input never decides which address is called.
SERVICES = {
    "slack": "Slack",
    "discord": "Discord",
    "tgram": "Telegram",
    "msteams": "Microsoft Teams",
    "gchat": "Google Chat",
    "wxteams": "Webex",
}
#: Self-hosted servers: allowed only if the operator lists the host, as `egress` does not guard these calls.
OWN_SERVERS = {"json": "a server of your own", "jsons": "a server of your own"}
_TIMEOUT = 7.0
_CODE = re.compile(r"error=(\d{3})\b")
_PASSING = frozenset({"408", "425", "429"})


class InvalidChat(ValueError):
    """`str(error)` is a sentence for the user."""


@dataclass(frozen=True)
class OutgoingNotice:
    """One notice in the store's chat; plain text."""

    title: str
    text: str
    key: str


class ChatConnector(Connector, Protocol):
    """Sends notices to a chat."""

    def send(self, notice: OutgoingNotice) -> Receipt:
        """Hand over one notice. Raises Refused or TryAgain, and nothing else."""
        ...


def service_of(url: str) -> str:
    """Return the name of the service of a chat URL such as "slack://…". Raises InvalidChat."""
    _plugin(url)
    return {**SERVICES, **OWN_SERVERS}[_scheme(url)]


@dataclass(frozen=True)
class AppriseChat:
    """One chat room. Its URL contains the tokens, so the whole URL is a secret."""

    url: str = field(repr=False)

    host = ""
    outside = True
    #: Chats know no idempotency keys, but a repeated notice does no harm: retry instead of asking a person.
    keyed = True

    @property
    def key(self) -> str:
        return _scheme(self.url)

    def send(self, notice: OutgoingNotice) -> Receipt:
        """Hand over one notice. Raises Refused or TryAgain."""
        try:
            plugin = _plugin(self.url)
        except InvalidChat as error:
            raise Refused(str(error)) from error
        room = apprise.Apprise()
        room.add(plugin)
        capture: Any = apprise.LogCapture
        with capture(level=logging.WARNING, name=None, fmt="%(message)s") as log:
            sent = room.notify(body=notice.text, title=notice.title, body_format=apprise.NotifyFormat.TEXT)
            log_text = str(log.getvalue())
        name = SERVICES.get(self.key, "The chat")
        if not sent:
            raise _failure(name, _CODE.search(log_text))
        return Receipt("", f"{name} accepted it")


def _failure(name: str, code: re.Match[str] | None) -> Refused | TryAgain:
    # The service's own words may contain the room's address, which is a secret.
    if code and code[1].startswith("4") and code[1] not in _PASSING:
        return Refused(f"{name} refused the notice with {code[1]}. Check the chat address in the settings.")
    return TryAgain(f"{name} did not accept the notice.")


def _plugin(url: str) -> Any:
    scheme = _scheme(url)
    if scheme in OWN_SERVERS:
        host = urlsplit(url).hostname or ""
        if not is_listed(host, literal(host)):
            raise InvalidChat("A chat server of your own has to be listed in ALLOWED_PRIVATE_HOSTS.")
    elif scheme not in SERVICES:
        names = ", ".join(SERVICES.values())
        raise InvalidChat(f"This chat address is not one of {names}. It looks like slack://token.")
    plugin = apprise.Apprise.instantiate(url.partition("?")[0], suppress_exceptions=True)
    if plugin is None:
        raise InvalidChat("The chat address cannot be read. Copy it whole from the service.")
    plugin.socket_connect_timeout = plugin.socket_read_timeout = _TIMEOUT
    return plugin


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower()
