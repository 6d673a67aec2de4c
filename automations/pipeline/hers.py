"""Which rows are about one customer. Part of: erase, personal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.customer import Customer
from automations.models.event import Event
from automations.models.occurrence import Evaluation, Occurrence
from automations.models.order import Order
from automations.models.run import Run


@dataclass(frozen=True)
class Hers:
    """Which rows are about her, as conditions on the ids of their tables."""

    customer_id: int
    store_id: int
    #: Her part of the log, with what an order says that was hers once.
    occurrence_ids: tuple[int, ...] = ()

    @classmethod
    def of(cls, session: Session, customer: Customer) -> Hers:
        """What is hers now; lock her first where nothing may be added meanwhile."""
        hers = cls(customer.id, customer.store_id)
        # Once: it reads every snapshot of the store. Inside other questions Postgres did it for each row.
        return replace(hers, occurrence_ids=tuple(session.scalars(hers._occurrences())))

    def records(self, subject: str, table: Any) -> sa.Select[int]:
        """Ids of her orders or events."""
        return sa.select(table.id).where(table.customer_id == self.customer_id)

    def about(self, table: Any) -> sa.ColumnElement[bool]:
        """Of a table with `subject` and `record_id`: what belongs to her or to a record of hers."""
        by_subject = {"order": Order, "event": Event}
        hers = [
            sa.and_(table.subject == subject, table.record_id.in_(self.records(subject, model)))
            for subject, model in by_subject.items()
        ]
        return sa.or_(sa.and_(table.subject == "customer", table.record_id == self.customer_id), *hers)

    def happened(self, column: sa.ColumnExpressionArgument[int]) -> sa.ColumnElement[bool]:
        """Whether `column` is the id of an occurrence of hers."""
        ids = list(self.occurrence_ids)
        # As text of the statement: a database takes only so many parameters.
        listed: sa.BindParameter[list[int]] = sa.bindparam(
            "hers", ids, expanding=True, literal_execute=True, unique=True
        )
        return sa.type_coerce(column, sa.BigInteger).in_(listed)

    def runs(self) -> sa.Select[int]:
        """Ids of what was done because of her."""
        evaluations = sa.select(Evaluation.id).where(self.happened(Evaluation.occurrence_id))
        return sa.select(Run.id).where(Run.evaluation_id.in_(evaluations))

    def _occurrences(self) -> sa.Select[int]:
        # A snapshot is kept as text, and a person in it begins with her id.
        once = sa.type_coerce(Occurrence.snapshot, sa.Text).contains(f'"customer":{{"id":{self.customer_id},')
        mine = Occurrence.store_id == self.store_id
        return sa.select(Occurrence.id).where(mine, sa.or_(self.about(Occurrence), once))
