"""Signing in, and the rows of signed-in browsers. Knows nothing of cookies or pages."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from automations.models.access import audit, sign_in_throttle
from automations.models.access.password_hashing import Passwords
from automations.models.tables.people import Membership, SignIn, User

IDLE = dt.timedelta(hours=12)
LONGEST = dt.timedelta(days=14)
#: How long a password made by an admin is valid, as long as an invitation.
GIVEN_FOR = dt.timedelta(days=7)
#: `seen_at` is written at most this often, so that not every page view costs a write.
SEEN_EVERY = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Browser:
    """Where a sign-in comes from, for the person's own list of sessions."""

    name: str
    address: str


def authenticate(
    session: Session, email: str, password: str, passwords: Passwords, now: dt.datetime
) -> User | None:
    """Return the person with this email and password; None if wrong, disabled or without a store."""
    user = session.scalar(sa.select(User).where(User.email == email))
    right = passwords.matches(user.password_hash if user else None, password)
    if not right or user is None or user.disabled_at or not memberships(session, user.id):
        return None
    if user.password_given_at and now - user.password_given_at > GIVEN_FOR:
        return None
    return user


def record_refusal(session: Session, email: str, browser: Browser, now: dt.datetime) -> None:
    """Record a refused sign-in, inside write(), in the same way whether or not the person exists."""
    query = sa.select(User.id, Membership.store_id).outerjoin(Membership, Membership.user_id == User.id)
    user_id, store_id = session.execute(
        query.where(User.email == email).order_by(Membership.id).limit(1)
    ).first() or (None, None)
    about, after = f"{email} was refused", {"from": browser.address}
    whose = {"store_id": store_id, "user_id": user_id}
    audit.note(session, action="tried to sign in", about=about, after=after, at=now, **whose)


def memberships(session: Session, user_id: int) -> list[Membership]:
    """Return a person's memberships in the order they joined the stores."""
    query = sa.select(Membership).where(Membership.user_id == user_id).order_by(Membership.id)
    return list(session.scalars(query))


def start(session: Session, user: User, browser: Browser, now: dt.datetime) -> str:
    """Sign a person in, inside write(). Return the token for the cookie, which is not stored."""
    token = secrets.token_urlsafe(32)
    store_id = memberships(session, user.id)[0].store_id
    sign_in_throttle.clear_failures(session, user.email, browser.address)
    session.add(
        SignIn(
            token_hash=hash_token(token),
            user_id=user.id,
            store_id=store_id,
            created_at=now,
            seen_at=now,
            browser=browser.name[:200],
            address=browser.address,
        )
    )
    audit.note(session, action="signed in", about=user.name, store_id=store_id, user_id=user.id, at=now)
    return token


def renew(session: Session, sign_in_id: int) -> str:
    """Replace the token of a signed-in browser, inside write(), and return it; the old one is void."""
    token = secrets.token_urlsafe(32)
    session.execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(token_hash=hash_token(token)))
    return token


def signed_in(session: Session, token: str, now: dt.datetime) -> tuple[SignIn, list[Membership]] | None:
    """Return the live sign-in with this token, and the person's memberships in the order they joined.

    None without either. The person and the stores come with it: every page needs them.
    """
    times = {"idle_since": now - IDLE, "begun_since": now - LONGEST}
    rows = session.execute(_SIGNED_IN, {"token_hash": hash_token(token), **times}).all()
    return (rows[0][0], [membership for _, membership in rows]) if rows else None


def active_sign_ins(session: Session, user_id: int, now: dt.datetime) -> list[SignIn]:
    """Return where a person is signed in now, the latest first."""
    query = sa.select(SignIn).where(SignIn.user_id == user_id, *_live(now)).order_by(SignIn.seen_at.desc())
    return list(session.scalars(query))


def end(session: Session, user_id: int, now: dt.datetime, only: int | None = None) -> int:
    """End one sign-in (`only`, an id) or all of a person, inside write(). Return how many ended."""
    which = [SignIn.user_id == user_id, SignIn.ended_at.is_(None)]
    if only is not None:
        which.append(SignIn.id == only)
    ended = sa.update(SignIn).where(*which).values(ended_at=now).returning(SignIn.id)
    return len(session.scalars(ended).all())


def hash_token(token: str) -> str:
    """Return the SHA-256 under which a token or an API key is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


#: Made once: to build the query takes longer than to ask it.
_SIGNED_IN = (
    sa.select(SignIn, Membership)
    .join(User, User.id == SignIn.user_id)
    .join(Membership, Membership.user_id == User.id)
    .options(contains_eager(Membership.user), joinedload(Membership.store, innerjoin=True))
    .where(
        SignIn.token_hash == sa.bindparam("token_hash"),
        SignIn.ended_at.is_(None),
        SignIn.seen_at > sa.bindparam("idle_since"),
        SignIn.created_at > sa.bindparam("begun_since"),
        User.disabled_at.is_(None),
    )
    .order_by(Membership.id)
)


def _live(now: dt.datetime) -> list[sa.ColumnElement[bool]]:
    return [SignIn.ended_at.is_(None), SignIn.seen_at > now - IDLE, SignIn.created_at > now - LONGEST]
