"""How much goes along when a customer is merged into another."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from automations.models.tables.run import Message, Run
from automations.models.tables.segment import SegmentMember
from automations.models.tables.task import Task
from automations.web.kit.template_filters import counted


def moves(session: Session, customer: Customer) -> list[str]:
    """Return sentences' parts such as "12 orders" and "3 messages", without what there is none of."""
    about = (Occurrence.subject == "customer", Occurrence.record_id == customer.id)
    messages = sa.select(Message.id).join(Run, Run.id == Message.run_id).join(Run.evaluation)
    asked: list[tuple[str, str, sa.Select[Any]]] = [
        ("order", "orders", sa.select(Order.id).where(Order.customer_id == customer.id)),
        ("event", "events", sa.select(Event.id).where(Event.customer_id == customer.id)),
        ("entry of the log", "entries of the log", sa.select(Occurrence.id).where(*about)),
        ("message", "messages", messages.join(Evaluation.occurrence).where(*about)),
        (
            "task",
            "tasks",
            sa.select(Task.id).where(
                Task.store_id == customer.store_id, Task.subject == "customer", Task.record_id == customer.id
            ),
        ),
        ("segment", "segments", sa.select(SegmentMember.id).where(SegmentMember.customer_id == customer.id)),
    ]
    found = []
    for one, many, query in asked:
        count = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
        if count:
            found.append(f"{counted(count)} {one if count == 1 else many}")
    return found
