"""Sends the emails with links for setting a password. No automation sends them.

The token is made when the email goes out; the database keeps its hash. Whoever asks for one cannot tell
whether an account has that address: it is looked up here, after the answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.email_message import EmailConnector, OutgoingEmail, Refused, TryAgain, Uncertain
from automations.connectors.mailbox_connector import MailboxConnector
from automations.connectors.secret_encryption import SecretBox, SecretUnreadable
from automations.messages.store_formats import formats_of
from automations.models.access import audit, browser_sessions, memberships, password_tokens
from automations.models.db.base import db, run_in_write
from automations.models.tables.people import SignInLink, User
from automations.models.tables.store import Store
from automations.pipeline.providers.store_connectors import email_connector, sender_of
from automations.pipeline.providers.test_message import mailbox_row

PATH = "/password-links/"
MOST_TRIES = 5
TRY_AGAIN = dt.timedelta(minutes=2)
#: Most emails with a new link to one person within an hour.
MOST_AN_HOUR = 3
KEPT_OUT = "(The link is only in the email itself.)"
NOBODY = "No active account has this email address."
TOO_MANY = "This person was already sent as many emails as one hour allows."
STRANGERS = "Not sent: someone who is not an admin in all of their stores could read it."

INVITED = """Hello {name},

{admin} invites you to {store} in Store Automations. Choose a password here:

{link}

The link works once, until {until}. If you did not expect it, do nothing.
"""
LOST = """Hello {name},

someone, hopefully you, asked for a new password for Store Automations. Choose it here:

{link}

The link works once, until {until}. If it was not you, do nothing: your password stays the same.
"""


@dataclass(frozen=True)
class _ReadyEmail:
    """One email that is ready to go, and its connector."""

    link_id: int
    store_id: int
    connector: EmailConnector
    email: OutgoingEmail
    url: str


def send_all(now: Callable[[], dt.datetime], box: SecretBox, go_on: Callable[[], bool]) -> int:
    """Write and send what is due; return how many emails left. Needs an application context."""
    due = sa.select(SignInLink.id).where(SignInLink.due_at <= now()).order_by(SignInLink.id).limit(100)
    link_ids = db.session.scalars(due).all()
    db.session.rollback()
    sent = 0
    for link_id in link_ids:
        ready = run_in_write(partial(_write, link_id=link_id, box=box, now=now())) if go_on() else None
        if ready:
            sent += _send(ready, box, now)
    return sent


def url_of(token: str) -> str:
    """Return the address of a link: on our own site, whatever host a request named."""
    return f"{str(current_app.config['PUBLIC_URL']).rstrip('/')}{PATH}{token}"


def _write(session: Session, link_id: int, box: SecretBox, now: dt.datetime) -> _ReadyEmail | None:
    """Return the email, if there is someone it may go to. Inside write(); each try makes a new token."""
    due_link = sa.select(SignInLink).where(SignInLink.id == link_id, SignInLink.due_at <= now)
    link = session.scalar(due_link.with_for_update(skip_locked=True))
    if link is None:
        return None
    link.tries, link.due_at = link.tries + 1, now + TRY_AGAIN * (link.tries + 1)
    user = session.scalar(sa.select(User).where(User.email == link.email, User.disabled_at.is_(None)))
    store_id, problem = _store_for(session, link, user, now)
    if user is None or store_id is None or link.tries > MOST_TRIES:
        link.due_at, link.outcome = None, problem or link.outcome
        return None
    store = session.get_one(Store, store_id)
    try:
        connector = email_connector(session, store.id, box)
        url = url_of(password_tokens.issue(link, user, now))
        return _ReadyEmail(link.id, store.id, connector, _email(session, link, user, store, url), url)
    except (SecretUnreadable, InvalidContact) as error:
        link.outcome = str(error)
        return None


def _store_for(
    session: Session, link: SignInLink, user: User | None, now: dt.datetime
) -> tuple[int | None, str]:
    """Return the store whose mail server sends it, or why none may.

    Admins of a store can read what its mail server sends, so they must be admins wherever the person works.
    """
    places = browser_sessions.memberships(session, user.id) if user else []
    if user is None or not places:
        return None, NOBODY
    if link.kind == password_tokens.INVITATION:
        may = memberships.may_reset_password(session, link.created_by or 0, user.id)
        return (link.store_id, "") if may else (None, STRANGERS)
    lately = sa.select(sa.func.count(SignInLink.id)).where(SignInLink.user_id == user.id)
    if (
        session.scalar(lately.where(SignInLink.created_at > now - dt.timedelta(hours=1))) or 0
    ) >= MOST_AN_HOUR:
        return None, TOO_MANY
    for place in places:
        admins = memberships.other_admins(session, place.store_id, user.id)
        if all(memberships.may_reset_password(session, admin_id, user.id) for admin_id in admins):
            return place.store_id, ""
    return None, STRANGERS


def _email(session: Session, link: SignInLink, user: User, store: Store, url: str) -> OutgoingEmail:
    admin = session.get(User, link.created_by) if link.created_by else None
    formats, ends = formats_of(store.language), link.expires_at
    until = f"{formats.date(ends)}, {formats.clock(ends)} UTC" if ends else ""
    words = {"name": user.name, "admin": admin.name if admin else "", "store": store.name}
    invited = link.kind == password_tokens.INVITATION
    subject = f"Your invitation to {store.name}" if invited else "A new password for Store Automations"
    text = (INVITED if invited else LOST).format(**words, link=url, until=until)
    to = EmailContact.parse(user.email, user.name)
    return OutgoingEmail(to, sender_of(store), subject, text, f"link-{link.id}-{link.tries}")


def _send(ready: _ReadyEmail, box: SecretBox, now: Callable[[], dt.datetime]) -> bool:
    """Send it. An email that may have arrived is not sent again: the person can ask for another."""
    kept_here = isinstance(ready.connector, MailboxConnector)
    try:
        detail, went, again = ready.connector.send(ready.email).detail, True, False
    except (Refused, TryAgain, Uncertain) as error:
        detail, went, again = str(error), False, isinstance(error, TryAgain)

    def settle(session: Session) -> None:
        link = session.get_one(SignInLink, ready.link_id)
        link.outcome, link.due_at = detail, link.due_at if again else None
        if went:
            message = mailbox_row(ready.store_id, ready.connector, ready.email, now())
            message.body = ready.email.text.replace(ready.url, KEPT_OUT)
            session.add(message)
            session.flush()
            link.message_id = message.id
            link.sealed = box.encrypt(ready.url) if kept_here else None
        about = f"{link.kind} to {link.email}: {detail}"
        audit.note(
            session, action="sent a link", about=about, store_id=ready.store_id, user_id=link.created_by
        )

    run_in_write(settle)
    return went
