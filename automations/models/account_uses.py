"""What belongs to an account, and which automations ask for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from automations.engine.subjects import SUBJECTS
from automations.models.automation import Automation
from automations.models.choice_uses import TABLES, automations_of
from automations.models.customer import Customer
from automations.models.event import Event
from automations.models.order import Order


def customers_of(session: Session, account_ids: Collection[int]) -> Mapping[int, int]:
    """How many customers buy through each account; one without any has no entry."""
    counted = sa.select(Customer.account_id, sa.func.count()).where(Customer.account_id.in_(account_ids))
    rows = session.execute(counted.group_by(Customer.account_id))
    return {id: count for id, count in rows if id is not None}


def newest_of(session: Session, account_id: int, limit: int) -> list[tuple[str, Order | Event]]:
    """(subject, record) of its latest orders, then of its latest events, at most `limit` of each."""
    found: list[tuple[str, Order | Event]] = []
    for subject, table in TABLES.items():
        mine = sa.select(table).where(table.account_id == account_id).order_by(table.id.desc())
        rows: Iterable[Any] = session.scalars(mine.options(selectinload(table.customer)).limit(limit))
        found += [(subject, row) for row in rows]
    return found


def asking_for(session: Session, store_id: int, account_id: int) -> list[Automation]:
    """The automations with a condition about this account, in the draft or in the live version."""
    key = str(account_id)
    return [
        one
        for one in automations_of(session, store_id)
        if _names(one.draft, key) or (one.active_version and _names(one.active_version.definition, key))
    ]


def _names(data: Any, key: str) -> bool:
    subject = SUBJECTS.get(data.get("subject") or "")
    fields = subject.fields if subject else {}
    return any(
        condition.get("value") == key and fields[condition["field"]].reference == "account"
        for condition in data.get("conditions") or ()
        if condition.get("field") in fields
    )
