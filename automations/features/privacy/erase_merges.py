"""Takes what is kept of customers that were merged into one out of the database, when that one is erased."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.customer_merge import CustomerMerge


def merged_people(session: Session, customer_id: int) -> Iterator[Mapping[str, Any]]:
    """Yield the customers merged into this one, as far as they are kept, and what they had before."""
    for merged in session.scalars(sa.select(CustomerMerge).where(CustomerMerge.customer_id == customer_id)):
        kept = merged.kept or {}
        yield from (part for part in (kept.get("row"), kept.get("before"), kept.get("after")) if part)
        yield {"email": merged.merged_email, "phone": merged.merged_phone}


def erase(session: Session, customer_id: int) -> int:
    """Forget who was merged into a customer, inside write(); return how many rows that were."""
    rows = session.scalars(sa.select(CustomerMerge).where(CustomerMerge.customer_id == customer_id)).all()
    for merged in rows:
        merged.kept, merged.merged_email, merged.merged_phone = None, "", ""
    session.flush()
    return len(rows)


def forget_old(session: Session, before: Any) -> None:
    """Forget what an undo would need of merges older than this, inside write()."""
    old = sa.and_(CustomerMerge.merged_at < before, CustomerMerge.kept.is_not(None))
    session.execute(sa.update(CustomerMerge).where(old).values(kept=None))
