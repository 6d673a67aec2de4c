"""Numbers for records that arrive without one: O-1, O-2 … for the orders of a store."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from automations.models.db.base import Base, Key, PrimaryKey, with_autoincrement

#: Tills use plain digits; the letter keeps our numbers from colliding with theirs.
PREFIXES = {"order": "O-", "event": "E-", "customer": "C-"}


class Numbering(Base):
    """The last number given out in one store for one subject."""

    __tablename__ = "numbering"
    __table_args__ = with_autoincrement(sa.UniqueConstraint("store_id", "subject"))

    id: Mapped[PrimaryKey]
    store_id: Mapped[Key] = mapped_column(sa.ForeignKey("store.id"))
    subject: Mapped[str]
    last: Mapped[Key]


def next_numbers(session: Session, store_id: int, subject: str, count: int) -> list[str]:
    """Return `count` numbers that no record of this subject has, inside write().

    The row stays locked until the end of the transaction, so no other transaction gets the same numbers.
    """
    numbers: list[str] = []
    while len(numbers) < count:
        missing = count - len(numbers)
        last = _advance(session, store_id, subject, missing)
        candidates = [f"{PREFIXES[subject]}{number}" for number in range(last - missing + 1, last + 1)]
        taken = _taken(session, store_id, subject, candidates)
        numbers += [number for number in candidates if number not in taken]
    return numbers


def _advance(session: Session, store_id: int, subject: str, by: int) -> int:
    counter = sa.and_(Numbering.store_id == store_id, Numbering.subject == subject)
    update = sa.update(Numbering).where(counter).values(last=Numbering.last + by).returning(Numbering.last)
    last = session.execute(update).scalar()
    if last is None:
        last = _highest(session, store_id, subject) + by
        session.execute(sa.insert(Numbering).values(store_id=store_id, subject=subject, last=last))
    return last


def _highest(session: Session, store_id: int, subject: str) -> int:
    """Return the highest number in our form that came from elsewhere; read once per store and subject."""
    table, prefix = Base.metadata.tables[subject], PREFIXES[subject]
    ours = sa.select(table.c.number).where(table.c.store_id == store_id, table.c.number.startswith(prefix))
    tails = (number.removeprefix(prefix) for number in session.scalars(ours))
    return max(
        (int(tail) for tail in tails if tail.isascii() and tail.isdigit() and len(tail) < 16), default=0
    )


def _taken(session: Session, store_id: int, subject: str, numbers: list[str]) -> set[str]:
    table = Base.metadata.tables[subject]
    query = sa.select(table.c.number).where(table.c.store_id == store_id, table.c.number.in_(numbers))
    return set(session.scalars(query))
