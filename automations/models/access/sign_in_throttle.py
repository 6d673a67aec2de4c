"""Throttling of sign-in: each wrong password makes the next try wait longer, but nobody is locked out."""

from __future__ import annotations

import datetime as dt
import math
import zlib

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.people import SignIn, SignInFailure, User

#: Failures count for this long.
WINDOW = dt.timedelta(hours=1)
LONGEST_WAIT = 60
#: Failures that cause no wait: for one account from one address, for one account from all addresses, and from
#: one address for all accounts. A whole shop may share an address.
FREE_HERE, FREE_ANYWHERE, FREE_ADDRESS = 3, 10, 20
#: Someone who signed in from an address lately does not wait there for failures from elsewhere.
KNOWN_FOR = dt.timedelta(days=30)
#: The clocks of two web servers may differ by this much.
SKEW = dt.timedelta(minutes=1)
KEPT = dt.timedelta(days=30)
LOCK_SPACE = 20_417


class SignInThrottled(Exception):
    """The try came too soon: `str(error)` is a sentence for the person, `seconds` the time to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"Too many tries. Wait {seconds} second{'' if seconds == 1 else 's'}, then try again."
        )
        self.seconds = seconds


def count_try(session: Session, email: str, address: str, now: dt.datetime) -> None:
    """Count one try as failed before the password is checked, inside write(). Raises TooSoon.

    Simultaneous tries are counted one after the other. A try that comes too soon is not counted.
    """
    _take_turns(session, email, address)
    same_address, same_email = SignInFailure.address == address, SignInFailure.email == email
    waits = [
        _wait(session, sa.and_(same_address, same_email), FREE_HERE, now),
        _wait(session, same_address, FREE_ADDRESS, now),
    ]
    if not _is_known(session, email, address, now):
        waits.append(_wait(session, same_email, FREE_ANYWHERE, now))
    if max(waits) > 0:
        raise SignInThrottled(math.ceil(max(waits)))
    session.execute(sa.delete(SignInFailure).where(SignInFailure.at < now - KEPT))
    session.add(SignInFailure(email=email, address=address, at=now))


def clear_failures(session: Session, email: str, address: str | None = None) -> None:
    """Delete the failures of someone who signed in, at this address or everywhere, inside write()."""
    which = [SignInFailure.email == email]
    if address is not None:
        which.append(SignInFailure.address == address)
    session.execute(sa.delete(SignInFailure).where(*which))


def wait_seconds(failures: int, free: int) -> int:
    """Return the seconds the next try waits: none for `free` failures, then 1, 2, 4 up to LONGEST_WAIT."""
    return 0 if failures < free else min(2 ** min(failures - free, 10), LONGEST_WAIT)


def _wait(session: Session, which: sa.ColumnElement[bool], free: int, now: dt.datetime) -> float:
    query = sa.select(sa.func.count(), sa.func.max(SignInFailure.at)).where(which)
    # A failure from before the clock was set back lies in the future, and would lock the person out.
    lately = sa.and_(SignInFailure.at > now - WINDOW, SignInFailure.at <= now + SKEW)
    count, last = session.execute(query.where(lately)).one()
    if not last:
        return 0
    return float(wait_seconds(count, free) - (now - last).total_seconds())


def _is_known(session: Session, email: str, address: str, now: dt.datetime) -> bool:
    query = sa.select(SignIn.id).join(User).where(User.email == email, SignIn.address == address)
    return session.scalar(query.where(SignIn.created_at > now - KNOWN_FOR).limit(1)) is not None


def _take_turns(session: Session, *names: str) -> None:
    """Serialize tries for the same names: on Postgres two at once would not see each other."""
    if session.get_bind().dialect.name == "postgresql":
        for number in sorted({zlib.crc32(name.encode()) & 0x7FFFFFFF for name in names}):
            session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK_SPACE, number)))
