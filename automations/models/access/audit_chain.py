"""Verify the audit: report rows that were altered, deleted, inserted or moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.access.audit import HEAD_ID, digest
from automations.models.tables.people import Audit, AuditHead

BATCH = 1000


def problems(session: Session, known: Mapping[int, str] | None = None) -> Iterator[str]:
    """Yield a sentence for each row that is not as it was written, and for each gap.

    `known` maps numbers to hashes that were noted down elsewhere: whoever can write to the database could
    rebuild the whole chain, but not change a hash on paper.
    """
    unchained = sa.select(Audit.id).where(sa.or_(Audit.number.is_(None), Audit.hash.is_(None)))
    for id in session.scalars(unchained.order_by(Audit.id)):
        yield f"Row {id} was put in from outside: it has no place in the chain."
    number, previous, last_id, unseen = 0, "", 0, dict(known or {})
    for row in _rows(session):
        if row["number"] > number + 1:
            yield _missing(number + 1, row["number"] - 1, f"before row {row['id']}")
        if row["id"] <= last_id:
            yield f"Row {row['id']} is in the wrong place: {_words(row)}."
        if digest(previous, row) != row["hash"]:
            yield f"Row {row['id']} (number {row['number']}) was altered or moved: {_words(row)}."
        if unseen.pop(row["number"], row["hash"]) != row["hash"]:
            yield f"Row {row['id']} (number {row['number']}) is not the one whose hash was noted down."
        number, previous, last_id = row["number"], row["hash"], row["id"]
    head = chain_head(session)
    if head.number > number:
        yield _missing(number + 1, head.number, "at the end")
    elif (head.number, head.hash) != (number, previous):
        yield f"The end of the chain is number {head.number}, and the last row is number {number}."
    for wanted in unseen:
        yield f"There is no row with the number {wanted}, whose hash was noted down."


def chain_head(session: Session) -> AuditHead:
    """Return the head of the chain, to be noted down where nobody who can write to the database can write."""
    return session.scalars(sa.select(AuditHead).where(AuditHead.id == HEAD_ID)).one()


def _rows(session: Session) -> Iterator[Any]:
    text_columns = [sa.type_coerce(getattr(Audit, name), sa.Text).label(name) for name in ("before", "after")]
    plain_columns = [
        Audit.id,
        Audit.number,
        Audit.hash,
        Audit.store_id,
        Audit.user_id,
        Audit.at,
        Audit.action,
        Audit.about,
    ]
    columns: list[Any] = [*plain_columns, *text_columns]
    ordered = sa.select(*columns).where(Audit.hash.is_not(None)).order_by(Audit.number).limit(BATCH)
    after = 0
    while batch := session.execute(ordered.where(Audit.number > after)).mappings().all():
        yield from batch
        after = batch[-1]["number"]


def _missing(first: int, last: int, where: str) -> str:
    which = f"number {first} is" if first == last else f"numbers {first} to {last} are"
    return f"The {which} missing {where}."


def _words(row: Mapping[str, Any]) -> str:
    return f"{row['action']}: {row['about']}, {row['at']:%d %b %Y %H:%M:%S}"
