"""The providers a store has set up, as connectors ready to use."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.email import EmailConnector
from automations.connectors.mailbox import MailboxConnector
from automations.connectors.registry import Connectors
from automations.connectors.secrets import SecretBox
from automations.connectors.smtp import SmtpConnector
from automations.models.store import Connection, Store

#: Used until the store says who its messages come from; .example reaches nobody by accident.
NOBODY = "no-reply@store.example"


def connectors_for(session: Session, store_id: int, box: SecretBox) -> Connectors:
    """What the actions of this store may use."""
    return Connectors(email=email_connector(session, store_id, box))


def email_connector(session: Session, store_id: int, box: SecretBox) -> EmailConnector:
    """The store's SMTP server, or the built-in mailbox while none is set. Raises SecretUnreadable."""
    found = session.scalar(
        sa.select(Connection).where(Connection.store_id == store_id, Connection.kind == "smtp")
    )
    if found is None or not found.settings.get("host"):
        return MailboxConnector()
    return SmtpConnector(
        host=found.settings["host"],
        port=int(found.settings["port"]),
        security=found.settings["security"],
        username=found.settings.get("username", ""),
        password=box.decrypt(found.secret) if found.secret else "",
    )


def sender_of(store: Store) -> EmailContact:
    """Who the store's messages come from."""
    try:
        return EmailContact.parse(store.sender_email, store.name)
    except InvalidContact:
        return EmailContact.parse(NOBODY, store.name)
