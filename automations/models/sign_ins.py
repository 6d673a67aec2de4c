"""Signing in and the rows of signed-in browsers. Nothing here knows about cookies or pages."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models import audit
from automations.models.passwords import Passwords
from automations.models.people import Membership, SignIn, SignInFailure, User

IDLE = dt.timedelta(hours=12)
LONGEST = dt.timedelta(days=14)
#: `seen_at` is written at most this often: a page view should not cost a write.
SEEN_EVERY = dt.timedelta(minutes=5)
FAILURE_WINDOW = dt.timedelta(minutes=15)
#: From one address, and from all together: a stranger's guesses alone do not keep a person out.
MOST_FAILURES = 5
MOST_FAILURES_ANYWHERE = 50


class TooManyFailures(Exception):
    """`str(error)` is a sentence for the person."""


@dataclass(frozen=True)
class Browser:
    """Where a sign-in comes from, for the person's own list."""

    name: str
    address: str


def count_try(session: Session, email: str, address: str, now: dt.datetime) -> SignInFailure:
    """Count one try as failed, before the password is looked at: tries at the same moment count too.

    The caller deletes the row when the password was right. Raises TooManyFailures.
    """
    since = now - FAILURE_WINDOW
    recent = sa.select(sa.func.count()).where(SignInFailure.email == email, SignInFailure.at > since)
    here = session.scalar(recent.where(SignInFailure.address == address)) or 0
    anywhere = session.scalar(recent) or 0
    if here >= MOST_FAILURES or anywhere >= MOST_FAILURES_ANYWHERE:
        raise TooManyFailures("Too many tries. Wait 15 minutes, then try again.")
    session.execute(sa.delete(SignInFailure).where(SignInFailure.at < since - dt.timedelta(days=30)))
    failure = SignInFailure(email=email, address=address, at=now)
    session.add(failure)
    return failure


def person(session: Session, email: str, password: str, passwords: Passwords) -> User | None:
    """The person with this email and password; None also for disabled ones and those without a store."""
    user = session.scalar(sa.select(User).where(User.email == email))
    right = passwords.matches(user.password_hash if user else None, password)
    if not right or user is None or user.disabled_at or not memberships(session, user.id):
        return None
    return user


def memberships(session: Session, user_id: int) -> list[Membership]:
    """A person's stores, in the order she joined them."""
    found = sa.select(Membership).where(Membership.user_id == user_id).order_by(Membership.id)
    return list(session.scalars(found))


def start(session: Session, user: User, browser: Browser, now: dt.datetime) -> str:
    """Sign a person in, inside write(). Returns the token for the cookie, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    store_id = memberships(session, user.id)[0].store_id
    session.execute(
        sa.delete(SignInFailure).where(
            SignInFailure.email == user.email, SignInFailure.address == browser.address
        )
    )
    session.add(
        SignIn(
            token_hash=hashed(token),
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


def find(session: Session, token: str, now: dt.datetime) -> SignIn | None:
    """The live sign-in behind a token."""
    found = sa.select(SignIn).join(User).where(SignIn.token_hash == hashed(token), User.disabled_at.is_(None))
    return session.scalar(found.where(*_live(now)))


def live_ones(session: Session, user_id: int, now: dt.datetime) -> list[SignIn]:
    """Where a person is signed in now, the latest first."""
    found = sa.select(SignIn).where(SignIn.user_id == user_id, *_live(now)).order_by(SignIn.seen_at.desc())
    return list(session.scalars(found))


def end(session: Session, user_id: int, now: dt.datetime, only: int | None = None) -> int:
    """End one (`only`, an id) or all sign-ins of a person, inside write(). Returns how many."""
    which = [SignIn.user_id == user_id, SignIn.ended_at.is_(None)]
    if only is not None:
        which.append(SignIn.id == only)
    ended = sa.update(SignIn).where(*which).values(ended_at=now).returning(SignIn.id)
    return len(session.scalars(ended).all())


def hashed(token: str) -> str:
    """What is kept of a token or an API key."""
    return hashlib.sha256(token.encode()).hexdigest()


def _live(now: dt.datetime) -> list[sa.ColumnElement[bool]]:
    return [SignIn.ended_at.is_(None), SignIn.seen_at > now - IDLE, SignIn.created_at > now - LONGEST]
