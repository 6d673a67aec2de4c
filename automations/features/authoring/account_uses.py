"""What belongs to an account, and which automations have a condition about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from automations.engine.fields.subjects import SUBJECTS
from automations.features.authoring.choice_uses import TABLES, automations_of
from automations.models.tables.automation import Automation
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.order import Order


def customer_counts(session: Session, account_ids: Collection[int]) -> Mapping[int, int]:
    """Return the number of customers by account id; an account without customers has no entry."""
    query = sa.select(Customer.account_id, sa.func.count()).where(Customer.account_id.in_(account_ids))
    rows = session.execute(query.group_by(Customer.account_id))
    return {id: count for id, count in rows if id is not None}


def latest_records(session: Session, account_id: int, limit: int) -> list[tuple[str, Order | Event]]:
    """Return (subject, record) of the latest orders, then of the latest events, at most `limit` of each."""
    records: list[tuple[str, Order | Event]] = []
    for subject, table in TABLES.items():
        query = sa.select(table).where(table.account_id == account_id).order_by(table.id.desc())
        rows: Iterable[Any] = session.scalars(query.options(selectinload(table.customer)).limit(limit))
        records += [(subject, row) for row in rows]
    return records


def automations_using_account(session: Session, store_id: int, account_id: int) -> list[Automation]:
    """Return the automations with a condition about this account in their draft or live version."""
    key = str(account_id)
    return [
        automation
        for automation in automations_of(session, store_id)
        if _has_condition_on(automation.draft, key)
        or (automation.active_version and _has_condition_on(automation.active_version.definition, key))
    ]


def _has_condition_on(data: Any, key: str) -> bool:
    subject = SUBJECTS.get(data.get("subject") or "")
    fields = subject.fields if subject else {}
    return any(
        condition.get("value") == key and fields[condition["field"]].reference == "account"
        for condition in data.get("conditions") or ()
        if condition.get("field") in fields
    )
