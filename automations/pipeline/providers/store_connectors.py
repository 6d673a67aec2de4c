"""The providers a store has set up, as connectors ready to use."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import TypeVar

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
from automations.models.settings.webhook_endpoints import InboundHook
from automations.models.tables.secret import Secret, previous_if_valid
from automations.models.tables.store import Connection, Store
from automations.pipeline.providers import causation_token

C = TypeVar("C")

#: Used until the store says who its messages come from; .example reaches nobody by accident.
NOBODY = "no-reply@store.example"


def connectors_for(session: Session, store_id: int, box: SecretBox, now: dt.datetime) -> Connectors:
    """What the actions of this store may use. Settings that cannot be read refuse what needs them."""
    return Connectors(
        email=_usable("smtp", lambda: email_connector(session, store_id, box), "See the email settings."),
        sms=_usable("sms", lambda: sms_connector(session, store_id, box), "See the text message settings."),
        http=_http_connector(session, store_id, box, now),
        chat=_usable("chat", lambda: chat_connector(session, store_id, box), "See the chat settings."),
    )


def _usable(key: str, make: Callable[[], C], advice: str) -> C | Unusable:
    try:
        return make()
    except SecretUnreadable as error:
        return Unusable(key, f"{error} {advice}")


def _http_connector(session: Session, store_id: int, box: SecretBox, now: dt.datetime) -> HttpConnector:
    known, mask = _secrets(session, store_id, box, now), mask_of(session, store_id, box)
    return HttpConnector(known, mark=partial(causation_token.mark, box, store_id), mask=mask)


def email_connector(session: Session, store_id: int, box: SecretBox) -> EmailConnector:
    """The store's SMTP server, or the built-in mailbox while none is set. Raises SecretUnreadable."""
    found = _connection(session, store_id, "smtp")
    if found is None or not found.settings.get("host"):
        return MailboxConnector()
    return SmtpConnector(
        host=found.settings["host"],
        port=int(found.settings["port"]),
        security=found.settings["security"],
        username=found.settings.get("username", ""),
        password=box.decrypt(found.secret) if found.secret else "",
        mask=mask_of(session, store_id, box),
    )


def sms_connector(session: Session, store_id: int, box: SecretBox) -> SmsConnector:
    """The store's gateway, or the built-in mailbox while none is set. Raises SecretUnreadable.

    Its settings are {"preset": key of sms_presets, …what the preset asks for}, its secret the one it names.
    """
    found = _connection(session, store_id, "sms")
    preset = PRESETS.get(str(found.settings.get("preset"))) if found else None
    if found is None or preset is None:
        return SmsMailbox()
    settings = {
        one.name: str(found.settings.get(one.name) or "") for one in preset.settings if not one.secret
    }
    secret = box.decrypt(found.secret) if found.secret else ""
    return SmsGateway(preset, settings, secret, mask=mask_of(session, store_id, box))


def chat_connector(session: Session, store_id: int, box: SecretBox) -> ChatConnector:
    """The store's chat, whose whole address is the secret. Raises SecretUnreadable."""
    found = _connection(session, store_id, "chat")
    if found is None or not found.secret:
        return Unusable("chat", NO_CHAT)
    return AppriseChat(box.decrypt(found.secret))


def _connection(session: Session, store_id: int, kind: str) -> Connection | None:
    mine = sa.select(Connection).where(Connection.store_id == store_id, Connection.kind == kind)
    return session.scalar(mine)


def _secrets(session: Session, store_id: int, box: SecretBox, now: dt.datetime) -> Secrets:
    """The store's secrets by name, read now and opened only when a request asks for one."""
    rows = session.scalars(sa.select(Secret).where(Secret.store_id == store_id))
    kept = {row.name: (row.value, row.host, previous_if_valid(row, now)) for row in rows}

    def secret(name: str) -> StoredSecret | None:
        if name not in kept:
            return None
        value, host, previous = kept[name]
        try:
            return StoredSecret(box.decrypt(value), host, box.decrypt(previous) if previous else "")
        except SecretUnreadable as error:
            raise Refused(f"The secret “{name}” cannot be read. Enter it again in Settings.") from error

    return secret


def mask_of(session: Session, store_id: int, box: SecretBox) -> Mask:
    """Takes every secret of the store out of an answer; read now and opened when an answer comes."""
    columns = (Secret.value, Secret.previous, Connection.secret, InboundHook.secret, InboundHook.previous)
    mine = [sa.select(one).where(one.class_.store_id == store_id, one.is_not(None)) for one in columns]
    tokens = session.scalars(sa.union_all(*mine)).all()
    return Mask(lambda: _opened(tokens, box))


def _opened(tokens: Sequence[str | None], box: SecretBox) -> Iterator[str]:
    for token in filter(None, tokens):
        # What cannot be read cannot have been sent.
        with contextlib.suppress(SecretUnreadable):
            yield box.decrypt(token)


def sender_of(store: Store) -> EmailContact:
    """Who the store's messages come from."""
    return _sender(store.sender_email, store.name)


@lru_cache(64)
def _sender(email: str, name: str) -> EmailContact:
    try:
        return EmailContact.parse(email, name)
    except InvalidContact:
        return EmailContact.parse(NOBODY, name)
