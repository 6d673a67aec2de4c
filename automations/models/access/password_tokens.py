"""Links by email for setting a password: requested here, sent by features/operations/password_emails."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access import audit, browser_sessions, sign_in_throttle
from automations.models.tables.people import Membership, SignInLink, User

INVITATION, RESET = "invitation", "reset"
LIFE = {INVITATION: dt.timedelta(days=7), RESET: dt.timedelta(hours=1)}
KEPT = dt.timedelta(days=60)


def request_link(session: Session, kind: str, email: str, now: dt.datetime) -> SignInLink:
    """Request a link, inside write(); takes the same time whether or not anybody has this email."""
    session.execute(sa.delete(SignInLink).where(SignInLink.created_at < now - KEPT))
    link = SignInLink(kind=kind, email=email.lower(), created_at=now, due_at=now)
    session.add(link)
    return link


def invite(session: Session, user: User, store_id: int, admin: User, now: dt.datetime) -> None:
    """Invite someone who has not set a password yet, inside write(); earlier links become void."""
    void_all(session, user.id, now)
    link = request_link(session, INVITATION, user.email, now)
    link.store_id, link.created_by, link.user_id = store_id, admin.id, user.id


def issue(link: SignInLink, user: User, now: dt.datetime) -> str:
    """Make the link valid for `user`, inside write(). Return its token, which is not stored."""
    token = secrets.token_urlsafe(32)
    link.user_id, link.token_hash = user.id, browser_sessions.hash_token(token)
    link.expires_at = now + LIFE[link.kind]
    return token


def find(session: Session, token: str, now: dt.datetime) -> SignInLink | None:
    """Return the link with this token if it can still be used, or None."""
    usable = [SignInLink.used_at.is_(None), SignInLink.expires_at > now, User.disabled_at.is_(None)]
    query = sa.select(SignInLink).join(User, User.id == SignInLink.user_id).where(*usable)
    return session.scalar(query.where(SignInLink.token_hash == browser_sessions.hash_token(token)))


def redeem(session: Session, token: str, password_hash: str, now: dt.datetime) -> User | None:
    """Set the password and end every session, inside write(). Return None if the link is already used."""
    link = find(session, token, now)
    if link is None or not _take(session, link, now):
        return None
    user = session.get_one(User, link.user_id)
    user.password_hash, user.password_given_at = password_hash, None
    browser_sessions.end(session, user.id, now)
    void_all(session, user.id, now)
    sign_in_throttle.clear_failures(session, user.email)
    store_id = session.scalar(sa.select(Membership.store_id).where(Membership.user_id == user.id).limit(1))
    about = f"own password by the link of {'an invitation' if link.kind == INVITATION else 'an email'}"
    audit.note(session, action="set", about=about, store_id=store_id, user_id=user.id, at=now)
    return user


def void_all(session: Session, user_id: int, now: dt.datetime) -> None:
    """Void all links of a person, inside write()."""
    unused = sa.and_(SignInLink.user_id == user_id, SignInLink.used_at.is_(None))
    update = sa.update(SignInLink).where(unused)
    session.execute(update.values(used_at=now, sealed=None, due_at=None))


def pending_invitations(session: Session, store_id: int) -> set[int]:
    """Return the ids of people of a store who were invited and have not set a password yet."""
    members = sa.select(Membership.user_id).where(Membership.store_id == store_id)
    open_invitations = sa.and_(SignInLink.kind == INVITATION, SignInLink.used_at.is_(None))
    return set(
        session.scalars(
            sa.select(SignInLink.user_id).where(open_invitations, SignInLink.user_id.in_(members))
        )
    )


def _take(session: Session, link: SignInLink, now: dt.datetime) -> bool:
    unused = sa.and_(SignInLink.id == link.id, SignInLink.used_at.is_(None))
    update = sa.update(SignInLink).where(unused).values(used_at=now, sealed=None)
    return session.connection().execute(update).rowcount == 1
