"""The recent instants that were evaluated and did not fire, so that no scan evaluates them twice.

They have no row: what did not fire can be worked out. A scan looks at the last minute again and again, and a
condition that comes true within that minute is too late. Kept by each process for itself; after a restart the
last minute is evaluated once more.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.driver import connection_of

#: A record, and the instant at which it was due.
Pair = tuple[int, dt.datetime]

#: By database and listening span: when each pair was evaluated.
_seen: dict[tuple[sa.Engine, int], dict[Pair, dt.datetime]] = {}
_lock = threading.Lock()


def clear() -> None:
    """Forget everything."""
    with _lock:
        _seen.clear()


def remember(session: Session, listening_id: int, pairs: Iterable[Pair], now: dt.datetime) -> None:
    """Remember that these were evaluated at `now`."""
    with _lock:
        _seen.setdefault(_key(session, listening_id), {}).update(dict.fromkeys(pairs, now))


def remembered(session: Session, listening_id: int) -> set[Pair]:
    """Return the pairs of a span that were evaluated and are still looked at."""
    with _lock:
        return set(_seen.get(_key(session, listening_id), ()))


def forget(session: Session, listening_id: int, before: dt.datetime) -> None:
    """Forget those evaluated before an instant up to which the span is settled."""
    with _lock:
        key = _key(session, listening_id)
        kept = {pair: at for pair, at in _seen.pop(key, {}).items() if at >= before}
        if kept:
            _seen[key] = kept


def _key(session: Session, listening_id: int) -> tuple[sa.Engine, int]:
    return connection_of(session).engine, listening_id
