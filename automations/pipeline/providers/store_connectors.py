"""Makes the connectors of the providers that a store has set up."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.chat import AppriseChat, ChatConnector
from automations.connectors.connector_set import NO_CHAT, Connectors
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.email_message import EmailConnector
from automations.connectors.mailbox_connector import MailboxConnector, SmsMailbox
from automations.connectors.masking import Mask
from automations.connectors.receipts import Refused
from automations.connectors.secret_encryption import SecretBox, SecretUnreadable
from automations.connectors.signed_requests import HttpConnector, Secrets, StoredSecret
from automations.connectors.sms_gateway import SmsConnector, SmsGateway
from automations.connectors.sms_presets import PRESETS
from automations.connectors.smtp import SmtpConnector
from automations.connectors.unusable_provider import Unusable
from automations.models.db.fast_select import Lookup
from automations.models.settings import providers
from automations.models.settings.webhook_endpoints import InboundHook
from automations.models.tables.secret import Secret, is_previous_valid
from automations.models.tables.store import Connection, Store
from automations.pipeline.providers import causation_token
from automations.pipeline.providers.store_files import files_of

C = TypeVar("C")

#: The sender until the store sets one; a .example address reaches nobody by accident.
NOBODY = "no-reply@store.example"


#: The settings of a store's providers, by kind.
Connections = Mapping[str, Connection]


def connectors_for(
    session: Session, store_id: int, box: SecretBox, now: dt.datetime, known: Connections | None = None
) -> Connectors:
    """Return the connectors of this store. One whose settings cannot be read refuses everything."""
    asked = (session, store_id, box, providers.by_kind(session, store_id) if known is None else known)
    return Connectors(
        email=_usable("smtp", lambda: email_connector(*asked), "See the email settings."),
        sms=_usable("sms", lambda: sms_connector(*asked), "See the text message settings."),
        http=_http_connector(session, store_id, box, now),
        files=files_of(session, store_id),
        chat=_usable("chat", lambda: chat_connector(*asked), "See the chat settings."),
    )


def _usable(key: str, make: Callable[[], C], advice: str) -> C | Unusable:
    try:
        return make()
    except SecretUnreadable as error:
        return Unusable(key, f"{error} {advice}")


def _http_connector(session: Session, store_id: int, box: SecretBox, now: dt.datetime) -> HttpConnector:
    secrets, mask = _secrets(session, store_id, box, now), mask_of(session, store_id, box)
    mark = partial(causation_token.issue, box, store_id)
    return HttpConnector(secrets, mark=mark, mask=mask, keeper=f"store {store_id}")


def email_connector(
    session: Session, store_id: int, box: SecretBox, known: Connections | None = None
) -> EmailConnector:
    """Return the connector of the store's SMTP server or the built-in mailbox. Raises SecretUnreadable."""
    connection = _connection(session, store_id, "smtp", known)
    if connection is None or not connection.settings.get("host"):
        return MailboxConnector()
    return SmtpConnector(
        host=connection.settings["host"],
        port=int(connection.settings["port"]),
        security=connection.settings["security"],
        username=connection.settings.get("username", ""),
        password=box.decrypt(connection.secret) if connection.secret else "",
        mask=mask_of(session, store_id, box),
        keeper=f"store {store_id}",
    )


def sms_connector(
    session: Session, store_id: int, box: SecretBox, known: Connections | None = None
) -> SmsConnector:
    """Return the connector of the store's gateway or the built-in mailbox. Raises SecretUnreadable.

    The settings are {"preset": key of sms_presets, …settings of the preset}; the secret is the preset's.
    """
    connection = _connection(session, store_id, "sms", known)
    preset = PRESETS.get(str(connection.settings.get("preset"))) if connection else None
    if connection is None or preset is None:
        return SmsMailbox()
    settings = {
        setting.name: str(connection.settings.get(setting.name) or "")
        for setting in preset.settings
        if not setting.secret
    }
    secret = box.decrypt(connection.secret) if connection.secret else ""
    return SmsGateway(preset, settings, secret, mask=mask_of(session, store_id, box))


def chat_connector(
    session: Session, store_id: int, box: SecretBox, known: Connections | None = None
) -> ChatConnector:
    """Return the connector of the store's chat, whose whole address is secret. Raises SecretUnreadable."""
    connection = _connection(session, store_id, "chat", known)
    if connection is None or not connection.secret:
        return Unusable("chat", NO_CHAT)
    return AppriseChat(box.decrypt(connection.secret))


def _connection(session: Session, store_id: int, kind: str, known: Connections | None) -> Connection | None:
    return providers.find(session, store_id, kind) if known is None else known.get(kind)


def _secrets(session: Session, store_id: int, box: SecretBox, now: dt.datetime) -> Secrets:
    """Return a look-up of secrets by name: read now, decrypted only when a request asks for one."""
    by_name = {row["name"]: row for row in _SECRETS.rows(session, store_id=store_id)}

    def secret(name: str) -> StoredSecret | None:
        row = by_name.get(name)
        if row is None:
            return None
        previous = row["previous"] if is_previous_valid(row["changed_at"], now) else None
        try:
            return StoredSecret(
                box.decrypt(row["value"]), row["host"], box.decrypt(previous) if previous else ""
            )
        except SecretUnreadable as error:
            raise Refused(f"The secret “{name}” cannot be read. Enter it again in Settings.") from error

    return secret


def mask_of(session: Session, store_id: int, box: SecretBox) -> Mask:
    """Return a mask for every secret of the store: read now, decrypted when an answer has to be masked."""
    tokens = [row["token"] for row in _TOKENS.rows(session, store_id=store_id)]
    return Mask(lambda: _opened(tokens, box))


def _tokens(_dialect: str) -> sa.Select[Any]:
    columns = (Secret.value, Secret.previous, Connection.secret, InboundHook.secret, InboundHook.previous)
    queries = [
        sa.select(column.label("token")).where(
            column.class_.store_id == sa.bindparam("store_id"), column.is_not(None)
        )
        for column in columns
    ]
    return sa.select(sa.union_all(*queries).subquery().c.token)


_TOKENS = Lookup(_tokens)
_SECRETS = Lookup(
    lambda _: sa.select(Secret.name, Secret.value, Secret.host, Secret.previous, Secret.changed_at).where(
        Secret.store_id == sa.bindparam("store_id")
    )
)


def _opened(tokens: Sequence[str | None], box: SecretBox) -> Iterator[str]:
    for token in filter(None, tokens):
        # A secret that cannot be decrypted cannot have been sent.
        with contextlib.suppress(SecretUnreadable):
            yield box.decrypt(token)


def sender_of(store: Store) -> EmailContact:
    """Return the sender of the store's messages."""
    return _sender(store.sender_email, store.name)


@lru_cache(64)
def _sender(email: str, name: str) -> EmailContact:
    try:
        return EmailContact.parse(email, name)
    except InvalidContact:
        return EmailContact.parse(NOBODY, name)
