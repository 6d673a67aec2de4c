"""Selects the rows that are about one customer, for exporting and erasing them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.accounts import merged_customers
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.example import Example
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from automations.models.tables.run import Run


@dataclass(frozen=True)
class CustomerRows:
    """The rows about one customer, as conditions on the ids of their tables."""

    customer_id: int
    store_id: int
    #: Their id, and those of the customers that were merged into them.
    ids: tuple[int, ...]
    #: Their occurrences, including those of orders that were once theirs.
    occurrence_ids: tuple[int, ...] = ()

    @classmethod
    def of(cls, session: Session, customer: Customer) -> CustomerRows:
        """Return the customer's rows as of now; lock the customer first if none may be added meanwhile."""
        rows = cls(customer.id, customer.store_id, tuple(merged_customers.ids_of(session, customer.id)))
        # Read once: it scans every snapshot of the store, and as a subquery Postgres repeated it for each
        # row.
        return replace(rows, occurrence_ids=tuple(session.scalars(rows._occurrences())))

    def records(self, subject: str, table: Any) -> sa.Select[int]:
        """Select the ids of the customer's orders or events."""
        return sa.select(table.id).where(table.customer_id == self.customer_id)

    def all_records(self, session: Session) -> dict[str, list[int]]:
        """Return the ids of the customer, their orders and their events, by subject."""
        owned: dict[str, Any] = {"order": Order, "event": Event}
        ids = {key: list(session.scalars(self.records(key, table))) for key, table in owned.items()}
        return {"customer": [self.customer_id], **ids}

    def about(self, table: Any) -> sa.ColumnElement[bool]:
        """Match the rows, in a table with `subject` and `record_id`, of the customer or of their records."""
        by_subject = {"order": Order, "event": Event}
        of_records = [
            sa.and_(table.subject == subject, table.record_id.in_(self.records(subject, model)))
            for subject, model in by_subject.items()
        ]
        return sa.or_(sa.and_(table.subject == "customer", table.record_id.in_(self.ids)), *of_records)

    def happened(self, column: sa.ColumnExpressionArgument[int]) -> sa.ColumnElement[bool]:
        """Match rows whose `column` is the id of one of their occurrences."""
        ids = list(self.occurrence_ids)
        # Inline, because databases limit the number of parameters.
        listed: sa.BindParameter[list[int]] = sa.bindparam(
            "occurrence_ids", ids, expanding=True, literal_execute=True, unique=True
        )
        return sa.type_coerce(column, sa.BigInteger).in_(listed)

    def runs(self, *which: sa.ColumnElement[bool]) -> sa.Select[int]:
        """Select the ids of the runs that their occurrences started; with `which`, only some of them."""
        evaluations = sa.select(Evaluation.id).where(self.happened(Evaluation.occurrence_id))
        return sa.select(Run.id).where(Run.evaluation_id.in_(evaluations), *which)

    def pinned(self) -> sa.ColumnElement[bool]:
        """Match the pinned examples about the customer, or about records that were once theirs."""
        of_store = Example.store_id == self.store_id
        return sa.and_(of_store, sa.or_(self.about(Example), self._once(Example.snapshot)))

    def _occurrences(self) -> sa.Select[int]:
        in_store = Occurrence.store_id == self.store_id
        theirs = sa.or_(self.about(Occurrence), self._once(Occurrence.snapshot))
        return sa.select(Occurrence.id).where(in_store, theirs)

    def _once(self, snapshot: Any) -> sa.ColumnElement[bool]:
        """Match records that were theirs: in the text of a snapshot a person begins with an id."""
        text = sa.type_coerce(snapshot, sa.Text)
        return sa.or_(*(text.contains(f'"customer":{{"id":{id},') for id in self.ids))
