"""A test message: really sent, and only to the person who asks for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import EMAIL, Prepared
from automations.actions.shared.outgoing_email import BCC, CC, outgoing
from automations.connectors.connector_set import Files
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.email_message import EmailConnector, OutgoingEmail, Receipt
from automations.models.access.action_rate_limit import SENT
from automations.models.access.audit import note
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.run import Message

#: What a message that a person tries leaves out: nobody else gets it, and it ends nobody's marketing.
_NOT_FOR_TESTS = ("unsubscribe_url", CC, BCC)


def own_copy(message: Prepared, user: User, files: Files, key: str) -> OutgoingEmail:
    """Return the message readdressed to `user`. Raises InvalidContact."""
    if message.channel != EMAIL:
        raise InvalidContact("Only an email can be sent to you as a test.")
    to = EmailContact.parse(user.email, user.name)
    return outgoing(_for_tests(message), files, key, to, f"[Test] {message.subject}")


def keep_copy(
    session: Session,
    store_id: int,
    connector: EmailConnector,
    email: OutgoingEmail,
    now: dt.datetime,
    message: Prepared,
) -> int:
    """Put the message into the mailbox before it is sent, inside write(); return its id.

    Whoever erases the customer it speaks of while a slow server takes it finds it there.
    """
    row = mailbox_row(store_id, connector, email, now)
    row.body, row.layout = message.body, _for_tests(message).around
    session.add(row)
    session.flush()
    return row.id


def drop_copy(session: Session, message_id: int) -> None:
    """Take a message that did not leave out of the mailbox again, inside write()."""
    session.execute(sa.delete(Message).where(Message.id == message_id))


def record_sent(
    session: Session,
    automation: Automation,
    message_id: int,
    receipt: Receipt,
    user_id: int,
    now: dt.datetime,
) -> None:
    """Record that the message left, in the mailbox and in the audit log, inside write()."""
    sent = sa.update(Message).where(Message.id == message_id)
    session.execute(sent.values(provider_id=receipt.provider_id or None))
    about = f"automation “{automation.name}”"
    note(session, action=SENT, about=about, store_id=automation.store_id, user_id=user_id, at=now)


def mailbox_row(
    store_id: int,
    connector: EmailConnector,
    email: OutgoingEmail,
    now: dt.datetime,
    provider_id: str | None = None,
) -> Message:
    """Return the mailbox row of a message that belongs to no run."""
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


def _for_tests(message: Prepared) -> Prepared:
    # Whoever tries a message must not end the marketing of the customer it was made for.
    extra = {name: value for name, value in message.extra.items() if name not in _NOT_FOR_TESTS}
    return replace(message, extra=extra)
