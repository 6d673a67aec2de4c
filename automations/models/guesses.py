"""Wrong passwords make the next try wait: longer each time, never for long, so that nobody is locked out."""

from __future__ import annotations

import datetime as dt
import math
import zlib

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.people import SignIn, SignInFailure, User

#: Failures are counted within this time.
WINDOW = dt.timedelta(hours=1)
LONGEST_WAIT = 60
#: Failures without a wait: for one account from one address, for one account from everywhere, and from
#: one address for all accounts. A whole shop may share an address.
FREE_HERE, FREE_ANYWHERE, FREE_ADDRESS = 3, 10, 20
#: Somebody who came in from an address is not kept waiting there for what strangers do elsewhere.
KNOWN_FOR = dt.timedelta(days=30)
KEPT = dt.timedelta(days=30)
LOCK_SPACE = 20_417


class TooSoon(Exception):
    """`str(error)` is a sentence for the person; `seconds` how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"Too many tries. Wait {seconds} second{'' if seconds == 1 else 's'}, then try again."
        )
        self.seconds = seconds


def count_try(session: Session, email: str, address: str, now: dt.datetime) -> None:
    """Count one try as failed, inside write(), before the password is looked at. Raises TooSoon.

    Tries at the same moment are counted one after the other. A try that comes too soon is not counted.
    """
    _take_turns(session, email, address)
    here, same = SignInFailure.address == address, SignInFailure.email == email
    waits = [_wait(session, sa.and_(here, same), FREE_HERE, now), _wait(session, here, FREE_ADDRESS, now)]
    if not _is_known(session, email, address, now):
        waits.append(_wait(session, same, FREE_ANYWHERE, now))
    if max(waits) > 0:
        raise TooSoon(math.ceil(max(waits)))
    session.execute(sa.delete(SignInFailure).where(SignInFailure.at < now - KEPT))
    session.add(SignInFailure(email=email, address=address, at=now))


def forget(session: Session, email: str, address: str | None = None) -> None:
    """She is in: forget her failures, at this address or everywhere, inside write()."""
    which = [SignInFailure.email == email]
    if address is not None:
        which.append(SignInFailure.address == address)
    session.execute(sa.delete(SignInFailure).where(*which))


def seconds_after(failures: int, free: int) -> int:
    """How long the next try waits: nothing for the first `free`, then 1, 2, 4 seconds up to a minute."""
    return 0 if failures < free else min(2 ** min(failures - free, 10), LONGEST_WAIT)


def _wait(session: Session, which: sa.ColumnElement[bool], free: int, now: dt.datetime) -> float:
    counted = sa.select(sa.func.count(), sa.func.max(SignInFailure.at)).where(which)
    count, last = session.execute(counted.where(SignInFailure.at > now - WINDOW)).one()
    if not last:
        return 0
    return float(seconds_after(count, free) - (now - last).total_seconds())


def _is_known(session: Session, email: str, address: str, now: dt.datetime) -> bool:
    before = sa.select(SignIn.id).join(User).where(User.email == email, SignIn.address == address)
    return session.scalar(before.where(SignIn.created_at > now - KNOWN_FOR).limit(1)) is not None


def _take_turns(session: Session, *names: str) -> None:
    """On Postgres two tries at once would not see each other; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        for number in sorted({zlib.crc32(name.encode()) & 0x7FFFFFFF for name in names}):
            session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK_SPACE, number)))
