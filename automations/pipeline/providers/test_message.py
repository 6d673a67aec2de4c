"""One message of a test, really sent, and only to the person who asks for it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import EMAIL, Prepared
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.email_message import EmailConnector, OutgoingEmail, Receipt
from automations.models.access.action_rate_limit import SENT
from automations.models.access.audit import note
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.run import Message


def own_copy(message: Prepared, user: User, key: str) -> OutgoingEmail:
    """The message as it goes to `user` instead of to its recipient. Raises InvalidContact."""
    if message.channel != EMAIL:
        raise InvalidContact("Only an email can be sent to you as a test.")
    to = EmailContact.parse(user.email, user.name)
    sender = EmailContact.parse(message.sender, message.sender_name)
    return OutgoingEmail(to, sender, f"[Test] {message.subject}", message.body, key)


def keep(
    session: Session,
    automation: Automation,
    email: OutgoingEmail,
    connector: EmailConnector,
    receipt: Receipt,
    user_id: int,
    now: dt.datetime,
) -> None:
    """Write down what was sent, for the mailbox and the audit. Call it inside `write()`."""
    session.add(letter(automation.store_id, connector, email, now, receipt.provider_id or None))
    about = f"automation “{automation.name}”"
    note(session, action=SENT, about=about, store_id=automation.store_id, user_id=user_id, at=now)


def letter(
    store_id: int,
    connector: EmailConnector,
    email: OutgoingEmail,
    now: dt.datetime,
    provider_id: str | None = None,
) -> Message:
    """A test as the mailbox shows it; no run stands behind it."""
    return Message(
        store_id=store_id,
        channel="email",
        connector=connector.key,
        to=email.to.address,
        to_name=email.to.name,
        sender=email.sender.address,
        subject=email.subject,
        body=email.text,
        provider_id=provider_id,
        at=now,
    )
